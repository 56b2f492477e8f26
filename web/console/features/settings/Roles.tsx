/** What each role permits, in sentences; the built-in ones as they came or in the group's own way, and the group's own. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { dropRole, listRoles, whoAmI } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { roleText } from '../../parts/roles.ts'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { EditRole } from './EditRole.tsx'
import css from './Roles.module.css'

type Known = Output<typeof listRoles>
export type Role = Known['roles'][number]
export type Permissions = Known['permissions']

export function Roles() {
  const say = useText()
  const mayChange = useMay('access.roles')
  const roles = useQuery(reading(listRoles, {}))
  const [editing, setEditing] = useState<Role | 'new' | null>(null)
  return (
    <div className={css.page}>
      <div className={css.top}>
        <p>{say('roles.why')}</p>
        {mayChange && (
          <Button icon={<Icon name="plus" size={15} />} onClick={() => setEditing('new')}>
            {say('roles.add')}
          </Button>
        )}
      </div>
      {roles.isError && !roles.data ? (
        <Failure error={roles.error} onRetry={() => void roles.refetch()} />
      ) : roles.isPending ? (
        [1, 2, 3, 4].map((row) => (
          <div key={row} className={css.role}>
            <Skeleton width="30%" height={20} />
          </div>
        ))
      ) : (
        roles.data.roles.map((role) => (
          <RoleRow
            key={role.code}
            role={role}
            permissions={roles.data.permissions}
            onEdit={mayChange ? () => setEditing(role) : null}
          />
        ))
      )}
      {editing && roles.data && (
        <EditRole
          role={editing === 'new' ? null : editing}
          permissions={roles.data.permissions}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  )
}

/** Permissions in the order of the program, by what they are about. */
export function byArea(permissions: Permissions): [area: string, of: Permissions][] {
  return [...Map.groupBy(permissions, ({ name }) => name.split('.')[0]!)]
}

function RoleRow({ role, permissions, onEdit }: { role: Role; permissions: Permissions; onEdit: (() => void) | null }) {
  const say = useText()
  const dropping = useAct(dropRole, { changes: [keyOf(listRoles), keyOf(whoAmI)] })
  const name = roleText(say, role)
  const changed = role.builtIn && role.changedAt !== null
  const held = role.permissions === 'all' ? [] : permissions.filter((one) => role.permissions.includes(one.name))
  return (
    <details className={css.role}>
      <summary>
        <Icon name="right" size={14} />
        <b>{name}</b>
        {!role.builtIn && <Chip tone="accent">{say('roles.own')}</Chip>}
        {changed && <Chip tone="amber">{say('roles.changed')}</Chip>}
        <small>{say('roles.holders', { count: role.holders })}</small>
      </summary>
      <div className={css.inside}>
        {role.permissions === 'all' ? (
          <p>{say('roles.all')}</p>
        ) : held.length === 0 ? (
          <p>{say('roles.nothing')}</p>
        ) : (
          <dl>
            {byArea(held).map(([area, of]) => (
              <div key={area}>
                <dt>{say.code('permissionArea', area) ?? area}</dt>
                <dd>
                  {of.map(({ name: permission, wants }) => (
                    <span key={permission}>
                      {say.code('permission', permission) ?? permission}
                      {wants === 'group' && <small>{say('roles.wholeGroup')}</small>}
                    </span>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        )}
        {onEdit && role.permissions !== 'all' && (
          <div className={css.acts}>
            <Button size="small" onClick={onEdit}>
              {say('roles.edit')}
            </Button>
            {changed && (
              <Popconfirm
                title={say('roles.resetTitle', { name })}
                description={role.holders > 0 ? say('roles.touches', { count: role.holders }) : undefined}
                okText={say('roles.reset')}
                onConfirm={() => dropping.mutate({ code: role.code })}
              >
                <Button size="small" loading={dropping.isPending}>
                  {say('roles.reset')}
                </Button>
              </Popconfirm>
            )}
            {!role.builtIn && (
              <Popconfirm
                title={say('roles.dropTitle', { name })}
                okText={say('roles.drop')}
                okButtonProps={{ danger: true }}
                disabled={role.holders > 0}
                onConfirm={() => dropping.mutate({ code: role.code })}
              >
                <Button
                  size="small"
                  loading={dropping.isPending}
                  disabled={role.holders > 0}
                  title={role.holders > 0 ? say('roles.heldStill', { count: role.holders }) : ''}
                >
                  {say('roles.drop')}
                </Button>
              </Popconfirm>
            )}
          </div>
        )}
        <ProblemNote error={dropping.error} />
      </div>
    </details>
  )
}
