/** The membership card: points in front, the changing code behind. */
import { useEffect, useRef, useState } from 'react'
import { Mark } from '#ui/icons.tsx'
import { Qr } from '#ui/Qr.tsx'
import { Peaks, scenes, tierName } from '#ui/tiers.tsx'
import { useFormats, useLanguage, useText } from '../texts/texts.ts'
import { type Answer, ask } from './ask.ts'
import css from './Card.module.css'
import { Icon } from './Icon.tsx'
import { Masked } from './Masked.tsx'

/** In fours, as it is read aloud. */
export const inFours = (number: string) => number.replace(/(\d{4})(?=\d)/g, '$1 ')

export function Card({ me }: { me: Answer<'readMe'> }) {
  const say = useText()
  const formats = useFormats(me.group.timeZone)
  const [isTurned, turn] = useState(false)
  const front = useRef<HTMLButtonElement>(null)
  const behind = useRef<HTMLButtonElement>(null)
  const code = useCardCode(isTurned)
  const flip = (to: boolean) => {
    turn(to)
    // The button that was pressed goes out of sight, so the other takes its place for the keyboard.
    requestAnimationFrame(() => (to ? behind : front).current?.focus({ preventScroll: true }))
  }
  const language = useLanguage()
  const { names, landscape, until } = me.tier
  const brand = (
    <div className={css.brand}>
      <Mark size={24} />
      <span className="cut">{me.group.name}</span>
      <span className={css.rank} title={until ? say('tier.until', { date: formats.lastDay(until) }) : undefined}>
        <Peaks size={13} />
        <span className="spoken">{say('tier.name')}</span>
        <span className="cut">{tierName(names, language, me.group.languages)}</span>
      </span>
    </div>
  )
  return (
    <div className={css.card} data-landscape={landscape} data-turned={isTurned || undefined}>
      <div className={css.leaf}>
        <section className={`${css.face} ${css.front}`} inert={isTurned} aria-label={say('card.available')}>
          <img className={css.scene} src={scenes[landscape]} alt="" />
          <span className={css.scrim} />
          <div className={css.words}>
            {brand}
            <div className={css.label}>{say('card.available')}</div>
            <div className={css.points}>
              {formats.number(me.points.available)}
              {me.points.worthMinor !== null && me.points.worthMinor > 0 && (
                <small>{say('points.worth', { amount: formats.money(me.points.worthMinor, me.group.currency) })}</small>
              )}
            </div>
            <div className={css.who}>
              <b className="cut">{me.name ?? <Masked value={me.phone} />}</b>
              <small>
                <span className="spoken">{say('card.number')} </span>
                {inFours(me.number)}
              </small>
            </div>
          </div>
          <button
            ref={front}
            type="button"
            className={css.turn}
            aria-label={say('card.show')}
            onClick={() => flip(true)}
          >
            <Icon name="code" size={24} />
          </button>
        </section>
        <section className={`${css.face} ${css.behind}`} inert={!isTurned} aria-label={say('card.code')}>
          <div className={css.top}>
            <img className={css.scene} src={scenes[landscape]} alt="" />
            <span className={css.scrim} />
            <div className={css.words}>{brand}</div>
            <button
              ref={behind}
              type="button"
              className={css.unturn}
              aria-label={say('card.hide')}
              onClick={() => flip(false)}
            >
              <Icon name="close" size={20} />
            </button>
          </div>
          <div className={css.middle}>
            <div className={css.code}>
              {code.text && <Qr text={code.text} label={say('card.code')} />}
              {code.failed && (
                <p role="alert">
                  {say('card.failed')}
                  <br />
                  <button type="button" className={css.again} onClick={code.again}>
                    {say('failure.again')}
                  </button>
                </p>
              )}
            </div>
            <div className={css.number}>{inFours(me.number)}</div>
            <div className={css.tick}>
              <Ring share={code.secondsLeft / code.periodSeconds} />
              <span>{say('card.seconds', { seconds: Math.ceil(code.secondsLeft) })}</span>
            </div>
            <div className={css.how}>{say('card.how')}</div>
          </div>
        </section>
      </div>
    </div>
  )
}

/** While the card is turned: the present code, and the next one when its time is up. */
function useCardCode(isWanted: boolean) {
  const [card, setCard] = useState<{ text: string; until: number; periodSeconds: number } | null>(null)
  const [failed, setFailed] = useState(false)
  const [now, setNow] = useState(() => performance.now())
  const [asked, setAsked] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is a reason of its own
  useEffect(() => {
    if (!isWanted) return
    let isHere = true
    let next: ReturnType<typeof setTimeout>
    const read = () =>
      ask('readCard', {}).then(
        ({ code, secondsLeft, periodSeconds }) => {
          if (!isHere) return
          setFailed(false)
          setNow(performance.now())
          setCard({ text: code, until: performance.now() + secondsLeft * 1000, periodSeconds })
          next = setTimeout(read, secondsLeft * 1000 + 150)
        },
        () => {
          if (!isHere) return
          setCard(null)
          setFailed(true)
        },
      )
    read()
    const clock = setInterval(() => setNow(performance.now()), 1000)
    return () => {
      isHere = false
      clearTimeout(next)
      clearInterval(clock)
    }
  }, [isWanted, asked])
  return {
    text: card?.text ?? null,
    failed,
    secondsLeft: card ? Math.max(0, (card.until - now) / 1000) : 0,
    periodSeconds: card?.periodSeconds ?? 60,
    again: () => {
      setFailed(false)
      setAsked((times) => times + 1)
    },
  }
}

const around = 2 * Math.PI * 7

function Ring({ share }: { share: number }) {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" strokeWidth="2.5" aria-hidden="true">
      <circle cx="9" cy="9" r="7" stroke="#eadfcd" />
      <circle
        cx="9"
        cy="9"
        r="7"
        stroke="#bd4a22"
        strokeLinecap="round"
        strokeDasharray={`${share * around} ${around}`}
        transform="rotate(-90 9 9)"
      />
    </svg>
  )
}
