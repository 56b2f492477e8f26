export { type Company, channelsOfCompanies, companies } from './places.ts'
export { putTree, removeFromTree, type TreeRow, tree } from './tree.ts'
