/** What happens to people. Payloads hold ids, codes and counts. */

declare module '#platform/events' {
  interface Events {
    /** A record arrived that is nobody known yet: a new member. */
    'member.registered': { channel: string; importId?: string }
    /** A record arrived and belongs to a person who was known. `by`: the kinds of identity that said so. */
    'record.joined': { channel: string; person: string; by: string[]; importId?: string }
    'record.updated': { channel: string; version: number; importId?: string }
    /** The undo of an import took the record back. */
    'record.withdrawn': { channel: string; importId: string }
    /** Two known people turned out to be one; one event for each home that changed person. */
    'members.joined': { from: string; person: string; by: string[] }
    /** One person turned out to be several; one event for each home that changed person. */
    'members.parted': { from: string; person: string; reason: string }
    /** Staff looked at two who might be one, and they are two. */
    'members.kept_apart': { other: string }
    /** What staff had decided about these two was taken back: they are asked about again. */
    'members.asked_again': { other: string }
    /** Staff took a record out of this person; it belongs to `person` now. */
    'record.taken_out': { person: string }
    /** A store, and maybe a member of staff in it, has to do with this member now, or no longer. */
    'member.related': { store: string; kind: 'home' | 'served'; staffId: string | null }
    'member.unrelated': { store: string; kind: 'home' | 'served'; staffId: string | null }
    /** The person behind this home was erased; the number of the home is all that is left. */
    'member.erased': Record<string, never>
    /** Somebody saw a masked value in full; who it was and why stands in the audit log. */
    'value.shown': { field: string }
  }
}

export {}
