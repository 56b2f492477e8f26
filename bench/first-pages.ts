/**
 * How long until a first page can be used, with nothing kept by the browser: the member centre's on a slow phone (the
 * processor slowed down four times, 1.6 Mbit/s, 150 ms there and back), the console's Today as this machine is. Usable is
 * when the field or the list that the page is for can be typed into or clicked. The floor is the same browser and line
 * with a page of the same address that has no script (`/healthz`).
 */
import type { Page } from 'playwright-core'
import { openBrowser } from '../e2e/chromium.ts'
import { startProgram } from '../e2e/program.ts'
import { bench, note } from './ground.ts'

interface Line {
  slowdown: number
  /** Bits a second; null: as this machine is. */
  bits: number | null
}

const slowPhone: Line = { slowdown: 4, bits: 1_600_000 }
const here: Line = { slowdown: 1, bits: null }
const roundTripMilliseconds = 150
const times = 7

export async function run(): Promise<void> {
  const program = await startProgram()
  try {
    const signIn = (page: Page) =>
      page.goto(program.link).then(() => page.getByRole('navigation').first().waitFor({ timeout: 60_000 }))
    await measure('first-pages.member_centre.slow_phone', slowPhone, {
      viewport: { width: 390, height: 844 },
      floorAt: `${program.url}/healthz`,
      open: async (page) => {
        await page.goto(`${program.url}/m/`, { waitUntil: 'commit' })
        await page.getByRole('textbox').first().waitFor()
      },
    })
    await measure('first-pages.console', here, {
      viewport: { width: 1440, height: 900 },
      floorAt: `${program.url}/healthz`,
      before: signIn,
      open: async (page) => {
        await page.goto(`${program.url}/console/today`, { waitUntil: 'commit' })
        await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
        await page.locator('[aria-busy="true"]').first().waitFor({ state: 'hidden' })
      },
    })
  } finally {
    await program.stop()
  }
}

async function measure(
  name: string,
  line: Line,
  {
    viewport,
    floorAt,
    before,
    open,
  }: {
    viewport: { width: number; height: number }
    floorAt: string
    before?: (page: Page) => Promise<unknown>
    open: (page: Page) => Promise<unknown>
  },
): Promise<void> {
  const { context, close } = await openBrowser({ viewport })
  try {
    const page = await context.newPage()
    await before?.(page)
    const client = await context.newCDPSession(page)
    await client.send('Network.enable')
    const timed = async (what: () => Promise<unknown>) => {
      const taken: number[] = []
      for (let time = 0; time < times; time++) {
        await page.goto('about:blank')
        await client.send('Network.clearBrowserCache')
        await client.send('Emulation.setCPUThrottlingRate', { rate: line.slowdown })
        if (line.bits !== null)
          await client.send('Network.emulateNetworkConditions', {
            offline: false,
            latency: roundTripMilliseconds,
            downloadThroughput: line.bits / 8,
            uploadThroughput: line.bits / 8,
          })
        const began = performance.now()
        await what()
        taken.push(performance.now() - began)
      }
      return taken.sort((a, b) => a - b)[Math.floor(times / 2)]!
    }
    const floor = await timed(() => page.goto(floorAt))
    const taken = await timed(() => open(page))
    note(`${name}: median of ${times}, cache emptied each time`)
    bench(name, taken, 'ms', floor)
  } finally {
    await close()
  }
}
