/**
 * The browser of the browser tests: a Chromium that is on the machine, else one that root installs by apt, else a
 * message that says what to do. Run as a program it prints where the browser is.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const onMac = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const advice = `The browser tests need Chromium, and none was found (looked for ${names.join(', ')}).
Install it, on Debian and Ubuntu by: sudo apt-get install chromium
or set ROUNDTRIP_CHROMIUM to the path of a Chromium or Chrome.`

export interface Browser {
  /** Its pages; cookies and storage begin empty. */
  readonly context: BrowserContext
  close(): Promise<void>
}

export async function openBrowser(
  options: { viewport?: { width: number; height: number }; locale?: string } = {},
): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'roundtrip-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: haveChromium(),
    headless: true,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    // Without a language of the system it calls every file with a Chinese name `download`.
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    // Tests look at our own pages only. Without a sandbox, because Chromium as root has none.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  })
  return {
    context,
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Where Chromium is; installs it when this is root on a machine with apt. */
export function haveChromium(): string {
  const told = process.env.ROUNDTRIP_CHROMIUM
  if (told) {
    if (isProgram(told)) return told
    throw new Error(`ROUNDTRIP_CHROMIUM is ${told}, and that is no program.`)
  }
  const found = find() ?? (mayInstall() && install() ? find() : undefined)
  if (!found) throw new Error(advice)
  return found
}

function find(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...onMac].find(isProgram)
}

/** Some systems have a script of this name that only says how to install the browser, so it is asked for its version. */
function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return /Chrom/.test(
      execFileSync(file, ['--version', '--no-sandbox'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 30_000,
      }),
    )
  } catch {
    return false
  }
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
}

function install(): boolean {
  process.stderr.write('No Chromium on this machine: installing it by apt-get …\n')
  const order = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2] as ['ignore', number, number],
  }
  spawnSync('apt-get', ['update', '-qq'], order)
  return spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], order).status === 0
}

if (import.meta.main) {
  try {
    console.log(haveChromium())
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
