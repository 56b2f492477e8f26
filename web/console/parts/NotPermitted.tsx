import { useText } from '../texts/texts.ts'
import { Empty } from './Empty.tsx'
import { heldRoleText } from './roles.ts'
import { useSession } from './session.ts'

/** A page that was opened by its address, by somebody whose roles don't lead there. */
export function NotPermitted() {
  const say = useText()
  const { roles } = useSession()
  const held = [...new Set(roles.map((role) => heldRoleText(say, role)))].join(say('comma'))
  return (
    <Empty icon="info" title={say('frame.notPermitted')}>
      {held ? say('frame.notPermittedAs', { roles: held }) : say('frame.noRole')}
    </Empty>
  )
}
