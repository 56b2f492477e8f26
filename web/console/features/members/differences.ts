/** What of two texts is the same: pieces of the first, each told whether the other has it too, in the same order. */
export interface Piece {
  text: string
  same: boolean
}

/** Longer texts are compared as a whole: their differences are not of letters. */
const longest = 80

export function piecesOf(text: string, other: string): Piece[] {
  const [one, two] = [[...text], [...other]]
  if (text === other) return [{ text, same: true }]
  if (one.length > longest || two.length > longest) return [{ text, same: false }]
  // lengths[i][j]: how many letters the ends from i and from j have in common, in order.
  const lengths = Array.from({ length: one.length + 1 }, () => new Uint8Array(two.length + 1))
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = two.length - 1; j >= 0; j--)
      lengths[i]![j] =
        one[i] === two[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
  const pieces: Piece[] = []
  const add = (letter: string, same: boolean) => {
    const last = pieces.at(-1)
    if (last?.same === same) last.text += letter
    else pieces.push({ text: letter, same })
  }
  for (let i = 0, j = 0; i < one.length; ) {
    if (j < two.length && one[i] === two[j]) {
      add(one[i++]!, true)
      j++
    } else if (j < two.length && lengths[i]![j + 1]! > lengths[i + 1]![j]!) j++
    else add(one[i++]!, false)
  }
  return pieces
}
