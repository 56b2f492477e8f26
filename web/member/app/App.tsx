import { useEffect } from 'react'
import { Home } from '../pages/Home.tsx'
import { NoPage } from '../pages/NoPage.tsx'
import { Orders } from '../pages/Orders.tsx'
import { Points } from '../pages/Points.tsx'
import { Profile } from '../pages/Profile.tsx'
import { SignIn } from '../pages/SignIn.tsx'
import { forgetAnswers, isSignedOut, useAnswer } from '../parts/ask.ts'
import { Bones, Failed } from '../parts/State.tsx'
import { offer } from '../texts/texts.ts'
import { Frame } from './Frame.tsx'
import { go, usePath } from './way.ts'

export function App() {
  const path = usePath()
  const { data: me, error, again } = useAnswer('readMe', {})
  const spoken = me?.language ?? null
  const offered = me?.group.languages.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same languages told again are no reason
  useEffect(() => {
    if (me) offer(me.group.languages, spoken)
  }, [spoken, offered])
  // Numbers of the first page may have moved while another was read.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is the reason to read again
  useEffect(() => {
    if (me) return again()
  }, [path])

  if (isSignedOut(error)) return <SignIn onSignedIn={again} />
  return (
    <Frame me={me} path={path}>
      {me ? (
        path === '/' ? (
          <Home me={me} />
        ) : path === '/points' ? (
          <Points me={me} />
        ) : path === '/orders' ? (
          <Orders me={me} />
        ) : path === '/profile' ? (
          <Profile
            me={me}
            onChanged={again}
            onSignedOut={() => {
              forgetAnswers()
              go('/')
              again()
            }}
          />
        ) : (
          <NoPage />
        )
      ) : error ? (
        <Failed error={error} again={again} />
      ) : (
        <Bones heights={[54, 214, 88, 46, 180]} />
      )}
    </Frame>
  )
}
