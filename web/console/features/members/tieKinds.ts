import { tieKinds } from '#modules/families/contract'
import { useText } from '../../texts/texts.ts'

export type TieKind = (typeof tieKinds)[number]

/** What one member can be to another, to choose from. */
export function useTieKinds(): { value: TieKind; label: string }[] {
  const say = useText()
  return tieKinds.map((value) => ({ value, label: say(`tie.${value}`) }))
}
