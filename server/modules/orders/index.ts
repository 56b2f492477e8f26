import './events.ts'

export { cleanOrderLine, type LineIntake, type LineOptions } from './intake.ts'
export {
  homesOfOrders,
  homesWithOrders,
  type OrderFacts,
  type OrderLine,
  type OrderStatus,
  type OrderView,
  orderContentHash,
  orderKey,
  ordersNotOf,
  ordersOf,
  orderTotals,
  type PreparedOrder,
  putOrders,
  standingOrders,
} from './orders.ts'
export { type OrderWord, respellBack, respellOrders, wordsOfOrders } from './respelling.ts'
export { allBookedTogether, bookedWith, type Together } from './together.ts'
export { orderWithdrawalOf, withdrawOrders } from './withdrawal.ts'
