export {
  OrderServicePortError,
  OrderServiceSettingError,
} from './errors.ts';
export { DEFAULT_LIMITS, type OrderLimits } from './orderService.ts';
export { clientOf, type Rate, RateLimit } from './rateLimit.ts';
export { DEFAULT_RATE } from './server.ts';
export { type OrderServiceSettings, type RunningOrderService, startOrderService } from './startOrderService.ts';
export { DEFAULT_STREAM_LIMITS, type StreamLimits } from './streams.ts';
