/** Says what goes and what stays, then asks for a fresh code: a phone left lying about must not be enough. */
import { type FormEvent, useState } from 'react'
import { type Answer, ask, useAnswer } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { Field } from '../parts/Field.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Note } from '../parts/Note.tsx'
import { Bones, Failed } from '../parts/State.tsx'
import { Way } from '../parts/Way.tsx'
import { useFormats, useLanguage, useProblem, useText } from '../texts/texts.ts'
import page from './Page.module.css'
import css from './Privacy.module.css'

export default function Erase({ me, onErased }: { me: Answer<'readMe'>; onErased: () => void }) {
  const say = useText()
  const language = useLanguage()
  const problem = useProblem()
  const formats = useFormats(me.group.timeZone)
  const { data, error, again } = useAnswer('readErasure', {})
  const [sentTo, setSentTo] = useState<string | null>(null)
  const [code, setCode] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const [done, setDone] = useState<Answer<'eraseMe'> | null>(null)
  if (!data) return error ? <Failed error={error} again={again} /> : <Bones heights={[60, 300]} />

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
      setSentTo((await ask('askErasureCode', { language })).phone)
    })
  const erase = (event: FormEvent) => {
    event.preventDefault()
    return act(async () => {
      setDone(await ask('eraseMe', { code }))
    })
  }
  const { goes, stays, waitingDays } = data
  if (done)
    return (
      <>
        <h1 className={page.title}>{say(waitingDays > 0 ? 'erase.title' : 'erase.doneTitle')}</h1>
        <div className={`${page.panel} ${css.words}`} role="status">
          <p>{waitingDays > 0 ? say('privacy.waiting', { date: formats.date(done.beginsAt) }) : say('erase.done')}</p>
        </div>
        <div className={css.act}>
          <Button onClick={onErased}>{say('erase.leave')}</Button>
        </div>
      </>
    )
  return (
    <>
      <Way to="/privacy" className={css.back}>
        <Icon name="back" />
        {say('privacy.title')}
      </Way>
      <h1 className={page.title}>{say('erase.title')}</h1>
      <div className={page.head}>
        <h2>{say('erase.goes')}</h2>
      </div>
      <ul className={`${page.panel} ${css.list}`}>
        <li>{say('erase.goesRecords', { count: formats.number(goes.records + goes.versions) })}</li>
        <li>
          {say('erase.goesPoints', { points: formats.number(goes.points), pending: formats.number(goes.pending) })}
        </li>
        <li>{say('erase.goesCard')}</li>
      </ul>
      <div className={page.head}>
        <h2>{say('erase.stays')}</h2>
      </div>
      <ul className={`${page.panel} ${css.list}`}>
        <li>{say('erase.staysOrders', { count: formats.number(stays.orders) })}</li>
        <li>{say('erase.staysProof', { count: formats.number(stays.consents) })}</li>
        <li>{say('erase.staysRefusal')}</li>
      </ul>
      <form className={css.act} onSubmit={erase}>
        <Note tone="plain">{waitingDays > 0 ? say('erase.later', { days: waitingDays }) : say('erase.now')}</Note>
        {sentTo === null ? (
          <Button look="line" busy={isBusy} onClick={send}>
            {say('erase.send')}
          </Button>
        ) : (
          <>
            <p role="status">{say('signIn.sent', { phone: sentTo.replace('••••', '····') })}</p>
            <Field
              label={say('signIn.code')}
              isCode
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="[0-9]*"
              maxLength={6}
              value={code}
              onChange={({ target }) => setCode(target.value.replace(/\D/g, ''))}
            />
            <Button type="submit" look="danger" busy={isBusy} disabled={code.length !== 6}>
              {say('erase.confirm')}
            </Button>
          </>
        )}
        {failed !== null && <Note>{problem(failed)}</Note>}
      </form>
    </>
  )
}
