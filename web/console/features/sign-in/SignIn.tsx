/** By a one-time link, and without one the way to get one. Drawn without the component library: it is the first page. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { signIn } from '#modules/access/contract'
import { call, type Problem } from '#ui/call.ts'
import { useCopy } from '#ui/copy.ts'
import { Icon, Mark } from '#ui/icons.tsx'
import { keepLanguage, languageNames, languages } from '#ui/languages.ts'
import { problemText } from '../../parts/problems.ts'
import { speak, useLanguage, useText } from '../../texts/texts.ts'
import css from './SignIn.module.css'

const route = getRouteApi('/sign-in')
const command = 'bin/roundtrip link'

export function SignIn() {
  const say = useText()
  const language = useLanguage()
  const search = route.useSearch()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const hash = useLocation({ select: (location) => location.hash })
  const token = search.token ?? new URLSearchParams(hash).get('token')
  const begun = useRef<string | null>(null)

  const entering = useMutation<unknown, Problem, string>({
    mutationFn: (token) => call(signIn, { token }),
    onSuccess: async () => {
      queries.clear()
      await navigate({ href: search.back ?? '/today', replace: true })
    },
  })
  const enter = entering.mutate
  useEffect(() => {
    document.title = `${say('signIn.title')} · Roundtrip`
  }, [say])
  useEffect(() => {
    if (!token || begun.current === token) return
    begun.current = token
    enter(token)
    // The link works one time, so its token leaves the address bar and the history.
    void navigate({ to: '/sign-in', search: search.back ? { back: search.back } : {}, hash: '', replace: true })
  }, [token, enter, navigate, search.back])

  const trying = entering.isPending || entering.isSuccess || Boolean(token)
  return (
    <div className={css.page}>
      <main className={css.card}>
        <Mark size={44} />
        <h1>{trying ? say('signIn.entering') : say('signIn.title')}</h1>
        {entering.isError && !trying && (
          <p role="alert" className={css.refused}>
            {problemText(say, entering.error)}
          </p>
        )}
        {trying ? (
          <p aria-live="polite">{say('signIn.moment')}</p>
        ) : (
          <>
            <p>{say('signIn.how')}</p>
            <div className={css.command}>
              <code>{command}</code>
              <CopyCommand />
            </div>
            <p className={css.quiet}>{say('signIn.once')}</p>
          </>
        )}
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
