/** What happens to rights and to staff. */

declare module '#platform/events' {
  interface Events {
    'access.role_given': { holderId: string; role: string; kind: string; code?: string }
    'access.role_ended': { holderId: string; role: string; kind: string }
    'staff.left': { staffId: string; successorId: string | null }
  }
}

export {}
