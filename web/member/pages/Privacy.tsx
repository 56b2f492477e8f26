/** What the member agreed to, what is held and who looked; and the ways to take it along or have it erased. */
import { useState } from 'react'
import { type Answer, ask, useAnswer } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Note } from '../parts/Note.tsx'
import { Bones, Failed } from '../parts/State.tsx'
import { Switch } from '../parts/Switch.tsx'
import { Way } from '../parts/Way.tsx'
import { lookedBy, useCode, useFormats, useLanguage, useProblem, useText } from '../texts/texts.ts'
import page from './Page.module.css'
import css from './Privacy.module.css'

type Consent = Answer<'readPrivacy'>['consents'][number]

export default function Privacy({ me }: { me: Answer<'readMe'> }) {
  const say = useText()
  const code = useCode()
  const language = useLanguage()
  const problem = useProblem()
  const formats = useFormats(me.group.timeZone)
  const { data, error, again } = useAnswer('readPrivacy', { language })
  const [told, setTold] = useState<Answer<'readPrivacy'> | null>(null)
  const [failed, setFailed] = useState<unknown>(null)
  const [busy, setBusy] = useState<string | null>(null)
  // What was just said stands at once; in another language it is read anew.
  const now = told && data && told.consents[0]?.text.title === data.consents[0]?.text.title ? told : data
  if (!now) return error ? <Failed error={error} again={again} /> : <Bones heights={[60, 420, 200]} />

  const choose = async ({ topic, state, text }: Consent) => {
    setBusy(topic)
    setFailed(null)
    try {
      setTold(await ask('chooseConsent', { topic, given: state !== 'given', textVersion: text.version, language }))
      again()
    } catch (error) {
      setFailed(error)
      again()
    } finally {
      setBusy(null)
    }
  }
  const stay = async () => {
    setFailed(null)
    try {
      await ask('cancelErasure', {})
      setTold(null)
      again()
    } catch (error) {
      setFailed(error)
    }
  }
  const when = ({ state, said }: Consent) =>
    said === null
      ? say('privacy.unsaid')
      : state === 'given'
        ? say('privacy.given', { date: formats.date(said.at), version: said.textVersion ?? 1 })
        : say('privacy.withdrawn', { date: formats.date(said.at) })
  const waiting = now.requests.find(({ kind, state }) => kind === 'erasure' && state === 'waiting')
  return (
    <>
      <Way to="/profile" className={css.back}>
        <Icon name="back" />
        {say('tab.profile')}
      </Way>
      <h1 className={page.title}>{say('privacy.title')}</h1>
      <p className={css.lead}>{say('privacy.lead')}</p>
      {waiting && (
        <div className={`${page.panel} ${css.waiting}`}>
          <p>{say('privacy.waiting', { date: formats.date(waiting.beginsAt) })}</p>
          <Button look="soft" onClick={stay}>
            {say('privacy.stay')}
          </Button>
        </div>
      )}
      {failed !== null && <Note>{problem(failed)}</Note>}
      <div className={page.head}>
        <h2>{say('privacy.consents')}</h2>
      </div>
      <ul className={`${page.panel} ${css.rows}`}>
        {now.consents.map((consent) => (
          <li key={consent.topic}>
            <div>
              <b id={`topic-${consent.topic}`}>{consent.text.title}</b>
              <p id={`means-${consent.topic}`}>{consent.text.body}</p>
              <small>{when(consent)}</small>
            </div>
            {consent.hasSwitch && (
              <Switch
                isOn={consent.state === 'given'}
                labelledBy={`topic-${consent.topic}`}
                describedBy={`means-${consent.topic}`}
                disabled={busy === consent.topic}
                onTurn={() => choose(consent)}
              />
            )}
          </li>
        ))}
      </ul>
      <div className={page.head}>
        <h2>{say('privacy.held')}</h2>
        <Way to="/privacy/data">
          {say('privacy.toHeld')}
          <Icon name="right" />
        </Way>
      </div>
      <div className={`${page.panel} ${css.words}`}>
        <p>{say('privacy.heldWhat', { channels: now.channels, date: formats.date(me.since) })}</p>
      </div>
      <div className={page.head}>
        <h2>{say('privacy.received')}</h2>
      </div>
      <div className={`${page.panel} ${css.words}`}>
        {now.received.length === 0 ? (
          <p>{say('privacy.nobodyReceived')}</p>
        ) : (
          <ul className={css.received}>
            {now.received.map((one) => (
              <li key={one.recipientId}>
                <b>{one.name}</b>
                <p>
                  {say('privacy.receivedWhat', {
                    what: one.what.map((kind) => code('given', kind) ?? kind).join(say('comma')),
                    purpose: code('purpose', one.purpose) ?? one.purpose,
                  })}
                  {one.details && ` ${one.details}`}
                </p>
                <small>
                  {say('privacy.receivedWhere', {
                    country: new Intl.DisplayNames(language, { type: 'region' }).of(one.country) ?? one.country,
                    basis: code('basis', one.basis) ?? one.basis,
                    from: formats.date(one.firstAt),
                    until: formats.date(one.lastAt),
                  })}
                </small>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className={page.head}>
        <h2>{say('privacy.looks')}</h2>
      </div>
      <div className={`${page.panel} ${css.words}`}>
        {now.looks.length === 0 ? (
          <p>{say('privacy.noLooks')}</p>
        ) : (
          <table className={css.looks}>
            <tbody>
              {now.looks.map(({ at, field, by, role, roleName, place }) => (
                <tr key={`${at} ${field}`}>
                  <td>{formats.date(at)}</td>
                  <td>{code('field', field) ?? field}</td>
                  <td>{lookedBy(say, code, { by, role, roleName, place })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <div className={page.head}>
        <h2>{say('privacy.erase')}</h2>
        {!waiting && (
          <Way to="/privacy/erase">
            {say('privacy.toErase')}
            <Icon name="right" />
          </Way>
        )}
      </div>
      <div className={`${page.panel} ${css.words}`}>
        <p>{say('privacy.eraseLead')}</p>
      </div>
    </>
  )
}
