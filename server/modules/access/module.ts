import type { Module } from '#platform/modules'
import { routes } from './routes.ts'

export const module: Module = {
  name: 'access',
  setup: [
    'access.staff',
    'access.roles',
    'access.grants',
    'access.api_keys',
    'access.sign_in_links',
    'access.sessions',
  ],
  routes,
}
