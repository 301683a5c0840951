export { IndexerError } from './errors.ts';
export {
  type GatewayLimits,
  GatewayPortError,
  GraphNodeError,
  type RunningGateway,
  startGateway,
} from './gateway/index.ts';
export { type MountedOrders, type MountedOrdersSettings, mountOrders } from './orders/mountOrders.ts';
export type { Progress } from './run/indexing.ts';
export { type IndexerOptions, type RunningIndexer, startIndexer } from './run/startIndexer.ts';
export type { Served, Standing } from './store/types.ts';
