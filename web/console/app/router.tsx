/** Every page, with the address it has. Pages come when they are opened; only signing in is in the first script. */
import { QueryCache, QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from '@tanstack/react-router'
import { whoAmI } from '#modules/access/contract'
import { Problem } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { SignIn, SignInFromProvider } from '../features/sign-in/SignIn.tsx'
import { Unopened } from './Unopened.tsx'

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session can end while a page stands open: its next reading leads to signing in, and back here afterwards.
    onError: (error, { queryKey }) => {
      if (!isSignedOut(error) || queryKey[0] === asking[0]) return
      // Not removed: pages that stand open still draw with it until they are left.
      void queries.invalidateQueries({ queryKey: asking, refetchType: 'none' })
      void router.invalidate()
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.code === 'client.unreachable',
    },
  },
})

const asking = keyOf(whoAmI)
const isSignedOut = (error: unknown) => error instanceof Problem && error.code === 'access.sign_in'

const text = (value: unknown): string | undefined =>
  value === undefined || value === null || value === '' || typeof value === 'object' ? undefined : String(value)

/** Search parameters that are texts; what isn't one of them is dropped from the address. */
function texts<const Names extends readonly string[]>(...names: Names) {
  return (search: Record<string, unknown>): { [Name in Names[number]]?: string } =>
    Object.fromEntries(names.flatMap((name) => (text(search[name]) ? [[name, text(search[name])]] : []))) as never
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: texts('token', 'back'),
  component: SignIn,
})

const fromProvider = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/provider',
  component: SignInFromProvider,
})

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  beforeLoad: async ({ context, location }) => {
    let enrolling: boolean
    try {
      const { asks } = await context.queries.fetchQuery({ ...reading(whoAmI, {}), staleTime: 60_000 })
      enrolling = asks === 'second_factor'
    } catch (error) {
      if (!isSignedOut(error)) throw error
      throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { back: location.href } })
    }
    if (enrolling && location.pathname !== '/account') throw redirect({ to: '/account' })
  },
  component: lazyRouteComponent(() => import('./Frame.tsx'), 'Frame'),
})

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/today' })
  },
})

const today = createRoute({
  getParentRoute: () => frame,
  path: '/today',
  component: lazyRouteComponent(() => import('../features/today/Today.tsx'), 'Today'),
})

const members = createRoute({
  getParentRoute: () => frame,
  path: '/members',
  validateSearch: texts('search', 'channel', 'show', 'columns', 'view'),
  component: lazyRouteComponent(() => import('../features/members/MemberList.tsx'), 'MemberList'),
})

const member = createRoute({
  getParentRoute: () => frame,
  path: '/members/$memberId',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('../features/members/MemberPage.tsx'), 'MemberPage'),
})

const reviews = createRoute({
  getParentRoute: () => frame,
  path: '/members/reviews',
  validateSearch: texts('reason', 'member'),
  component: lazyRouteComponent(() => import('../features/members/Reviews.tsx'), 'Reviews'),
})

const sharedValues = createRoute({
  getParentRoute: () => frame,
  path: '/members/shared',
  validateSearch: texts('kind', 'from'),
  component: lazyRouteComponent(() => import('../features/members/SharedValues.tsx'), 'SharedValues'),
})

const quality = createRoute({
  getParentRoute: () => frame,
  path: '/members/quality',
  validateSearch: texts('company', 'channel', 'staff', 'by', 'finding'),
  component: lazyRouteComponent(() => import('../features/members/Quality.tsx'), 'Quality'),
})

const families = createRoute({
  getParentRoute: () => frame,
  path: '/members/families',
  component: lazyRouteComponent(() => import('../features/members/FamilyProposals.tsx'), 'FamilyProposals'),
})

const points = createRoute({
  getParentRoute: () => frame,
  path: '/points',
  component: lazyRouteComponent(() => import('../features/points/Rules.tsx'), 'Rules'),
})

const channels = createRoute({
  getParentRoute: () => frame,
  path: '/channels',
  component: lazyRouteComponent(() => import('../features/channels/Channels.tsx'), 'Channels'),
})

const imports = createRoute({
  getParentRoute: () => frame,
  path: '/imports',
  component: lazyRouteComponent(() => import('../features/imports/ImportList.tsx'), 'ImportList'),
})

const newImport = createRoute({
  getParentRoute: () => frame,
  path: '/imports/new',
  component: lazyRouteComponent(() => import('../features/imports/NewImport.tsx'), 'NewImport'),
})

const oneImport = createRoute({
  getParentRoute: () => frame,
  path: '/imports/$importId',
  validateSearch: texts('step'),
  component: lazyRouteComponent(() => import('../features/imports/ImportPage.tsx'), 'ImportPage'),
})

const exports = createRoute({
  getParentRoute: () => frame,
  path: '/exports',
  component: lazyRouteComponent(() => import('../features/exports/Exports.tsx'), 'Exports'),
})

const audit = createRoute({
  getParentRoute: () => frame,
  path: '/audit',
  validateSearch: texts('reason', 'actor', 'act', 'outcome', 'member', 'from', 'until'),
  component: lazyRouteComponent(() => import('../features/audit/Audit.tsx'), 'Audit'),
})

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  validateSearch: texts('tab', 'field', 'company'),
  component: lazyRouteComponent(() => import('../features/settings/Settings.tsx'), 'Settings'),
})

const treeFile = createRoute({
  getParentRoute: () => frame,
  path: '/settings/tree',
  component: lazyRouteComponent(() => import('../features/settings/TreeFile.tsx'), 'TreeFile'),
})

const start = createRoute({
  getParentRoute: () => frame,
  path: '/start',
  component: lazyRouteComponent(() => import('../features/today/Start.tsx'), 'Start'),
})

const account = createRoute({
  getParentRoute: () => frame,
  path: '/account',
  component: lazyRouteComponent(() => import('../features/account/Account.tsx'), 'Account'),
})

const noPage = createRoute({
  getParentRoute: () => frame,
  path: '$',
  component: lazyRouteComponent(() => import('./NoPage.tsx'), 'NoPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    fromProvider,
    frame.addChildren([
      home,
      today,
      members,
      quality,
      member,
      reviews,
      sharedValues,
      families,
      points,
      channels,
      imports,
      newImport,
      oneImport,
      exports,
      audit,
      settings,
      account,
      treeFile,
      start,
      noPage,
    ]),
  ]),
  basepath: '/console',
  context: { queries },
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultErrorComponent: Unopened,
  scrollRestoration: true,
  // A phone in the address bar is a text, not a number.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
