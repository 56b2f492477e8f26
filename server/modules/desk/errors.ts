import { Refusal } from '#platform/errors'

export const viewNotFound = (viewId: string) =>
  new Refusal('not_found', 'desk.view_not_found', { viewId }, `You have no view ${viewId}.`)

export const viewNameTaken = (name: string) =>
  new Refusal(
    'conflict',
    'desk.view_name_taken',
    { field: 'name', name },
    `name: you have another view called ${name}. Choose a name of its own, or change that view.`,
  )

export const tooManyViews = (limit: number) =>
  new Refusal(
    'conflict',
    'desk.too_many_views',
    { limit },
    `You have ${limit} views, and more are not kept. Delete one first.`,
  )
