import { expect, test } from 'vitest'
import { passwordProblem } from './password-rules.ts'

const who = { login: 'zhou.min@example.com', name: '周敏' }

test.each([
  ['Tr0ub4dor&3', 'short'],
  ['十一个汉字当密码还不够长', null],
  ['一二三四五六七八九十甲', 'short'],
  ['a'.repeat(129), 'long'],
  ['123456789012', 'common'],
  ['210987654321', 'common'],
  ['qwertyuiopas', 'common'],
  ['1q2w3e4r5t6y', 'common'],
  ['abcabcabcabc', 'common'],
  ['Password1234', 'common'],
  ['P@ssw0rd!2026', 'common'],
  ['passwordpassword', 'common'],
  ['admin-welcome-2026', 'common'],
  ['йцукен123456', 'common'],
  ['zhou.min2026', 'own_name'],
  ['Zhou.Min@Example.com1', 'own_name'],
  ['correct horse battery staple', null],
  ['沿着洱海骑车到双廊再回来', null],
  ['kettle7-violet-marsh', null],
])('%s: %s', (password, problem) => {
  expect(passwordProblem(password, who)).toBe(problem)
})
