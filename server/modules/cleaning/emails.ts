/**
 * E-mail addresses. The whole address is written in small letters: mailboxes that tell capitals apart no longer exist
 * in practice, and the same address from two channels must be one identity.
 */
import { domainToASCII } from 'node:url'
import { BLANK, type ChangeCode, cleaned, type Outcome, unusable } from './codes.ts'
import { fold, isBlank } from './text.ts'

const longestCell = 1000
const plain = /^[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}$/
const address = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.+[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*\.*@[^\s@]+$/u
const asciiDomain = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})$/

export function cleanEmail(text: string | null | undefined): Outcome<string> {
  if (text === null || text === undefined) return BLANK
  if (text.length <= 254 && plain.test(text)) return cleaned(text)
  if (isBlank(text)) return BLANK
  if (text.length > longestCell) return unusable('email.unreadable')

  const folded = fold(text.replaceAll('。', '.'))
  let change: ChangeCode | null = null
  if (folded !== text.trim()) change = 'email.full_width'

  // "Li Na <li@x.cn>", "mailto:li@x.cn", 邮箱：li@x.cn
  let rest = /<([^<>]*)>/.exec(folded)?.[1] ?? folded.replace(/^(?:mailto|e-?mail|邮箱|电邮|почта)\s*:\s*/i, '')
  const parts = rest.split(/[;,|\s、]+|\/(?=[^@]*@)/).filter((part) => part.includes('@'))
  const several = parts.length > 1
  if (parts.length > 0 && (several || rest.replace(/[;,|\s、]+$/, '') === parts[0])) rest = parts[0]!
  rest = rest.replace(/^["'(]+|[.,;:"')>]+$/g, '')
  // An address broken by one space around its sign is still one address.
  rest = rest.replace(/\s*([@.])\s*/g, '$1')
  const lower = rest.toLowerCase()
  if (/[*•●]/.test(lower)) return unusable('email.masked')

  const at = lower.lastIndexOf('@')
  if (at < 1 || at > 64 || !address.test(lower)) return unusable('email.unreadable')
  const domain = domainToASCII(lower.slice(at + 1))
  if (!asciiDomain.test(domain)) return unusable('email.unreadable')
  const value = `${lower.slice(0, at)}@${domain}`

  if (several) return cleaned(value, 'email.several')
  if (change === null && rest.length !== text.trim().length) change = 'email.punctuation'
  if (change === null && value !== text.trim()) change = 'email.case'
  return cleaned(value, change)
}
