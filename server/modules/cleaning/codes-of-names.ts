/** Short codes for what has a name: 成都春熙路店 → chengduchunxilu. The same name gives the same code. */
import { fold, simplified } from './text.ts'
import { latinOf, syllablesOf } from './transliteration.ts'

const codeAtMost = 40

/** What a company or a store is called by its kind says nothing about which one it is. */
const kinds =
  /(?:集团)?(?:股份)?(?:有限)?(?:责任)?(?:分公司|子公司|公司)$|(?:旗舰|直营|加盟)?(?:门市|门店|分店|店)$|[ ,]+(?:co|ltd|llc|inc|company)\.?$/iu

/** Small letters, digits and single dashes, at most 40; empty when nothing in the name can be written so. */
export function codeOfName(name: string): string {
  const plain = simplified(fold(name))
  return written(plain.replace(kinds, '')) || written(plain)
}

function written(text: string): string {
  const spelled = text.replace(/\p{Script=Han}+/gu, (part) => syllablesOf(part, { asFamily: false }).join(''))
  return latinOf(spelled)
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, codeAtMost)
    .replace(/^-+|-+$/g, '')
}
