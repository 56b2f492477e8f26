/** Signing in and joining are one way: a phone, the code that it gets, and a second fact where the number is in doubt. */
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { Mark } from '#ui/icons.tsx'
import { languageNames } from '#ui/languages.ts'
import { type Answer, type Asked, ask, useAnswer } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { Field } from '../parts/Field.tsx'
import { Note } from '../parts/Note.tsx'
import { Bones, Failed } from '../parts/State.tsx'
import tall from '../scenes/dali-tall.svg?url'
import wide from '../scenes/dali-wide.svg?url'
import { offer, speak, useLanguage, useProblem, useText } from '../texts/texts.ts'
import css from './SignIn.module.css'

type Step =
  | { name: 'phone' }
  | { name: 'code' }
  | { name: 'fact'; asks: Extract<Answer<'signIn'>, { outcome: 'second_fact' }>['asks']; wrong: boolean }

export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const say = useText()
  const language = useLanguage()
  const problem = useProblem()
  const { data: start, error, again } = useAnswer('readStart', {})
  const [step, setStep] = useState<Step>({ name: 'phone' })
  const [phone, setPhone] = useState('')
  const [code, setCode] = useState('')
  const [fact, setFact] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const [wait, setWait] = useState(0)
  useEffect(() => {
    if (wait <= 0) return
    const later = setTimeout(() => setWait(wait - 1), 1000)
    return () => clearTimeout(later)
  }, [wait])
  useEffect(() => {
    if (start) offer(start.languages, null)
  }, [start])
  useEffect(() => {
    document.title = [say('signIn.title'), start?.group].filter(Boolean).join(' · ')
  })

  const act = async (what: () => Promise<void>) => {
    setBusy(true)
    setFailed(null)
    try {
      await what()
    } catch (error) {
      setFailed(error)
    } finally {
      setBusy(false)
    }
  }
  const send = () =>
    act(async () => {
      const { againSeconds } = await ask('askCode', { phone, language })
      setWait(againSeconds)
      setCode('')
      setStep({ name: 'code' })
    })
  const enter = (more: Partial<Asked<'signIn'>> = {}, typed = code) =>
    act(async () => {
      const answer = await ask('signIn', { phone, code: typed, language, ...more })
      if (answer.outcome === 'signed_in') onSignedIn()
      else setStep({ name: 'fact', asks: answer.asks, wrong: answer.wrong })
    })
  const submit = (what: () => unknown) => (event: FormEvent) => {
    event.preventDefault()
    what()
  }
  const changeNumber = () => {
    setStep({ name: 'phone' })
    setFailed(null)
    setFact('')
  }

  let form: ReactNode
  if (error && !start) form = <Failed error={error} again={again} />
  else if (start && !start.canSend) form = <Note tone="plain">{say('signIn.cannot')}</Note>
  else if (step.name === 'phone')
    form = (
      <form onSubmit={submit(send)}>
        <Field
          label={say('signIn.phone')}
          type="tel"
          inputMode="tel"
          autoComplete="tel"
          before={start?.country === 'CN' && !phone.trim().startsWith('+') ? '+86' : null}
          required
          maxLength={40}
          value={phone}
          onChange={({ target }) => setPhone(target.value)}
        />
        {failed !== null && <Note>{problem(failed)}</Note>}
        <div className={css.go}>
          <Button type="submit" busy={isBusy} disabled={phone.trim().length < 5}>
            {say('signIn.ask')}
          </Button>
        </div>
      </form>
    )
  else if (step.name === 'code')
    form = (
      <form onSubmit={submit(() => enter())}>
        <p className={css.lead} role="status">
          {say('signIn.sent', { phone })}
        </p>
        <Field
          label={say('signIn.code')}
          isCode
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]*"
          maxLength={6}
          autoFocus
          value={code}
          onChange={({ target }) => {
            const digits = target.value.replace(/\D/g, '')
            setCode(digits)
            if (digits.length === 6 && !isBusy) enter({}, digits)
          }}
        />
        {start?.sandbox && (
          <Note tone="plain">
            {say('signIn.sandbox')}{' '}
            <a href="/api/sandbox/sms?limit=3" target="_blank" rel="noreferrer">
              {say('signIn.outbox')}
            </a>
          </Note>
        )}
        {failed !== null && <Note>{problem(failed)}</Note>}
        <div className={css.go}>
          <Button type="submit" busy={isBusy} disabled={code.length !== 6}>
            {say('signIn.enter')}
          </Button>
        </div>
        <div className={css.aside}>
          <Button look="plain" onClick={changeNumber}>
            {say('signIn.change')}
          </Button>
          <Button look="plain" disabled={wait > 0 || isBusy} onClick={send}>
            {wait > 0 ? say('signIn.againIn', { seconds: wait }) : say('signIn.again')}
          </Button>
        </div>
      </form>
    )
  else
    form = (
      <form onSubmit={submit(() => enter({ fact: fact.trim() }))}>
        <p className={css.lead}>{say('signIn.factLead')}</p>
        <Field
          label={say(`signIn.fact.${step.asks}`)}
          type={step.asks === 'birthDate' ? 'date' : 'text'}
          autoComplete={step.asks === 'birthDate' ? 'bday' : 'off'}
          required
          maxLength={step.asks === 'document' ? 4 : 60}
          value={fact}
          onChange={({ target }) => setFact(target.value)}
        />
        {failed !== null ? <Note>{problem(failed)}</Note> : step.wrong && <Note>{say('signIn.wrongFact')}</Note>}
        <div className={css.go}>
          <Button type="submit" busy={isBusy} disabled={fact.trim() === ''}>
            {say('signIn.confirm')}
          </Button>
        </div>
        <div className={css.aside}>
          <Button look="plain" busy={isBusy} onClick={() => enter({ startNew: true })}>
            {say('signIn.startNew')}
          </Button>
          <Button look="plain" onClick={changeNumber}>
            {say('signIn.change')}
          </Button>
        </div>
      </form>
    )

  return (
    <main className={css.page}>
      <picture style={{ display: 'contents' }}>
        <source media="(min-width: 900px)" srcSet={wide} />
        <img className={css.scene} src={tall} alt="" />
      </picture>
      <div className={css.sheet}>
        <div className={css.brand}>
          <Mark size={28} />
          <span>{start?.group ?? '\u00a0'}</span>
        </div>
        {/* In which language the group speaks comes with the first answer; until then nothing is said in another. */}
        {start || error ? (
          <>
            <h1>{say(step.name === 'fact' ? 'signIn.factTitle' : 'signIn.title')}</h1>
            {step.name === 'phone' && <p className={css.lead}>{say('signIn.lead')}</p>}
            {form}
          </>
        ) : (
          <Bones heights={[32, 48, 84]} />
        )}
        {start && start.languages.length > 1 && (
          <fieldset className={css.languages} style={{ border: 0, padding: 0 }} aria-label={say('settings.language')}>
            {start.languages.map((one) => (
              <button
                key={one}
                type="button"
                lang={one}
                aria-pressed={one === language}
                onClick={() => speak(one, { keep: true })}
              >
                {languageNames[one]}
              </button>
            ))}
          </fieldset>
        )}
      </div>
    </main>
  )
}
