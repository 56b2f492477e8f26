/** Commands about who may come in: keys, links, staff. */
import {
  addKey,
  addSignInLink,
  endKey,
  endSecondFactorOf,
  endSessionsOf,
  inviteStaff,
  listKeys,
  listStaff,
  putStaff,
  staffLeaves,
} from '#modules/access/contract'
import { newId } from '#platform/ids'
import { type Command, type Given, text, UsageError } from './command.ts'
import { withProgram } from './commands.ts'

/** Where a role holds: the group unless a company or a store is named. */
function placeOf({ company, store }: Given['options']) {
  const [companyCode, storeCode] = [text(company), text(store)]
  if (companyCode && storeCode) throw new UsageError('Say --company or --store, not both')
  if (companyCode) return { kind: 'company' as const, code: companyCode }
  if (storeCode) return { kind: 'store' as const, code: storeCode }
  return { kind: 'group' as const }
}

function expiryOf(day: string | undefined): string | null {
  if (day === undefined) return null
  const at = new Date(day)
  if (Number.isNaN(at.getTime())) throw new UsageError('--expires should be a day like 2027-01-31')
  return at.toISOString()
}

function roleOf({ role }: Given['options']): string {
  const code = text(role)
  if (!code) throw new UsageError('--role is missing: administrator, marketer, store-manager, auditor …')
  return code
}

const placeOptions = { role: { type: 'string' }, company: { type: 'string' }, store: { type: 'string' } } as const
const rolesIn = (roles: readonly { role: string; place: { code: string | null } }[]) =>
  roles.map(({ role, place }) => [role, place.code].filter(Boolean).join(' ')).join(', ')

export const accessCommands: Command[] = [
  {
    name: 'key add',
    usage: 'key add --role ROLE [--company CODE | --store CODE] [--expires DAY] [--name NAME] [--json]',
    about: 'Make an API key with a role over the group, a company or a store',
    options: { ...placeOptions, expires: { type: 'string' }, name: { type: 'string' } },
    run: async (config, given) => {
      const name = text(given.options.name)
      const wanted = {
        role: roleOf(given.options),
        place: placeOf(given.options),
        expiresAt: expiryOf(text(given.options.expires)),
        ...(name ? { name } : {}),
      }
      await withProgram(
        config,
        given,
        (program) => program.call(addKey, wanted),
        ({ id, key }) => [`Key ${id}, shown this once:`, key],
      )
      return 0
    },
  },
  {
    name: 'key list',
    usage: 'key list [--json]',
    about: 'List API keys without their secrets',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(listKeys, {}),
        ({ keys }) =>
          keys.map(
            ({ id, name, roles, lastUsedAt }) =>
              `${id}  ${rolesIn(roles)}  ${name}  last used ${lastUsedAt ?? 'never'}`,
          ),
      )
      return 0
    },
  },
  {
    name: 'key end',
    usage: 'key end ID [--json]',
    about: 'End an API key',
    arguments: [1, 1],
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(endKey, { keyId: given.words[0]! }),
        () => ['Ended.'],
      )
      return 0
    },
  },
  {
    name: 'link',
    usage: 'link [--json]',
    about: 'Make a one-time sign-in link of the administrator',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(addSignInLink, {}),
        ({ url }) => [url],
      )
      return 0
    },
  },
  {
    name: 'staff add',
    usage: 'staff add LOGIN --name NAME --role ROLE [--company CODE | --store CODE] [--json]',
    about: 'Add a member of staff with a first role, and make the link that signs them in',
    arguments: [1, 1],
    options: { ...placeOptions, name: { type: 'string' } },
    run: async (config, given) => {
      const login = given.words[0]!
      const added = { staffId: newId(), login, name: text(given.options.name) ?? login, role: roleOf(given.options) }
      await withProgram(
        config,
        given,
        async (program) => {
          const { id } = await program.call(putStaff, { ...added, place: placeOf(given.options) })
          return { id, ...(await program.call(inviteStaff, { staffId: id })) }
        },
        ({ id, url }) => [`Added ${login} (${id}). The link signs them in once, within a day:`, url],
      )
      return 0
    },
  },
  {
    name: 'staff list',
    usage: 'staff list [--json]',
    about: 'List staff with what they hold',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(listStaff, {}),
        ({ staff }) =>
          staff.map(
            ({ id, login, name, leftAt, roles }) => `${id}  ${login}  ${name}  ${leftAt ? 'left' : rolesIn(roles)}`,
          ),
      )
      return 0
    },
  },
  {
    name: 'staff sign-out',
    usage: 'staff sign-out ID [--json]',
    about: 'End all sessions and unused links of a member of staff',
    arguments: [1, 1],
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(endSessionsOf, { staffId: given.words[0]! }),
        ({ ended }) => [`${ended} sessions have ended.`],
      )
      return 0
    },
  },
  {
    name: 'staff factor-off',
    usage: 'staff factor-off ID [--json]',
    about: 'Take the second factor of somebody away who has lost it',
    arguments: [1, 1],
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(endSecondFactorOf, { staffId: given.words[0]! }),
        () => ['Password or link alone sign them in again.'],
      )
      return 0
    },
  },
  {
    name: 'staff leave',
    usage: 'staff leave ID [--successor ID] [--json]',
    about: 'End all rights of somebody who leaves, and hand whom they serve to a colleague',
    arguments: [1, 1],
    options: { successor: { type: 'string' } },
    run: async (config, given) => {
      const successorId = text(given.options.successor) ?? null
      await withProgram(
        config,
        given,
        (program) => program.call(staffLeaves, { staffId: given.words[0]!, successorId }),
        () => ['All rights have ended.'],
      )
      return 0
    },
  },
]
