/** Above every page while the console is looked at as somebody else: who that is, and the way back. */
import { Button } from 'antd'
import { seeAsOneself } from '#modules/access/contract'
import { Icon } from '#ui/icons.tsx'
import { ProblemNote } from '../parts/ProblemNote.tsx'
import { useSession } from '../parts/session.ts'
import { useAct } from '../parts/useAct.ts'
import { useText } from '../texts/texts.ts'
import css from './LookingBar.module.css'

export function LookingBar() {
  const say = useText()
  const { onlyLooking, name: given } = useSession()
  // Nothing that was read as somebody else may stay on the page.
  const back = useAct(seeAsOneself, { onDone: () => location.assign('/console/settings?tab=staff') })
  if (!onlyLooking) return null
  return (
    <aside className={css.looking} aria-label={say('looking.title')}>
      <Icon name="eye" size={16} />
      <span>{say('looking.as', { name: say.code('ownName', given) ?? given })}</span>
      <Button size="small" loading={back.isPending} onClick={() => back.mutate({})}>
        {say('looking.back')}
      </Button>
      <ProblemNote error={back.error} />
    </aside>
  )
}
