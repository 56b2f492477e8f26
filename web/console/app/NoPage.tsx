import { Empty } from '../parts/Empty.tsx'
import { LinkButton } from '../parts/LinkButton.tsx'
import { useText } from '../texts/texts.ts'

/** An address that leads nowhere, inside the frame, so that there is a way on. */
export function NoPage() {
  const say = useText()
  return (
    <Empty
      icon="search"
      title={say('frame.noPage')}
      action={<LinkButton to="/members">{say('frame.toMembers')}</LinkButton>}
    >
      {say('frame.noPageHint')}
    </Empty>
  )
}
