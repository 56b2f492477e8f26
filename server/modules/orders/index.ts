import './events.ts'

export { cleanOrderLine, type LineIntake, type LineOptions } from './intake.ts'
export {
  homesWithOrders,
  type OrderFacts,
  type OrderLine,
  type OrderStatus,
  type OrderView,
  orderContentHash,
  orderKey,
  ordersOf,
  orderTotals,
  orderWithdrawalOf,
  type PreparedOrder,
  putOrders,
  standingOrders,
  withdrawOrders,
} from './orders.ts'
