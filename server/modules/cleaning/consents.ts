/** Whether somebody agreed, in the words of lists: yes and no, subscribed and not, agreed and withdrawn. */
import { BLANK, cleaned, type Outcome, unusable } from './codes.ts'
import { fold, isBlank, simplified } from './text.ts'

const words = new Map<string, boolean>()
for (const [agreed, list] of [
  [
    true,
    '1 y yes true on agree agreed consent consented granted given optin opt-in opted-in subscribed active 是 同意 已同意 愿意 接受 允许 订阅 已订阅 开 开启 有 да согласен согласна согласие подписан подписана v + ✓ √ ✔',
  ],
  [
    false,
    '0 n no false off disagree refused denied withdrawn revoked optout opt-out opted-out unsubscribed inactive 否 不 不同意 未同意 拒绝 不愿意 不接受 不允许 退订 已退订 未订阅 撤回 已撤回 关 关闭 无 нет отказ отказался отказалась отозвано отписан отписана несогласен несогласна x ✗ ×',
  ],
] as const)
  for (const word of list.split(' ')) words.set(word, agreed)

/** An empty cell says nothing. A word that is neither is not guessed at. */
export function cleanConsent(text: string | null | undefined): Outcome<boolean> {
  if (text === null || text === undefined || isBlank(text)) return BLANK
  const plain = simplified(fold(text).toLowerCase().trim().replace(/\s+/g, ''))
  const agreed = words.get(plain)
  return agreed === undefined ? unusable('consent.unreadable') : cleaned(agreed)
}
