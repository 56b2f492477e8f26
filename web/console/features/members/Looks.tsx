/** Who looked at what is hidden of this member, newest first. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { memberLooks } from '#modules/audit/contract'
import { reading } from '#ui/queries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { whoName } from '../../parts/who.ts'
import { useText } from '../../texts/texts.ts'
import css from './Looks.module.css'

const shown = 5

export function Looks({ memberId }: { memberId: string }) {
  const say = useText()
  const formats = useFormats()
  const mayAudit = useMay('audit.read')
  const looks = useQuery(reading(memberLooks, { memberId, limit: shown }))
  return (
    <section className={css.looks}>
      <h2>{say('looks.title')}</h2>
      <ProblemNote error={looks.error} />
      {looks.data?.looks.length === 0 && <p className={css.none}>{say('looks.none')}</p>}
      <ul>
        {looks.data?.looks.map(({ id, at, who, field, reason }) => (
          <li key={id}>
            <span>
              <b>{whoName(say, who)}</b> {field && fieldName(say, field)}
            </span>
            <small>
              <Dotted>
                {formats.ago(at)}
                {reason && <q>{reason}</q>}
              </Dotted>
            </small>
          </li>
        ))}
      </ul>
      {mayAudit && looks.data && looks.data.looks.length > 0 && (
        <Link to="/audit" search={{ member: memberId }}>
          {say('looks.all')}
        </Link>
      )}
    </section>
  )
}
