export { mayFilterBy, memberRows } from './member-rows.ts'
export { membersShown } from './today.ts'
