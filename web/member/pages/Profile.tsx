import { type FormEvent, useState } from 'react'
import { type Appearance, useAppearance } from '#ui/appearance.ts'
import { type Language, languageNames } from '#ui/languages.ts'
import { Peaks, tierName } from '#ui/tiers.tsx'
import { type Answer, ask, useAnswer } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { inFours } from '../parts/Card.tsx'
import { Choice, Field } from '../parts/Field.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Masked } from '../parts/Masked.tsx'
import { Note } from '../parts/Note.tsx'
import { Bones, Failed } from '../parts/State.tsx'
import { speak, useFormats, useLanguage, useProblem, useText } from '../texts/texts.ts'
import page from './Page.module.css'
import css from './Profile.module.css'

type Me = Answer<'readMe'>

export function Profile({ me, onChanged, onSignedOut }: { me: Me; onChanged: () => void; onSignedOut: () => void }) {
  const say = useText()
  const problem = useProblem()
  const formats = useFormats(me.group.timeZone)
  const language = useLanguage()
  const { names, landscape, until } = me.tier
  const { data, error, again } = useAnswer('readProfile', {})
  const [failed, setFailed] = useState<unknown>(null)
  const leave = () => ask('signOut', {}).then(onSignedOut, setFailed)
  return (
    <>
      <h1 className={page.title}>{say('profile.title')}</h1>
      <div className={`${page.panel} ${css.who}`}>
        <span className={css.letter} aria-hidden="true">
          {me.name ? [...me.name][0] : <Icon name="profile" size={26} />}
        </span>
        <div>
          <b>{me.name ?? say('profile.nameless')}</b>
          <small>
            {say('profile.phone')} <Masked value={me.phone} />
          </small>
          <small>
            {say('card.number')} {inFours(me.number)}
          </small>
          <small className={css.tier} style={{ color: `var(--tier-${landscape}-ink)` }}>
            <Peaks landscape={landscape} size={13} />
            {tierName(names, language, me.group.languages)}
            {until && `${say('comma')}${say('tier.until', { date: formats.lastDay(until) })}`}
          </small>
          <small>{say('profile.since', { date: formats.date(me.since) })}</small>
        </div>
      </div>
      <div style={{ height: 16 }} />
      {data ? (
        <Form
          known={data}
          onSaved={() => {
            again()
            onChanged()
          }}
        />
      ) : error ? (
        <Failed error={error} again={again} />
      ) : (
        <Bones heights={[420]} />
      )}
      <div className={page.head}>
        <h2>{say('settings.title')}</h2>
      </div>
      <Settings languages={me.group.languages} />
      {failed !== null && <Note>{problem(failed)}</Note>}
      <div className={css.out}>
        <Button look="line" onClick={leave}>
          <Icon name="out" />
          {say('settings.signOut')}
        </Button>
      </div>
    </>
  )
}

function Form({ known, onSaved }: { known: Answer<'readProfile'>; onSaved: () => void }) {
  const say = useText()
  const problem = useProblem()
  const [changes, setChanges] = useState<Partial<Pick<typeof known, 'name' | 'birthDate' | 'gender' | 'city'>>>({})
  const [state, setState] = useState<'still' | 'busy' | 'saved'>('still')
  const [failed, setFailed] = useState<unknown>(null)
  const now = { ...known, ...changes }
  const change = (part: typeof changes) => {
    setState('still')
    setFailed(null)
    setChanges((before) => ({ ...before, ...part }))
  }
  // What is blank says nothing: it can't take back what a store knows.
  const said = Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) => value?.trim() && value.trim() !== known[field as keyof typeof changes],
    ),
  )
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setState('busy')
    try {
      await ask('changeProfile', said)
      setChanges({})
      setState('saved')
      onSaved()
    } catch (error) {
      setFailed(error)
      setState('still')
    }
  }
  return (
    <form className={`${page.panel} ${css.form}`} onSubmit={save}>
      <div className={css.pair}>
        <Field
          label={say('profile.name')}
          autoComplete="name"
          maxLength={60}
          value={now.name ?? ''}
          onChange={({ target }) => change({ name: target.value })}
        />
        <Field
          label={say('profile.birthDate')}
          type="date"
          autoComplete="bday"
          max={new Date().toISOString().slice(0, 10)}
          value={now.birthDate ?? ''}
          onChange={({ target }) => change({ birthDate: target.value })}
        />
        <Field
          label={say('profile.city')}
          autoComplete="address-level2"
          maxLength={60}
          value={now.city ?? ''}
          onChange={({ target }) => change({ city: target.value })}
        />
        <Choice
          label={say('profile.gender')}
          name="gender"
          options={(['female', 'male', 'other'] as const).map((value) => ({ value, label: say(`gender.${value}`) }))}
          value={now.gender}
          onChoose={(gender) => change({ gender })}
        />
      </div>
      {failed !== null && <Note>{problem(failed)}</Note>}
      {state === 'saved' && <Note tone="good">{say('profile.saved')}</Note>}
      <Button type="submit" busy={state === 'busy'} disabled={Object.keys(said).length === 0}>
        {say('profile.save')}
      </Button>
    </form>
  )
}

function Settings({ languages }: { languages: readonly Language[] }) {
  const say = useText()
  const language = useLanguage()
  const problem = useProblem()
  const [appearance, choose] = useAppearance()
  const [failed, setFailed] = useState<unknown>(null)
  const tell = (chosen: Language) => {
    speak(chosen, { keep: true })
    setFailed(null)
    ask('chooseLanguage', { language: chosen }).catch(setFailed)
  }
  return (
    <div className={`${page.panel} ${css.form}`}>
      {languages.length > 1 && (
        <Choice
          label={say('settings.language')}
          name="language"
          options={languages.map((value) => ({ value, label: languageNames[value], lang: value }))}
          value={language}
          onChoose={tell}
        />
      )}
      <Choice<Appearance>
        label={say('settings.appearance')}
        name="appearance"
        options={(['light', 'dark'] as const).map((value) => ({ value, label: say(`settings.${value}`) }))}
        value={appearance}
        onChoose={choose}
      />
      {failed !== null && <Note>{problem(failed)}</Note>}
    </div>
  )
}
