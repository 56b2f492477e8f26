/** Genders from words, forms of address and the codes of GB/T 2261.1 (1 male, 2 female, 0 unknown, 9 not said). */
import { BLANK, cleaned, type Outcome, unusable } from './codes.ts'
import { fold, isBlank, simplified } from './text.ts'

export type Gender = 'male' | 'female' | 'other'

const words = new Map<string, Gender | null>()
for (const [gender, list] of [
  ['male', 'male m man boy mr 1 男 男性 男士 男生 先生 公 м муж мужской мужчина г-н господин ♂'],
  [
    'female',
    'female f woman girl w mrs ms miss 2 女 女性 女士 女生 小姐 太太 夫人 母 ж жен женский женщина г-жа госпожа ♀',
  ],
  ['other', 'other x nonbinary non-binary diverse 其他 其它 другое другой иное'],
  [null, '0 9 unknown u unspecified undisclosed secret 未知 未说明 不详 不明 保密 未填 неизвестно н/д'],
] as const) {
  for (const word of list.split(' ')) words.set(word, gender)
}

export function cleanGender(text: string | null | undefined): Outcome<Gender> {
  if (text === null || text === undefined) return BLANK
  let gender = words.get(text)
  if (gender === undefined) {
    if (isBlank(text)) return BLANK
    gender = words.get(simplified(fold(text).toLowerCase().replace(/\.0?$/, '')))
    if (gender === undefined) return unusable('gender.unreadable')
  }
  return gender === null ? BLANK : cleaned(gender)
}
