import { useText } from '../texts/texts.ts'
import { Chip } from './Chip.tsx'
import { Dotted } from './Dotted.tsx'
import { type HeldRole, heldRoleText, placeText } from './roles.ts'

/** A role with the place where it holds. */
export function RoleChip({ held }: { held: HeldRole }) {
  const say = useText()
  return (
    <Chip tone={held.role === 'administrator' ? 'accent' : 'grey'}>
      <span>
        <Dotted>
          {heldRoleText(say, held)}
          {placeText(say, held.place)}
        </Dotted>
      </span>
    </Chip>
  )
}
