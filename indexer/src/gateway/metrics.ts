import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type GatewayMetrics = ReturnType<typeof makeMetrics>;

/** What a gateway tells Prometheus. The table of docs/indexing-gateway.md is this, in the same order and words. */
export function makeMetrics() {
  const registry = new Registry();
  const common = (name: string, help: string) => ({
    name: `tidemark_gateway_${name}`,
    help,
    registers: [registry],
  });
  return {
    registry,
    operations: new Counter({
      ...common('operations_total', 'Queries and mutations by what came of them: answered, refused, failed'),
      labelNames: ['outcome'] as const,
    }),
    duration: new Histogram({
      ...common('operation_seconds', 'From the request to its answer, the wait for its turn included'),
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    }),
    subscriptions: new Gauge(common('subscriptions', 'Subscriptions at present')),
    executions: new Counter(common('subscription_runs_total', 'Runs of subscribed operations; equal ones run once')),
    messages: new Counter(common('subscription_messages_total', 'Answers handed to subscribers')),
    connections: new Gauge({
      ...common('connections', 'Connections at present: http, those of event streams among them, and websocket'),
      labelNames: ['kind'] as const,
    }),
    drops: new Counter({
      ...common('drops_total', 'Connections ended for what their client did: slow, silent, flood, malformed, crowd'),
      labelNames: ['reason'] as const,
    }),
    block: new Gauge(common('block_number', 'The newest block that is served')),
    behind: new Gauge(common('blocks_behind', 'How many blocks the chain is ahead of it')),
    silence: new Gauge(common('silence_seconds', 'How long ago that block became visible')),
    failed: new Gauge(common('failed', '1 when indexing ended for good, else 0')),
    reorganisations: new Counter(common('reorganisations_total', 'Reorganisations that subscribers were told of')),
  };
}
