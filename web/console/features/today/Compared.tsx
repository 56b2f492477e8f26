/** The own part of the group beside the whole of it, for the last full week; nobody elsewhere can be told from it. */
import { useQuery } from '@tanstack/react-query'
import { readGroupTotals } from '#modules/desk/contract'
import { reading } from '#ui/queries.ts'
import { useFormats, useMaySee, useSession } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Compared.module.css'

export function Compared() {
  const say = useText()
  const formats = useFormats()
  const { wholeGroup } = useSession()
  // Whoever sees the whole group has it in the week's numbers.
  const isPart = wholeGroup !== 'all' && !wholeGroup.includes('totals.group')
  const maySee = useMaySee('totals.group') && isPart
  const { data } = useQuery({ ...reading(readGroupTotals, {}), staleTime: 300_000, enabled: maySee })
  if (!data) return null
  const money = (minor: number) => formats.money(Math.round(minor / 100) * 100, data.currency)
  const told = (group: number | string, write: (value: number) => string) =>
    typeof group === 'number' ? write(group) : say('compared.under')
  const lines = [
    { key: 'members', write: formats.number },
    { key: 'newMembers', write: formats.number },
    { key: 'buyers', write: formats.number },
    { key: 'orders', write: formats.number },
    { key: 'revenueMinor', write: money },
  ] as const
  return (
    <section className={css.compared}>
      <h2>
        {say('compared.title')} <small>{say('compared.week', { from: formats.date(data.from) })}</small>
      </h2>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{say('compared.own')}</th>
            <th scope="col">{say('compared.group')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, write }) => (
            <tr key={key}>
              <th scope="row">{say(`compared.${key}`)}</th>
              <td>{write(data[key].own)}</td>
              <td>{told(data[key].group, write)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{say('compared.why')}</p>
    </section>
  )
}
