// The Graph's query dialect over the tables of a deployment.

export { querySchema } from './apiSchema.ts';
export { check, execute } from './execute.ts';
export { DEFAULT_LIMITS, type QueryLimits } from './limits.ts';
export { META, touchedTypes } from './touchedTypes.ts';
export type { CheckRequest, PinnedBlock, QueryRequest, QueryResponse } from './types.ts';
