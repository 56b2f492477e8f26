/**
 * From an empty program to the first member who signs in. The step at hand is open: what to do in one sentence, an
 * example, and the page where it is done; whether it is done the program says.
 */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { readOutbox } from '#modules/centre/contract'
import { dismissFirstSteps, readFirstSteps } from '#modules/desk/contract'
import { Icon } from '#ui/icons.tsx'
import { Qr } from '#ui/Qr.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { type FirstSteps as Guide, numberAtHand } from '../../parts/firstSteps.ts'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './FirstSteps.module.css'

type Step = Guide['steps'][number]['step']

export function FirstSteps({ guide }: { guide: Guide }) {
  const say = useText()
  const formats = useFormats()
  const atHand = numberAtHand(guide)
  const { group, companies, stores, members, signedIn } = guide.facts
  const factOf = (step: Step) =>
    ({
      group,
      tree: say('start.treeDone', { companies: formats.number(companies), stores: formats.number(stores) }),
      members: say('start.membersDone', { n: formats.number(members) }),
      rule: say('start.ruleDone'),
      member: say('start.memberDone', { n: formats.number(signedIn) }),
    })[step]
  const mayDismiss = useMay('settings.change')
  const dismissing = useAct(dismissFirstSteps, { changes: [keyOf(readFirstSteps)] })
  return (
    <section className={css.guide} aria-labelledby="first-steps">
      <header>
        <div>
          <h2 id="first-steps">{say('start.heading')}</h2>
          <p className={css.lead}>{say('start.lead')}</p>
        </div>
        {mayDismiss && !guide.done && !guide.dismissed && (
          <Button type="text" loading={dismissing.isPending} onClick={() => dismissing.mutate({ dismissed: true })}>
            {say('start.dismiss')}
          </Button>
        )}
      </header>
      <ProblemNote error={dismissing.error} />
      <ol>
        {guide.steps.map(({ step, done }, index) => {
          const now = index + 1 === atHand
          return (
            <li
              key={step}
              data-done={done || undefined}
              data-now={now || undefined}
              aria-current={now ? 'step' : undefined}
            >
              <i aria-hidden="true">{done ? <Icon name="check" size={14} /> : index + 1}</i>
              <div className={css.text}>
                <h3>
                  {say(`startStep.${step}`)}
                  {done && <span className="spoken">{say('start.isDone')}</span>}
                </h3>
                {done ? (
                  <p className={`cut ${css.what}`}>{factOf(step)}</p>
                ) : (
                  now && (
                    <>
                      <p className={css.what}>{say(`startWhat.${step}`)}</p>
                      <p className={css.example}>{say(`startExample.${step}`)}</p>
                    </>
                  )
                )}
              </div>
              <div className={css.act}>
                {done ? <Look step={step} guide={guide} /> : <Act step={step} primary={now} guide={guide} />}
              </div>
              {step === 'member' && now && <MemberCentre guide={guide} />}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

const pages = {
  group: { to: '/settings', search: { tab: 'group' } },
  tree: { to: '/settings/tree' },
  members: { to: '/imports/new' },
  rule: { to: '/points' },
} as const
const pagesAfter = {
  ...pages,
  tree: { to: '/settings', search: { tab: 'organisation' } },
  members: { to: '/members' },
} as const

function Act({ step, primary, guide }: { step: Step; primary: boolean; guide: Guide }) {
  const say = useText()
  if (step === 'member')
    return (
      <Button type={primary ? 'primary' : 'default'} href={guide.memberCentre.url} target="_blank" rel="noreferrer">
        {say('startAct.member')}
      </Button>
    )
  return (
    <LinkButton primary={primary} {...pages[step]}>
      {say(`startAct.${step}`)}
    </LinkButton>
  )
}

/** What is done stays within reach, and out of the way. */
function Look({ step, guide }: { step: Step; guide: Guide }) {
  const say = useText()
  const look = (
    <>
      {say('today.look')}
      <span className="spoken"> {say(`startStep.${step}`)}</span>
    </>
  )
  if (step === 'member')
    return (
      <Button size="small" href={guide.memberCentre.url} target="_blank" rel="noreferrer">
        {look}
      </Button>
    )
  return (
    <LinkButton size="small" {...pagesAfter[step]}>
      {look}
    </LinkButton>
  )
}

/** Names by which a machine calls itself; a phone that scans them finds itself. */
const ofThisMachine = /^(localhost|127\.|\[::1\]|0\.0\.0\.0)/

function MemberCentre({ guide: { memberCentre } }: { guide: Guide }) {
  const say = useText()
  const { url, sandbox, canSend } = memberCentre
  const { host } = new URL(url)
  return (
    <div className={css.centre}>
      <span className={css.code}>
        <Qr text={url} label={say('start.qr')} size={132} />
      </span>
      <div>
        <code className={css.address}>{url}</code>
        {ofThisMachine.test(host) && (
          <p className={css.what}>{say('start.localhost', { host, name: 'ROUNDTRIP_URL' })}</p>
        )}
        {sandbox ? (
          <SandboxCodes />
        ) : canSend ? null : (
          <p className={css.warning}>{say('start.cannotSend', { name: 'ROUNDTRIP_SMS' })}</p>
        )}
      </div>
    </div>
  )
}

const messagesShown = 3

function SandboxCodes() {
  const say = useText()
  const formats = useFormats()
  const outbox = useQuery({ ...reading(readOutbox, { limit: messagesShown }), refetchInterval: 3_000 })
  return (
    <>
      <p className={css.what}>{say('start.sandbox', { name: 'ROUNDTRIP_SMS' })}</p>
      <ul className={css.codes} aria-live="polite" aria-label={say('start.newest')}>
        {outbox.data?.messages.length === 0 && <li>{say('start.noCode')}</li>}
        {outbox.data?.messages.map(({ id, phone, text, sentAt }) => (
          <li key={id}>
            <span>{text}</span>
            <small>
              {phone} {formats.ago(sentAt)}
            </small>
          </li>
        ))}
      </ul>
      <ProblemNote error={outbox.error} />
    </>
  )
}
