/** Where it is worst: by channel and store, by company, or by who serves the members. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { breakdowns, readBreakdown, wantedFields } from '#modules/quality/contract'
import { reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useDictionary } from '../../parts/useDictionary.ts'
import { useText } from '../../texts/texts.ts'
import css from './Quality.module.css'
import { Behind, type QualityAddress } from './Quality.tsx'

const route = getRouteApi('/frame/members/quality')
/** Below this share it is worth a look. */
const lowShare = 0.6

export function Breakdown({
  address,
  place,
}: {
  address: QualityAddress
  place: { company?: string; channel?: string; staff?: string }
}) {
  const say = useText()
  const formats = useFormats()
  const { fieldText } = useDictionary()
  const navigate = route.useNavigate()
  const by = breakdowns.find((one) => one === address.by) ?? 'channel'
  const rows = useQuery(reading(readBreakdown, { ...place, by }))
  return (
    <section aria-label={say('quality.where')} className={css.whole}>
      <h2>{say('quality.where')}</h2>
      <fieldset className={css.by}>
        <legend className="spoken">{say('quality.where')}</legend>
        {breakdowns.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === by}
            onClick={() => void navigate({ search: { ...address, by: one }, replace: true })}
          >
            {say(`qualityBy.${one}`)}
          </button>
        ))}
      </fieldset>
      {rows.isError && !rows.data ? (
        <Failure error={rows.error} onRetry={() => void rows.refetch()} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        <section className={css.scroll} tabIndex={0} aria-label={say('quality.where')}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{say(`qualityBy.${by}`)}</th>
                <th scope="col">{say('quality.members')}</th>
                {wantedFields.map((field) => (
                  <th key={field} scope="col">
                    {fieldText(field)}
                  </th>
                ))}
                <th scope="col">{say('quality.toMend')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.isPending &&
                [1, 2, 3].map((row) => (
                  <tr key={row}>
                    <td colSpan={wantedFields.length + 3}>
                      <Skeleton width="70%" />
                    </td>
                  </tr>
                ))}
              {rows.data?.rows.map(({ key, name, members, filled, withAny }) => {
                const there: QualityAddress = { [by]: key }
                return (
                  <tr key={key}>
                    <th scope="row">
                      <Link to="/members/quality" search={there}>
                        {name}
                      </Link>
                    </th>
                    <td>{formats.number(members)}</td>
                    {wantedFields.map((field) => {
                      const share = members > 0 ? (filled[field] ?? 0) / members : 1
                      return (
                        <td key={field} className={share < lowShare ? css.low : undefined}>
                          {formats.percent(Math.floor(share * 100) / 100)}
                        </td>
                      )
                    })}
                    <td>
                      <Behind
                        address={there}
                        finding="any"
                        count={withAny}
                        label={say('quality.openToMendOf', { name, n: withAny })}
                      />
                    </td>
                  </tr>
                )
              })}
              {rows.data?.rows.length === 0 && (
                <tr>
                  <td colSpan={wantedFields.length + 3} className={css.none}>
                    {say('quality.nobodyThere')}
                  </td>
                </tr>
              )}
            </tbody>
          </table>
        </section>
      )}
    </section>
  )
}
