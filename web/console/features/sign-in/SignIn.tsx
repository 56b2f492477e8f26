/**
 * By login and password, the group's identity provider, or a one-time link; then by a code where there is a second
 * factor. Drawn without the component library: it is the first page.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import {
  goToProvider,
  signIn,
  signInByCode,
  signInByPassword,
  signInByProvider,
  waysIn,
} from '#modules/access/contract'
import { call, type Output, type Problem } from '#ui/call.ts'
import { useCopy } from '#ui/copy.ts'
import { Icon, Mark } from '#ui/icons.tsx'
import { keepLanguage, languageNames, languages } from '#ui/languages.ts'
import { reading } from '#ui/queries.ts'
import { problemText } from '../../parts/problems.ts'
import { speak, useLanguage, useText } from '../../texts/texts.ts'
import css from './SignIn.module.css'

const command = 'bin/roundtrip link'
/** Where to go after the way over the identity provider. */
const keptBack = 'roundtrip.back'

type Entry =
  | { by: 'link'; token: string }
  | { by: 'password'; login: string; password: string }
  | { by: 'code'; ticket: string; code: string }
  | { by: 'provider'; answer: string }

function enter(entry: Entry): Promise<Output<typeof signIn>> {
  if (entry.by === 'link') return call(signIn, { token: entry.token })
  if (entry.by === 'password') return call(signInByPassword, { login: entry.login, password: entry.password })
  if (entry.by === 'code') return call(signInByCode, { ticket: entry.ticket, code: entry.code })
  return call(signInByProvider, { answer: entry.answer })
}

export function SignIn() {
  const search = useSearch({ strict: false })
  const hash = useLocation({ select: (location) => location.hash })
  const token = search.token ?? new URLSearchParams(hash).get('token')
  return <Entrance begin={token ? { by: 'link', token } : null} back={search.back} />
}

/** Where the identity provider sends the browser back to; what it says stands in the address. */
export function SignInFromProvider() {
  const [answer] = useState(() => location.search)
  const [back] = useState(() => sessionStorage.getItem(keptBack) ?? undefined)
  return <Entrance begin={answer ? { by: 'provider', answer } : null} back={back} />
}

function Entrance({ begin, back }: { begin: Entry | null; back: string | undefined }) {
  const say = useText()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const begun = useRef<string | null>(null)
  const [ticket, setTicket] = useState<string | null>(null)
  const entering = useMutation<Output<typeof signIn>, Problem, Entry>({
    mutationFn: enter,
    onSuccess: async ({ ticket: half }) => {
      setTicket(half)
      if (half !== null) return
      sessionStorage.removeItem(keptBack)
      queries.clear()
      await navigate({ href: back ?? '/today', replace: true })
    },
    onError: ({ code }) => {
      if (code === 'access.ticket_spent') setTicket(null)
    },
  })
  useEffect(() => {
    document.title = `${say('signIn.title')} · Roundtrip`
  }, [say])
  const go = entering.mutate
  useEffect(() => {
    const secret = begin && (begin.by === 'link' ? begin.token : begin.by === 'provider' ? begin.answer : null)
    if (!begin || !secret || begun.current === secret) return
    begun.current = secret
    go(begin)
    // What signs in works one time, so it leaves the address bar and the history.
    void navigate({ to: '/sign-in', search: back ? { back } : {}, hash: '', replace: true })
  }, [begin, go, navigate, back])

  const fresh = begin !== null && begun.current === null
  const waiting = fresh || (entering.isPending && ['link', 'provider'].includes(entering.variables.by))
  const inside = entering.isSuccess && ticket === null
  if (waiting || inside) {
    return (
      <Card title={say('signIn.entering')}>
        <p aria-live="polite">{say('signIn.moment')}</p>
      </Card>
    )
  }
  const refused = entering.isError && (
    <p role="alert" className={css.refused}>
      {problemText(say, entering.error)}
    </p>
  )
  if (ticket !== null) {
    return (
      <Card title={say('signIn.codeTitle')}>
        {refused}
        <CodeForm
          busy={entering.isPending}
          onCode={(code) => entering.mutate({ by: 'code', ticket, code })}
          onBack={() => {
            setTicket(null)
            entering.reset()
          }}
        />
      </Card>
    )
  }
  return (
    <Card title={say('signIn.title')}>
      {refused}
      <PasswordForm busy={entering.isPending} onPassword={(given) => entering.mutate({ by: 'password', ...given })} />
      <ByProvider back={back} />
      <section className={css.link}>
        <p className={css.quiet}>{say('signIn.how')}</p>
        <div className={css.command}>
          <code>{command}</code>
          <CopyCommand />
        </div>
        <p className={css.quiet}>{say('signIn.once')}</p>
      </section>
    </Card>
  )
}

const textOf = (form: FormEvent<HTMLFormElement>, name: string) => String(new FormData(form.currentTarget).get(name))

function PasswordForm({
  busy,
  onPassword,
}: {
  busy: boolean
  onPassword: (given: { login: string; password: string }) => void
}) {
  const say = useText()
  return (
    <form
      className={css.form}
      onSubmit={(form) => {
        form.preventDefault()
        onPassword({ login: textOf(form, 'login'), password: textOf(form, 'password') })
      }}
    >
      <label>
        {say('signIn.login')}
        <input name="login" required maxLength={200} autoComplete="username" autoCapitalize="none" spellCheck={false} />
      </label>
      <label>
        {say('signIn.password')}
        <input name="password" type="password" required maxLength={1024} autoComplete="current-password" />
      </label>
      <button type="submit" className={css.go} disabled={busy}>
        {say('signIn.go')}
      </button>
    </form>
  )
}

function CodeForm({ busy, onCode, onBack }: { busy: boolean; onCode: (code: string) => void; onBack: () => void }) {
  const say = useText()
  return (
    <form
      className={css.form}
      onSubmit={(form) => {
        form.preventDefault()
        onCode(textOf(form, 'code'))
      }}
    >
      <p>{say('signIn.codeHow')}</p>
      <label>
        {say('signIn.code')}
        {/* biome-ignore lint/a11y/noAutofocus: the only field of this step, which comes by the person's own doing */}
        <input name="code" required maxLength={40} autoComplete="one-time-code" autoFocus />
      </label>
      <button type="submit" className={css.go} disabled={busy}>
        {say('signIn.go')}
      </button>
      <button type="button" className={css.other} onClick={onBack}>
        {say('signIn.other')}
      </button>
    </form>
  )
}

function ByProvider({ back }: { back: string | undefined }) {
  const say = useText()
  const ways = useQuery(reading(waysIn, {}))
  const going = useMutation<Output<typeof goToProvider>, Problem, void>({
    mutationFn: () => call(goToProvider, {}),
    onSuccess: ({ url }) => {
      if (back) sessionStorage.setItem(keptBack, back)
      location.assign(url)
    },
  })
  if (!ways.data?.provider) return null
  return (
    <>
      <p className={css.or}>{say('signIn.or')}</p>
      {going.isError && (
        <p role="alert" className={css.refused}>
          {problemText(say, going.error)}
        </p>
      )}
      <button type="button" className={css.provider} disabled={going.isPending} onClick={() => going.mutate()}>
        {say('signIn.provider', { name: ways.data.provider })}
      </button>
    </>
  )
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  const language = useLanguage()
  return (
    <div className={css.page}>
      <main className={css.card}>
        <Mark size={44} />
        <h1>{title}</h1>
        {children}
      </main>
      <footer className={css.languages}>
        {languages.map((each) => (
          <button
            key={each}
            type="button"
            lang={each}
            aria-pressed={each === language}
            onClick={() => {
              keepLanguage(each)
              void speak(each)
            }}
          >
            {languageNames[each]}
          </button>
        ))}
      </footer>
    </div>
  )
}

function CopyCommand() {
  const say = useText()
  const { copied, copy } = useCopy(command)
  return (
    <button type="button" onClick={copy}>
      <Icon name={copied ? 'check' : 'copy'} size={14} />
      {copied ? say('copied') : say('copy')}
    </button>
  )
}
