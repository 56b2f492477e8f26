/**
 * Makes a checkout ready to run: the packages of package-lock.json (Node 24 and both database engines are among them)
 * and the web apps. It runs on whatever Node the machine has, so it needs nothing but that, and it speaks on stderr
 * only: stdout belongs to the command.
 */
'use strict'
const { spawn } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')

const root = fs.realpathSync(path.join(__dirname, '..'))
const at = (...parts) => path.join(root, ...parts)
/** The Node of the packages. */
const node = at('node_modules/.bin/node')

class SetupFailed extends Error {}

/** @param {{ web: boolean }} wanted whether the web apps are needed too */
async function setUp({ web }) {
  if (isInstalled() && !(web && staleApps().length)) return
  const release = await takeLock()
  try {
    if (!isInstalled()) await install()
    if (web) await buildApps()
  } finally {
    release()
  }
}

/**
 * npm notes in node_modules/.package-lock.json what it has put there, as the last thing it does. Packages for other
 * machines (optional ones) aren't there.
 */
function isInstalled() {
  const wanted = readJson(at('package-lock.json'))
  const there = readJson(at('node_modules/.package-lock.json'))
  if (!wanted)
    throw new SetupFailed(`There is no readable package-lock.json in ${root}: is this a whole checkout of Roundtrip?`)
  if (!there || !fs.existsSync(node)) return false
  return Object.entries(wanted.packages).every(([name, { version, integrity, optional, devOptional }]) => {
    const found = there.packages[name]
    if (name === '') return true
    if (!found) return Boolean(optional || devOptional)
    return found.version === version && (!integrity || found.integrity === integrity)
  })
}

async function install() {
  const order = ['ci', '--include=dev', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error']
  await showing('Installing the packages of Roundtrip (at the first start and after updates)', async () => {
    const { code, output } = await run('npm', order).catch((error) => {
      throw new SetupFailed(
        error.code === 'ENOENT'
          ? 'Roundtrip needs npm, which comes with Node.js: https://nodejs.org/en/download'
          : error.message,
      )
    })
    if (code !== 0)
      throw new SetupFailed(
        `npm could not install the packages of Roundtrip:\n\n${firstLines(output)}\n\nIs this machine online, is there room on the disk, may you write to ${root}? Then start it again.`,
      )
    if (!fs.existsSync(node))
      throw new SetupFailed(
        `npm has left out the install script of the package "node". Allow it, or run this in ${root}: npm rebuild node`,
      )
  })
}

/** Every folder of web/ with a vite.config.ts is an app, built into the folder of its name in dist/. */
function apps() {
  return fs.readdirSync(at('web')).filter((name) => fs.existsSync(at('web', name, 'vite.config.ts')))
}

function staleApps() {
  const sources = hashOfSources()
  return apps().filter((app) => readText(at('dist', app, '.sources')) !== sources)
}

/** Each is built beside its place and moved there whole, so that nobody is ever served half an app. */
async function buildApps() {
  const sources = hashOfSources()
  for (const app of staleApps()) {
    const draft = at('dist', `${app}.draft`)
    await showing(`Building the web app ${app}`, async () => {
      const { code, output } = await run(node, [
        at('node_modules/vite/bin/vite.js'),
        'build',
        at('web', app),
        '--outDir',
        draft,
        '--emptyOutDir',
        '--logLevel',
        'warn',
      ])
      if (code !== 0) throw new SetupFailed(`The web app ${app} could not be built:\n\n${lastLines(output)}`)
      fs.writeFileSync(path.join(draft, '.sources'), sources)
      fs.rmSync(at('dist', app), { recursive: true, force: true })
      fs.renameSync(draft, at('dist', app))
    })
  }
}

/** Of all that a web app is made from: web/, the contracts that it shares with the server, and its packages. */
function hashOfSources() {
  const files = [
    ...filesBelow('web'),
    ...filesBelow('server').filter((file) => path.basename(file) === 'contract.ts'),
    'package.json',
    'package-lock.json',
  ]
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(`${file}\n`).update(fs.readFileSync(at(file)))
  return hash.digest('hex')
}

function filesBelow(folder) {
  return fs.readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(name)
    return entry.isFile() ? [name] : []
  })
}

/**
 * One set-up at a time in a checkout; others wait. The lock is a socket that listens: the system closes it with its
 * process, whatever ends that, so it can't be left behind.
 */
async function takeLock() {
  const name = `roundtrip-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`
  // Linux has names of sockets that are no files.
  const address = process.platform === 'linux' ? `\0${name}` : path.join(os.tmpdir(), `${name}.sock`)
  let told = false
  for (;;) {
    const waiting = []
    const server = net.createServer((socket) => waiting.push(socket.on('error', () => {})))
    const taken = await new Promise((resolve, reject) => {
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
      server.listen(address, () => resolve(true))
    })
    if (taken)
      return () => {
        server.close()
        for (const socket of waiting) socket.destroy()
      }
    if (!told) process.stderr.write('Another set-up of this checkout is running: waiting for it …\n')
    told = true
    if (!(await endOf(address)) && process.platform !== 'linux') fs.rmSync(address, { force: true })
  }
}

/** Waits until whoever listens there ends; false when nobody does. */
function endOf(address) {
  return new Promise((resolve) => {
    const socket = net.connect(address)
    socket.on('connect', () => socket.on('close', () => resolve(true)))
    socket.on('error', () => resolve(false))
    socket.resume()
  })
}

/** Runs a program in the checkout; what it prints is kept for the message when it fails. */
function run(program, args) {
  return new Promise((resolve, reject) => {
    // Inside `npm start` the path begins with node_modules/.bin, whose Node npm is about to replace.
    const search = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== at('node_modules/.bin'))
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, PATH: search.join(path.delimiter), NODE_ENV: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // npm takes back what it has done so far when it is interrupted: the lock is held until it has.
    let interrupted = false
    const interrupt = (signal) => {
      interrupted = true
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, interrupt)
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => {
      if (interrupted) process.exit(1)
      for (const signal of signals) process.removeListener(signal, interrupt)
      resolve({ code, output })
    })
  })
}

/** One line on stderr, with the seconds counting where there is a terminal. */
async function showing(what, work) {
  const begun = Date.now()
  const seconds = () => Math.round((Date.now() - begun) / 1000)
  const alive = process.stderr.isTTY
  process.stderr.write(`${what} …${alive ? '' : '\n'}`)
  const clock = alive && setInterval(() => process.stderr.write(`\r${what} … ${seconds()} s`), 1000)
  try {
    await work()
    process.stderr.write(alive ? `\r${what}: done in ${seconds()} s\n` : `Done in ${seconds()} s\n`)
  } catch (error) {
    if (alive) process.stderr.write('\n')
    throw error
  } finally {
    clearInterval(clock)
  }
}

/** npm says first what went wrong and then how it is used. */
function firstLines(text) {
  return text.trim().split('\n').slice(0, 25).join('\n')
}

function lastLines(text) {
  return text.trim().split('\n').slice(-25).join('\n')
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

module.exports = { setUp, buildApps, SetupFailed, root, node }

if (require.main === module) {
  setUp({ web: process.argv[2] === 'start' }).catch((error) => {
    process.stderr.write(`${error instanceof SetupFailed ? error.message : error.stack}\n`)
    process.exit(1)
  })
}
