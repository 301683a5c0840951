export { GatewayPortError, GraphNodeError } from './errors.ts';
export {
  type GatewayOptions,
  type GatewaySource,
  type RunningGateway,
  startGateway,
} from './gateway.ts';
export type { GraphNodeOptions } from './graphNodeEngine.ts';
export { DEFAULT_LIMITS, type GatewayLimits } from './limits.ts';
export type { Extensions, RequestContext } from './schema.ts';
export type { Routes } from './server.ts';
