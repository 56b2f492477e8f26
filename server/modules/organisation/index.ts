export { putTree, removeFromTree, type TreeRow, tree } from './tree.ts'
