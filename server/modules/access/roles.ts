/** Roles: those that the program brings, changed by the group where it wants, and its own. */
import { sql } from 'kysely'
import type { Ctx, Permission } from '#platform/ctx'
import { actorName } from '#platform/events'
import { administratorStays, permissionUnknown, roleHeld, roleUnknown } from './errors.ts'
import { builtInRoles, permissionNames } from './permissions.ts'

export interface Role {
  code: string
  /** The group's own name for it; null for a built-in one, which the pages name in each language. */
  name: string | null
  builtIn: boolean
  permissions: readonly Permission[] | 'all'
  changedAt: Date | null
  holders: number
}

interface RoleRow {
  code: string
  name: string
  permissions: Permission[]
  changedAt: Date
}

async function ownRoles(ctx: Pick<Ctx, 'tx'>, codes?: readonly string[]): Promise<RoleRow[]> {
  const { rows } = await sql<RoleRow>`select code, name, permissions, changed_at as "changedAt" from access.roles
    ${codes ? sql`where code = any(${codes}::text[])` : sql``} order by code`.execute(ctx.tx)
  return rows
}

export async function listRoles(ctx: Ctx): Promise<Role[]> {
  const own = new Map((await ownRoles(ctx)).map((role) => [role.code, role]))
  const { rows } = await sql<{ role: string; holders: number }>`
    select role, count(distinct holder_id) as holders from access.grants where ended_at is null group by role`.execute(
    ctx.tx,
  )
  const holders = new Map(rows.map((row) => [row.role, row.holders]))
  return [...new Set([...Object.keys(builtInRoles), ...own.keys()])].map((code) => {
    const changed = own.get(code)
    return {
      code,
      name: changed?.name || null,
      builtIn: code in builtInRoles,
      permissions: changed?.permissions ?? builtInRoles[code]!,
      changedAt: changed?.changedAt ?? null,
      holders: holders.get(code) ?? 0,
    }
  })
}

/** Says what a role may do; of a built-in one this stands in the place of what the program brings. */
export async function putRole(
  ctx: Ctx,
  { code, name, permissions }: { code: string; name: string; permissions: readonly Permission[] },
): Promise<void> {
  if (code === 'administrator') throw administratorStays()
  const unknown = permissions.find((permission) => !(permissionNames as readonly string[]).includes(permission))
  if (unknown) throw permissionUnknown(unknown)
  await sql`insert into access.roles (code, name, permissions, changed_at, changed_by)
    values (${code}, ${name}, ${[...new Set(permissions)]}::text[], ${ctx.now}, ${actorName(ctx.actor)})
    on conflict (code) do update set name = excluded.name, permissions = excluded.permissions,
      changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(ctx.tx)
}

/** Drops a role of the group's own; a built-in one is again what the program brings. */
export async function dropRole(ctx: Ctx, code: string): Promise<void> {
  const role = (await listRoles(ctx)).find((one) => one.code === code)
  if (!role) throw roleUnknown(code)
  if (!role.builtIn && role.holders > 0) throw roleHeld(code, role.holders)
  await sql`delete from access.roles where code = ${code}`.execute(ctx.tx)
}

export async function roleHeldBy(ctx: Pick<Ctx, 'tx'>, code: string): Promise<readonly Permission[] | 'all' | null> {
  const [own] = await ownRoles(ctx, [code])
  return own?.permissions ?? builtInRoles[code] ?? null
}
