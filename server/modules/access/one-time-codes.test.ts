import { expect, test } from 'vitest'
import { base32, codeAt, otpauth, stepOfCode } from './one-time-codes.ts'

const secret = Buffer.from('12345678901234567890')

test('codes are those of RFC 6238, appendix B, by their last six digits', () => {
  const codes = [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000].map((seconds) =>
    codeAt(secret, Math.floor(seconds / 30)),
  )
  expect(codes).toEqual(['287082', '081804', '050471', '005924', '279037', '353130'])
})

test('a code is good half a minute before and after, and no longer', () => {
  const at = (seconds: number) => stepOfCode(secret, '005924', new Date(seconds * 1000))
  const step = Math.floor(1234567890 / 30)
  expect([at(1234567890 - 30), at(1234567890), at(1234567890 + 30)]).toEqual([step, step, step])
  expect([at(1234567890 - 60), at(1234567890 + 60)]).toEqual([null, null])
  for (const wrong of ['', '5924', '0059240', '００５９２４', 'abcdef'])
    expect(stepOfCode(secret, wrong, new Date(1234567890_000))).toBe(null)
})

test('the secret is told in base 32, with the names of group and login', () => {
  expect(base32(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  expect(otpauth({ secret, group: '远岫 旅业', login: 'zhou@example.com' })).toBe(
    'otpauth://totp/%E8%BF%9C%E5%B2%AB%20%E6%97%85%E4%B8%9A:zhou%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E8%BF%9C%E5%B2%AB%20%E6%97%85%E4%B8%9A&algorithm=SHA1&digits=6&period=30',
  )
})
