import { describe, expect, test } from 'vitest'
import { openLog, withoutPersonalValues } from '#platform/log'

function listen() {
  const lines: string[] = []
  return { log: openLog('debug', { write: (line) => lines.push(line) }), lines }
}

const personal = [
  '13800138000',
  '138 0013 8000',
  '138-0013-8000',
  '138.0013.8000',
  '+86 138 0013 8000',
  '0086-13800138000',
  '+86(138)00138000',
  '(021) 6234 5678',
  '１３８００１３８０００',
  '138　0013　8000',
  '+852 5123 4567',
  '51234567',
  '+7 (495) 123-45-67',
  '06.12.34.56.78',
  '11010519491231002X',
  '110105194912310021',
  '110105 19491231 002x',
  'E12345678',
  'EA1234567',
  'H1234567801',
  'A123456(7)',
  '1987-06-04',
  '04.06.1987',
  '6222 0202 0000 1234 567',
  'wanqing.lin@example.com',
  'wanqing+trip@mail.example.co.uk',
  '林晚晴@例子.公司',
]

const said = [
  '018f3c2e-1111-7abc-8def-0123456789ab',
  '01234567-1234-7123-8123-123456789012',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '2026-11-21T22:59:04.123Z',
  'connect ECONNREFUSED 127.0.0.1:5432',
  'address 192.168.100.200',
  'at server/platform/db.ts:123:45',
  'SQLSTATE 40P01',
  '1,234 rows in 5.25 s',
  'import 42 of channel store-a',
  'order.paid',
]

describe('a text', () => {
  test.for(personal)('loses %s', (value) => {
    for (const text of [value, `guest ${value} is known`, `Key (phone)=(${value}) exists.`, `客人${value}已存在`]) {
      const masked = withoutPersonalValues(text)
      expect(masked).toMatch(/<(number|email)>/)
      expect(masked.replaceAll(/\D/g, '').length).toBeLessThan(4)
      expect(masked).not.toContain('@')
    }
  })

  test.for(said)('keeps %s', (text) => {
    expect(withoutPersonalValues(text)).toBe(text)
  })

  test('loses them and keeps the rest, in one line', () => {
    expect(
      withoutPersonalValues(
        'member 018f3c2e-1111-7abc-8def-0123456789ab: 13800138000 or a@b.cn at 2026-11-21T00:00:00Z',
      ),
    ).toBe('member 018f3c2e-1111-7abc-8def-0123456789ab: <number> or <email> at 2026-11-21T00:00:00Z')
  })
})

describe('a line of the log', () => {
  const secrets = /1380013|wanqing|E1234567/
  const text = 'no guest 13800138000, wanqing.lin@example.com, E12345678'

  test('has none of it in its message, its arguments or its fields, however deep', () => {
    const { log, lines } = listen()
    log.info(text)
    log.warn({ error: text, guests: [{ said: text }] }, 'told: %s', text)
    log.child({ part: 'desk' }).error({ err: text }, 'failed')
    const circle: Record<string, unknown> = { said: text, at: new Date() }
    circle.circle = circle
    log.info(circle, 'round')
    expect(lines.splice(3).join()).not.toMatch(secrets)
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).not.toMatch(secrets)
    expect(JSON.parse(lines[1]!)).toMatchObject({
      msg: 'told: no guest <number>, <email>, <number>',
      error: 'no guest <number>, <email>, <number>',
      guests: [{ said: 'no guest <number>, <email>, <number>' }],
    })
  })

  test('has none of it in an error: message, lines of the stack, cause and what the database added', () => {
    const { log, lines } = listen()
    const error = Object.assign(new Error(`${text}\n    at ${text}`, { cause: new Error(text) }), {
      code: '23505',
      detail: `Key (phone)=(13800138000) already exists.`,
      parameters: [text],
    })
    log.error({ err: error }, 'request failed')
    log.error({ error }, 'under another name')
    log.error({ err: error })
    log.error(error)
    log.error(error, 'failed for 13800138000')
    log.info('told of %o', { guest: text })
    expect(lines).toHaveLength(6)
    for (const line of lines) expect(line).not.toMatch(secrets)
    for (const line of lines.slice(0, 5)) {
      const { error: other, err = other } = JSON.parse(line)
      expect(Object.keys(err)).toEqual(['type', 'code', 'message', 'stack'])
      expect(err.code).toBe('23505')
      expect(err.stack).toMatch(/log\.test\.ts:\d+:\d+/)
    }
  })

  test('keeps ids, codes, counts and durations as they are', () => {
    const { log, lines } = listen()
    const fields = {
      requestId: said[0],
      route: '/api/members/:memberId',
      status: 500,
      rows: 1_000_000,
      milliseconds: 12.5,
      done: true,
      none: null,
    }
    log.info(fields, 'answered')
    expect(JSON.parse(lines[0]!)).toMatchObject({ ...fields, msg: 'answered', level: 30 })
  })

  test('says when, and nothing of the machine', () => {
    const { log, lines } = listen()
    log.info('started')
    expect(Object.keys(JSON.parse(lines[0]!))).toEqual(['level', 'time', 'msg'])
    expect(JSON.parse(lines[0]!).time).toMatch(/^\d{4}-\d\d-\d\dT/)
  })

  test('below its level is not written', () => {
    const lines: string[] = []
    openLog('warn', { write: (line) => lines.push(line) }).info('nothing')
    expect(lines).toEqual([])
  })
})
