/** A spreadsheet to begin with, in the reader's language: headers that are known again, and two lines to write over. */
import { useText } from '../../texts/texts.ts'

export function useTreeTemplate(): () => void {
  const say = useText()
  return () => {
    const lines = [
      ['company', 'companyCode', 'store', 'storeCode', 'city'].map((field) =>
        say(`treeField.${field as 'company' | 'companyCode' | 'store' | 'storeCode' | 'city'}`),
      ),
      say('tree.templateOne').split('|'),
      say('tree.templateTwo').split('|'),
    ]
    // Excel takes a file without this mark for one in the machine's own code page.
    const content = `\ufeff${lines.map((line) => line.join(',')).join('\r\n')}\r\n`
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }))
    link.download = `${say('tree.templateName')}.csv`
    link.click()
    URL.revokeObjectURL(link.href)
  }
}
