/** Companies of the group with their stores; one by one by a form, or all of them by a spreadsheet. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { readTree } from '#modules/organisation/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { EditPlace, type Place } from './EditPlace.tsx'
import css from './Organisation.module.css'

type Tree = Output<typeof readTree>

export function Organisation() {
  const say = useText()
  const mayWrite = useMay('organisation.write')
  const tree = useQuery(reading(readTree, {}))
  const [editing, setEditing] = useState<Place | null>(null)
  if (tree.isError && !tree.data) return <Failure error={tree.error} onRetry={() => void tree.refetch()} />
  const edit = mayWrite ? setEditing : null
  const isEmpty = tree.data?.companies.length === 0 && tree.data.storesWithoutCompany.length === 0
  return (
    <div className={css.page}>
      <div className={css.lead}>
        <p>{say('org.why')}</p>
        {mayWrite && !isEmpty && (
          <div className={css.acts}>
            <Button onClick={() => setEditing({ kind: 'company', of: null })}>{say('org.addCompany')}</Button>
            <LinkButton to="/settings/tree" primary icon={<Icon name="table" size={15} />}>
              {say('org.fromFile')}
            </LinkButton>
          </div>
        )}
      </div>
      {!tree.data ? (
        [1, 2, 3, 4].map((row) => (
          <div key={row} className={css.row}>
            <Skeleton width="40%" />
          </div>
        ))
      ) : isEmpty ? (
        <Empty
          icon="home"
          title={say('org.noneTitle')}
          action={
            mayWrite && (
              <span className={css.acts}>
                <LinkButton to="/settings/tree" primary icon={<Icon name="table" size={15} />}>
                  {say('org.fromFile')}
                </LinkButton>
                <Button onClick={() => setEditing({ kind: 'company', of: null })}>{say('org.addCompany')}</Button>
              </span>
            )
          }
        >
          {say('org.none')}
        </Empty>
      ) : (
        <>
          <Homeless stores={tree.data.storesWithoutCompany} edit={edit} />
          {tree.data.companies.map((company) => (
            <Company key={company.code} company={company} edit={edit} />
          ))}
        </>
      )}
      {editing && tree.data && (
        <EditPlace place={editing} companies={tree.data.companies} onClose={() => setEditing(null)} />
      )}
    </div>
  )
}

type Edit = ((place: Place) => void) | null

function Company({ company, edit }: { company: Tree['companies'][number]; edit: Edit }) {
  const say = useText()
  const formats = useFormats()
  const { code, name, stores } = company
  return (
    <section aria-label={name}>
      <div className={css.head}>
        <h2 className="cut">
          {name} <small>{formats.number(stores.length)}</small>
        </h2>
        <code>{code}</code>
        {edit && (
          <span className={css.acts}>
            <Button
              size="small"
              type="text"
              icon={<Icon name="edit" size={14} />}
              aria-label={say('org.editOf', { name })}
              title={say('org.edit')}
              onClick={() => edit({ kind: 'company', of: { code, name } })}
            />
            <Button
              size="small"
              type="text"
              icon={<Icon name="plus" size={14} />}
              aria-label={say('org.addStoreTo', { name })}
              title={say('org.addStore')}
              onClick={() => edit({ kind: 'store', of: null, company: code })}
            />
          </span>
        )}
      </div>
      {stores.length === 0 ? (
        <p className={css.none}>{say('org.noStores')}</p>
      ) : (
        <ul>
          {stores.map((store) => (
            <li key={store.code} className={css.row}>
              <span className="cut">{store.name}</span>
              <span className={css.city}>{store.city}</span>
              <code>{store.code}</code>
              {edit && (
                <Button
                  size="small"
                  type="text"
                  icon={<Icon name="edit" size={14} />}
                  aria-label={say('org.editOf', { name: store.name })}
                  title={say('org.edit')}
                  onClick={() => edit({ kind: 'store', of: store, company: code })}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Stores that an import or a channel brought, before anybody said whose they are. */
function Homeless({ stores, edit }: { stores: Tree['storesWithoutCompany']; edit: Edit }) {
  const say = useText()
  const formats = useFormats()
  if (stores.length === 0) return null
  return (
    <section aria-label={say('org.noCompany')}>
      <div className={css.head}>
        <h2 className="cut">
          {say('org.noCompany')} <small>{formats.number(stores.length)}</small>
        </h2>
      </div>
      <ul>
        {stores.map((store) => (
          <li key={store.code} className={css.row} data-ask>
            <span className="cut">{store.name}</span>
            <span />
            <code>{store.code}</code>
            {edit && (
              <Button
                size="small"
                aria-label={`${say('org.place')} ${store.name}`}
                onClick={() => edit({ kind: 'store', of: { ...store, city: '' }, company: null })}
              >
                {say('org.place')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
