/**
 * Which passwords are refused: too short, among the commonest, or made of the own login or name. No rule of composition:
 * such rules make people write "Password1!" (NIST SP 800-63B). Pure functions.
 */

export const shortestPassword = 12
export const longestPassword = 128

/** As it is hashed: however a keyboard composes a character, it is the same password. */
export const normalPassword = (password: string) => password.normalize('NFKC')

/** What lists of stolen passwords are full of, in small letters and without the digits and signs around it. */
const common = new Set(
  `password passwort passw0rd admin administrator administratör welcome letmein iloveyou qwerty qwertz azerty qwertyuiop
  asdfghjkl zxcvbnm qazwsx qazwsxedc asdf asdfgh zaq monkey dragon sunshine princess football baseball superman batman
  master shadow trustno login access secret changeme default guest user test tester testing root system server
  roundtrip travel tourism hotel company manager service woaini woaiwojia aini zhongguo beijing shanghai chengdu mima
  parol privet lyubov lubov moskva rossiya пароль йцукен йцукенг привет любовь qwe asd zxc abc abcd abcdef abcdefg
  google facebook wechat weixin alipay taobao microsoft windows linux apple samsung computer internet starwars pokemon
  michael jessica charlie daniel thomas jordan hunter killer freedom whatever hello helloworld ashley summer winter
  spring autumn january february march april june july august september october november december monday sunday`.split(
    /\s+/,
  ),
)
const rows = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
]

export type PasswordProblem = 'short' | 'long' | 'common' | 'own_name'

export function passwordProblem(
  password: string,
  { login, name }: { login: string; name: string },
): PasswordProblem | null {
  const normal = normalPassword(password)
  if ([...normal].length < shortestPassword) return 'short'
  if ([...normal].length > longestPassword) return 'long'
  const small = normal.toLowerCase()
  if (isCommon(small)) return 'common'
  const own = [login, login.split('@')[0]!, name, name.replaceAll(' ', '')]
  return own.some((part) => [...part].length >= 2 && holdsMostly(small, part.toLowerCase())) ? 'own_name' : null
}

function isCommon(small: string): boolean {
  if (new Set(small).size < 5 || repeats(small) || walks(small)) return true
  const plain = small.replace(/[@4]/g, 'a').replace(/0/g, 'o').replace(/[$5]/g, 's').replace(/3/g, 'e')
  return [small, plain.replace(/[1!]/g, 'i'), plain.replace(/[1!]/g, 'l'), plain].some((text) => {
    const words = text.split(/[^\p{L}]+/u).filter((word) => word.length > 2)
    return words.length > 0 && words.every((word) => isCommonWord(word))
  })
}

/** One of them, or one twice. */
function isCommonWord(word: string): boolean {
  const half = word.slice(0, word.length / 2)
  return common.has(word) || (word === half + half && common.has(half))
}

/** One piece over and over: abcabcabcabc. */
const repeats = (text: string) => /^(.{1,6}?)\1+.{0,5}$/u.test(text) && new Set(text).size <= 6

/** Along the keyboard or the alphabet, there or back. */
function walks(text: string): boolean {
  const back = [...text].reverse().join('')
  return rows.some((row) => {
    const round = row + row
    return [text, back].some((way) => round.includes(way) || round.includes(way.slice(0, 11)))
  })
}

/** A long password may contain the own name by chance; what is left has to be enough by itself. */
const holdsMostly = (password: string, part: string) =>
  password.includes(part) && password.replaceAll(part, '').length < shortestPassword
