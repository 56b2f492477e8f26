/**
 * `npm test`: everything that is checked before a change is taken in. Each part runs even when one before it has
 * failed; the last line counts tests and checks together: `N passed, N failed`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import setup from './setup.cjs'

const { setUp, buildApps, root, node } = setup
const reports = mkdtempSync(join(tmpdir(), 'roundtrip-test-'))
const sum = { passed: 0, failed: 0 }

if (await part('set-up', () => setUp({ web: false }).then(once))) {
  await part('format and lint', () => check('@biomejs/biome/bin/biome', 'check', '.'))
  await part('types of the server', () => check('typescript/bin/tsc', '-p', 'tsconfig.json'))
  await part('types of the web apps', () => check('typescript/bin/tsc', '-p', 'web/tsconfig.json'))
  const built = await part('build of the web apps', () => buildApps().then(once))
  await part('tests', () => tests('vitest.config.ts'))
  if (built) await part('browser tests', browserTests)
}
rmSync(reports, { recursive: true, force: true })
console.log(`\n${sum.passed} passed, ${sum.failed} failed`)
process.exitCode = sum.failed ? 1 : 0

/** Runs one part, adds what it counted, and tells whether all of it passed. What it throws is one failure. */
async function part(name, work) {
  console.log(`\n── ${name}`)
  const begun = Date.now()
  const count = await work().catch((error) => {
    console.log(error instanceof setup.SetupFailed ? error.message : error.stack)
    return { passed: 0, failed: 1 }
  })
  sum.passed += count.passed
  sum.failed += count.failed
  console.log(`${count.failed ? '✗' : '✓'} ${name}, ${((Date.now() - begun) / 1000).toFixed(1)} s`)
  return count.failed === 0
}

function once() {
  return { passed: 1, failed: 0 }
}

async function check(program, ...args) {
  const { code } = await run([join('node_modules', program), ...args])
  return code === 0 ? once() : { passed: 0, failed: 1 }
}

async function browserTests() {
  // Finds a Chromium or installs one, or says what to do.
  const found = await run(['e2e/chromium.ts'], { capture: true })
  if (found.code !== 0) return { passed: 0, failed: 1 }
  return tests('vitest.e2e.config.ts', { ROUNDTRIP_CHROMIUM: found.output.trim() })
}

async function tests(config, env = {}) {
  const report = join(reports, `${config}.json`)
  const { code } = await run(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { env },
  )
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // A file that can't be read has no tests to count, and neither has an error outside of a test.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
  )
  const failed = numFailedTests + brokenFiles.length
  return { passed: numPassedTests, failed: failed || (code === 0 && numPassedTests > 0 ? 0 : 1) }
}

/** Runs a program on the Node of the packages, which is also first on its path. */
function run(args, { env = {}, capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, {
      cwd: root,
      env: { ...process.env, ...env, PATH: `${dirname(node)}:${process.env.PATH}` },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    })
    let output = ''
    child.stdout?.on('data', (text) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
