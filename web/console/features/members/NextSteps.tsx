/** What to do next about this member: pairs that a person has to decide, points that lapse soon. */
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { Icon } from '#ui/icons.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { useFormats, useMaySee } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import type { MemberPageData } from './MemberPage.tsx'
import css from './NextSteps.module.css'

const soonDays = 30

export function NextSteps({ page, onJoin }: { page: MemberPageData; onJoin: ((otherId: string) => void) | null }) {
  const say = useText()
  const formats = useFormats()
  const { reviews } = page.person
  const expiry = page.points?.nextExpiry
  const lapsesSoon = expiry && new Date(expiry.at).getTime() - Date.now() < soonDays * 86_400_000 ? expiry : null
  const mayDecide = useMaySee('members.join')
  return (
    <div className={css.steps}>
      <h2>
        {say('member.next')} <small>{formats.number(reviews.length + (lapsesSoon ? 1 : 0))}</small>
      </h2>
      {reviews.map(({ memberId, name, kind, reason }) => (
        <section key={`${memberId} ${kind}`} className={css.step}>
          <h3>
            <Icon name="alert" size={15} className={css.ask} />
            <span>{say('review.title', { name: name ?? say('members.unnamed') })}</span>
          </h3>
          <p>
            {say.code('evidence', kind.split('@')[0] ?? kind) ?? kind}
            {say('comma')}
            {say.code('review', reason) ?? reason}
          </p>
          <div className={css.acts}>
            {mayDecide && (
              <LinkButton size="small" to="/members/reviews" search={{ member: page.person.id }}>
                {say('review.compare')}
              </LinkButton>
            )}
            {onJoin && (
              <Button size="small" type="text" onClick={() => onJoin(memberId)}>
                {say('review.decide')}
              </Button>
            )}
            <Link to="/members/$memberId" params={{ memberId }}>
              {say('review.see')}
            </Link>
          </div>
        </section>
      ))}
      {lapsesSoon && (
        <section className={css.step}>
          <h3>
            <Icon name="points" size={15} />
            <span>{say('points.lapse', { n: lapsesSoon.amount })}</span>
          </h3>
          <p>{say('points.goodUntil', { at: formats.lastDay(lapsesSoon.at) })}</p>
        </section>
      )}
      {reviews.length === 0 && !lapsesSoon && <p className={css.none}>{say('member.nothingNext')}</p>}
    </div>
  )
}
