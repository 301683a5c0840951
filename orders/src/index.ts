export {
  failure,
  OrderServicePortError,
  OrderServiceSettingError,
  PlacementRefusedError,
  RequestRefusedError,
  rateLimited,
  refusalOf,
} from './errors.ts';
export { type KeepOrdersSettings, type KeptOrders, keepOrders } from './keepOrders.ts';
export { DEFAULT_LIMITS, type OrderLimits, type OrderService } from './orderService.ts';
export { clientOf, DEFAULT_RATE, type Rate, RateLimit } from './rateLimit.ts';
export { type OrderRoutes, orderRoutes } from './server.ts';
export { type OrderServiceSettings, type RunningOrderService, startOrderService } from './startOrderService.ts';
export { DEFAULT_STREAM_LIMITS, type StreamLimits } from './streams.ts';
