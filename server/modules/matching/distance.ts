/** How far two texts are from each other, on slices of one array of UTF-16 units: nothing is allocated for a pair. */

export interface Slice {
  at: number
  length: number
}

const rows = [new Uint8Array(72), new Uint8Array(72), new Uint8Array(72)]

/** Edits (insert, delete, replace, exchange of neighbours) from one to the other; more than `most` comes as `most + 1`. */
export function edits(
  chars: Uint16Array,
  a: number,
  aLength: number,
  b: number,
  bLength: number,
  most: number,
): number {
  if (Math.abs(aLength - bLength) > most) return most + 1
  let [before, last, row] = rows as [Uint8Array, Uint8Array, Uint8Array]
  for (let j = 0; j <= bLength; j++) last[j] = j
  for (let i = 1; i <= aLength; i++) {
    row[0] = i
    let least = i
    const unit = chars[a + i - 1]
    for (let j = 1; j <= bLength; j++) {
      const other = chars[b + j - 1]
      let cost = last[j - 1]! + (unit === other ? 0 : 1)
      const deleted = last[j]! + 1
      if (deleted < cost) cost = deleted
      const inserted = row[j - 1]! + 1
      if (inserted < cost) cost = inserted
      if (i > 1 && j > 1 && unit === chars[b + j - 2] && chars[a + i - 2] === other) {
        const exchanged = before[j - 2]! + 1
        if (exchanged < cost) cost = exchanged
      }
      row[j] = cost
      if (cost < least) least = cost
    }
    if (least > most) return most + 1
    const spare = before
    before = last
    last = row
    row = spare
  }
  return Math.min(last[bLength]!, most + 1)
}

/** Whether one edit at most makes them the same: found by walking in from both ends, which most pairs stop at once. */
export function withinOneEdit(chars: Uint16Array, a: number, aLength: number, b: number, bLength: number): boolean {
  const longer = Math.abs(aLength - bLength)
  if (longer > 1) return false
  const shorter = Math.min(aLength, bLength)
  let head = 0
  while (head < shorter && chars[a + head] === chars[b + head]) head++
  if (head === shorter) return true
  let tail = 0
  while (tail < shorter - head && chars[a + aLength - 1 - tail] === chars[b + bLength - 1 - tail]) tail++
  const left = shorter - head - tail
  if (longer === 1) return left === 0
  if (left === 1) return true
  return left === 2 && chars[a + head] === chars[b + head + 1] && chars[a + head + 1] === chars[b + head]
}

const takenA = new Uint8Array(72)
const takenB = new Uint8Array(72)

/** Jaro–Winkler: 1 for the same, 0 for nothing in common; a common beginning counts more. */
export function jaroWinkler(chars: Uint16Array, a: number, aLength: number, b: number, bLength: number): number {
  if (aLength === 0 || bLength === 0) return 0
  const window = Math.max(0, (Math.max(aLength, bLength) >> 1) - 1)
  takenA.fill(0, 0, aLength)
  takenB.fill(0, 0, bLength)
  let common = 0
  for (let i = 0; i < aLength; i++) {
    const unit = chars[a + i]
    const end = Math.min(bLength, i + window + 1)
    for (let j = Math.max(0, i - window); j < end; j++) {
      if (takenB[j] || chars[b + j] !== unit) continue
      takenA[i] = takenB[j] = 1
      common++
      break
    }
  }
  if (common === 0) return 0
  let moved = 0
  for (let i = 0, j = 0; i < aLength; i++) {
    if (!takenA[i]) continue
    while (!takenB[j]) j++
    if (chars[a + i] !== chars[b + j]) moved++
    j++
  }
  const jaro = (common / aLength + common / bLength + (common - moved / 2) / common) / 3
  let prefix = 0
  while (prefix < 4 && prefix < aLength && prefix < bLength && chars[a + prefix] === chars[b + prefix]) prefix++
  return jaro + prefix * 0.1 * (1 - jaro)
}

/** Share of neighbouring pairs of letters that two texts have in common, whatever the order of their words (Dice). */
export function commonPairs(chars: Uint16Array, a: number, aLength: number, b: number, bLength: number): number {
  if (aLength < 2 || bLength < 2) return 0
  takenB.fill(0, 0, bLength)
  let common = 0
  for (let i = 0; i + 1 < aLength; i++) {
    for (let j = 0; j + 1 < bLength; j++) {
      if (takenB[j] || chars[a + i] !== chars[b + j] || chars[a + i + 1] !== chars[b + j + 1]) continue
      takenB[j] = 1
      common++
      break
    }
  }
  return (2 * common) / (aLength + bLength - 2)
}
