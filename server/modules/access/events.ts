/** What happens to rights and to staff. */

declare module '#platform/events' {
  interface Events {
    'access.role_given': { holderId: string; role: string; kind: string; code?: string }
    'access.role_ended': { holderId: string; role: string; kind: string }
    'access.signed_in': { staffId: string; way: string }
    'access.password_set': { staffId: string }
    'access.second_factor_on': { staffId: string }
    'access.second_factor_off': { staffId: string }
    'access.sessions_ended': { staffId: string; ended: number }
    'access.provider_linked': { staffId: string }
    'staff.left': { staffId: string; successorId: string | null }
  }
}

export {}
