/** What can be consented to: a channel and a purpose. Service messages (codes, trips) are part of the contract and ask nothing. */

export const topics = [
  { topic: 'all.membership', channel: 'all', purpose: 'membership' },
  { topic: 'sms.marketing', channel: 'sms', purpose: 'marketing' },
  { topic: 'email.marketing', channel: 'email', purpose: 'marketing' },
  { topic: 'wechat.marketing', channel: 'wechat', purpose: 'marketing' },
  { topic: 'phone.marketing', channel: 'phone', purpose: 'marketing' },
  { topic: 'post.marketing', channel: 'post', purpose: 'marketing' },
  { topic: 'behaviour.analytics', channel: 'behaviour', purpose: 'analytics' },
  { topic: 'profiling.marketing', channel: 'profiling', purpose: 'marketing' },
  { topic: 'partners.sharing', channel: 'partners', purpose: 'sharing' },
] as const

export type Topic = (typeof topics)[number]['topic']

/** What joining itself asks; it ends with the membership and has no switch. */
export const membership: Topic = 'all.membership'

/** What can have been said elsewhere. Joining is agreed to here. */
export const consentTopics: readonly string[] = topics.map(({ topic }) => topic).filter((topic) => topic !== membership)

export const topicOf = (name: string) => topics.find(({ topic }) => topic === name)
