/** Who the person is, from all records: name, points, and how to reach them, masked until somebody says why. */
import { type CSSProperties, type ReactNode, useState } from 'react'
import { Peaks, scenes, tierName } from '#ui/tiers.tsx'
import { Avatar } from '../../parts/Avatar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Identity.module.css'
import type { MemberPageData } from './MemberPage.tsx'
import { Secret } from './Secret.tsx'
import { Tier } from './Tier.tsx'

export function Identity({ memberId, page: { person, points, tier } }: { memberId: string; page: MemberPageData }) {
  const say = useText()
  const formats = useFormats()
  const mayReveal = useMay('members.reveal')
  const language = useLanguage()
  const { currency, languages } = useSession().group
  const [isChoosing, choose] = useState(false)
  const name = tier ? tierName(tier.names, language, languages) : ''
  const age = person.birthDate ? ageOf(person.birthDate) : null
  return (
    <>
      <div className={css.who}>
        <Avatar name={person.name} of={person.id} size={44} />
        <div>
          <div className={css.name}>
            <h2>{person.name ?? say('members.unnamed')}</h2>
            {tier && (
              <button
                type="button"
                className={css.tier}
                style={{ color: `var(--tier-${tier.landscape}-ink)` }}
                onClick={() => choose(true)}
                aria-label={say('tier.open', { name })}
              >
                <Peaks landscape={tier.landscape} size={13} />
                <span className="cut">{name}</span>
              </button>
            )}
          </div>
          <p>
            <Dotted>
              {person.gender && (say.code('gender', person.gender) ?? person.gender)}
              {age !== null && say('member.age', { count: age })}
              {person.city}
            </Dotted>
          </p>
        </div>
      </div>

      {points && tier && (
        <div className={css.points} style={{ '--scrim': `var(--scrim-${tier.landscape})` } as CSSProperties}>
          <img src={scenes[tier.landscape]} alt="" />
          <div className={css.lots}>
            <small>{say('points.available')}</small>
            {tier.until && <small>{say('tier.until', { name, at: formats.lastDay(tier.until) })}</small>}
          </div>
          <b>
            {formats.number(points.available)}
            {points.worthMinor !== null && points.worthMinor > 0 && (
              <small>{say('points.worth', { amount: formats.money(points.worthMinor, currency) })}</small>
            )}
          </b>
          <div className={css.lots}>
            {points.pending > 0 && <small>{say('points.pending', { n: points.pending })}</small>}
            {points.deficit > 0 && <small>{say('points.deficit', { n: points.deficit })}</small>}
            {points.nextExpiry && (
              <small>
                {say('points.nextExpiry', { n: points.nextExpiry.amount, at: formats.lastDay(points.nextExpiry.at) })}
              </small>
            )}
          </div>
        </div>
      )}

      <dl className={css.facts}>
        {person.contacts.map((contact) => (
          <Fact key={`${contact.recordId} ${contact.field} ${contact.value}`} name={fieldName(say, contact.field)}>
            {contact.kind.startsWith('document@') && say.code('documentType', contact.kind.slice(9))}
            <Secret
              memberId={memberId}
              recordId={contact.recordId}
              field={contact.field}
              masked={contact.value}
              closed={!mayReveal}
            />
            {contact.shared && (
              <span title={say('member.sharedWhy')}>
                <Chip tone="amber">{say('member.shared')}</Chip>
              </span>
            )}
          </Fact>
        ))}
        {person.birthDate && <Fact name={fieldName(say, 'birthDate')}>{formats.calendarDate(person.birthDate)}</Fact>}
        {person.otherNames.length > 0 && (
          <Fact name={say('member.otherNames')}>
            <Dotted>{person.otherNames}</Dotted>
          </Fact>
        )}
        <Fact name={say('members.since')}>{formats.date(person.since)}</Fact>
      </dl>
      {isChoosing && <Tier memberId={memberId} onClose={() => choose(false)} />}
    </>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

export function ageOf(birthDate: string): number {
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number)
  const now = new Date()
  const hadBirthday = now.getMonth() + 1 > month || (now.getMonth() + 1 === month && now.getDate() >= day)
  return now.getFullYear() - year - (hadBirthday ? 0 : 1)
}
