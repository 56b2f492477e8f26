export { type CodesInUse, codesInUse, takeCode } from './codes.ts'
export { companyUnknown, type RowMistake, rowsWrong } from './errors.ts'
export { type Company, channelsOfCompanies, companies } from './places.ts'
export { putTree, removeFromTree, type Tree, type TreeRow, tree } from './tree.ts'
