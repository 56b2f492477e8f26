import type { Module } from '#platform/modules'
import { routes } from './routes.ts'

export const module: Module = { name: 'desk', setup: ['desk.views'], routes }
