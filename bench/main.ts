/** `npm run bench -- NAME [options]`: figures beside a floor measured in the same run. */
const benches: Record<string, () => Promise<{ run(args: string[]): Promise<void> }>> = {
  access: () => import('./access.ts'),
  events: () => import('./events.ts'),
  'first-pages': () => import('./first-pages.ts'),
  import: () => import('./import.ts'),
  match: () => import('./match.ts'),
  pages: () => import('./pages.ts'),
  profile: () => import('./profile.ts'),
  reactions: () => import('./reactions.ts'),
}

const [name, ...args] = process.argv.slice(2)
const bench = name === undefined ? undefined : benches[name]
if (!bench) {
  process.stderr.write(`Usage: npm run bench -- ${Object.keys(benches).join('|')} [options]\n`)
  process.exit(2)
}
await (await bench()).run(args)
