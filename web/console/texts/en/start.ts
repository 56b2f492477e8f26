import type { English } from '../forms.ts'
import type { start as zh } from '../zh/start.ts'

export const start: English<typeof zh> = {
  'start.title': 'Getting started',
  'start.heading': 'Five steps to your first member',
  'start.lead': 'About ten minutes. The program sees by itself when a step is done.',
  'start.dismiss': 'Put away',
  'start.takeUp': 'Show on Today',
  'start.stepOf': 'Step {{n}} of {{of}}',
  'start.back': 'Back to the guide',
  'start.isDone': ', done',
  'start.doneTitle': 'All set',
  'start.done': 'The first member has signed in. From now on each day begins with Today.',
  'start.toToday': 'Go to Today',
  'startStep.group': 'Name the group',
  'startStep.tree': 'Bring in companies and stores',
  'startStep.members': 'Import the first file of members',
  'startStep.rule': 'Decide how points are earned',
  'startStep.member': 'Let the first member sign in',
  'startWhat.group':
    'Members see this name in messages and on their card; time zone and currency are on the same page.',
  'startWhat.tree': 'Drop a spreadsheet of companies, stores and cities; see what it would change, then write it.',
  'startWhat.members':
    'Say which store the list comes from and drop it; columns are matched for you, and the import can be undone as a whole.',
  'startWhat.rule':
    'One rule is ready: 1 point for each 1.00 paid, good for 24 months. Change it, or save it as it is.',
  'startWhat.member':
    'Scan the code with a phone and sign in with the code from a message. Customers in your stores join the same way.',
  'startExample.group': 'For example: Cloud Ridge Travel Group, Shanghai time, CNY',
  'startExample.tree': 'A line, for example: Chengdu Company, Chunxi Road, Chengdu',
  'startExample.members': 'A line, for example: Lin Wanqing, 13800000000, 1992-03-08',
  'startExample.rule': 'For example: 1 point for each 10.00 paid, good for 12 months',
  'startExample.member': 'Try it with your own phone first',
  'startAct.group': 'Enter the name',
  'startAct.tree': 'Open',
  'startAct.members': 'Import',
  'startAct.rule': 'See the rules',
  'startAct.member': 'Open here',
  'start.treeDone': 'Companies: {{companies}}, stores: {{stores}}',
  'start.membersDone': 'Members: {{n}}',
  'start.ruleDone': 'The rule is saved',
  'start.memberDone': 'Members who have signed in: {{n}}',
  'start.qr': 'QR code of the member centre',
  'start.localhost':
    'Only this machine can open {{host}}. For phones, set {{name}} to an address that they can open, and start again.',
  'start.sandbox': 'There is no SMS provider yet ({{name}}): codes go to no phone, they appear here:',
  'start.noCode': 'No code yet. It appears when a phone is entered in the member centre.',
  'start.cannotSend':
    'No codes can be sent: there is no SMS provider, and the sandbox is off. Set {{name}} and start again.',
  'start.newest': 'Newest messages with codes',
}
