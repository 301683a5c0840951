import type { QueryTimes } from './queries/measure.ts';
import type { Delivery } from './subscribers.ts';

export const ENGINES = ['PGlite', 'Postgres'] as const;
export type Engine = (typeof ENGINES)[number];

/** Events a second. */
interface Rate {
  /** Of the first turn: Ponder fetches the chain, which it keeps from then on. */
  readonly first: number;
  /** Median of the turns after it. */
  readonly warm: number;
}

export interface Rates {
  readonly engine: Engine;
  /** Of the whole subgraph. */
  readonly whole: Rate;
  /** Of its handlers of those events that Ponder's project handles. */
  readonly cut: Rate;
  readonly ponder: Rate;
}

export interface Measured {
  /** Of those that both handle: rates are of them. */
  readonly events: number;
  readonly allEvents: number;
  readonly blocks: number;
  readonly runs: number;
  readonly trades: number;
  readonly rates: readonly Rates[];
  readonly delivery: Delivery;
  readonly queries: readonly { readonly engine: Engine; readonly times: readonly QueryTimes[] }[];
}

/** The whole subgraph's rate over Ponder's, at least. */
const LEAST_RATIO = 1.5;
/** Milliseconds. */
const DELIVERY_MS = 300;
const QUERY_MS = 50;

const count = (value: number) => value.toLocaleString('en-US');
const ratio = (ours: number, other: number) => Math.round((100 * ours) / other) / 100;

/** What falls short of its goal, a line each. */
export function shortcomings({ rates, delivery, queries }: Measured): string[] {
  const lines: string[] = [];
  for (const { engine, whole, ponder } of rates) {
    const reached = ratio(whole.warm, ponder.warm);
    if (reached < LEAST_RATIO)
      lines.push(`On ${engine} the runtime is ${reached} times as quick as Ponder, not ${LEAST_RATIO}.`);
  }
  const { p95, results, subscribers, blocks } = delivery;
  if (p95 > DELIVERY_MS) lines.push(`Subscribers wait ${p95} ms for a block, p95, not ${DELIVERY_MS}.`);
  if (results < subscribers * blocks) lines.push(`${subscribers * blocks - results} results did not come in time.`);
  for (const { engine, times } of queries) {
    for (const { document, p95 } of times)
      if (p95 > QUERY_MS) lines.push(`${document} takes ${p95} ms on ${engine}, p95, not ${QUERY_MS}.`);
  }
  return lines;
}

/** The figures, as people read them. */
export function table(m: Measured): string {
  const both = ({ first, warm }: Rate) => `${count(warm)} (${count(first)})`;
  const { delivery: d } = m;
  return [
    `| events/s of ${count(m.events)}, median of ${m.runs} (first turn) | ${m.rates.map(({ engine }) => engine).join(' | ')} |`,
    `|---|${m.rates.map(() => '---:|').join('')}`,
    `| whole subgraph, ${count(m.allEvents)} events handled | ${m.rates.map(({ whole }) => both(whole)).join(' | ')} |`,
    `| its handlers of the same events alone | ${m.rates.map(({ cut }) => both(cut)).join(' | ')} |`,
    `| Ponder 0.16.10: trades, positions, candles | ${m.rates.map(({ ponder }) => both(ponder)).join(' | ')} |`,
    `| whole over Ponder, at least ${LEAST_RATIO} | ${m.rates.map(({ whole, ponder }) => ratio(whole.warm, ponder.warm)).join(' | ')} |`,
    `| the same, first turns | ${m.rates.map(({ whole, ponder }) => ratio(whole.first, ponder.first)).join(' | ')} |`,
    '',
    `| block to subscriber, ${d.subscribers} subscriptions, ${d.blocks} blocks | ms |`,
    '|---|---:|',
    `| p50 | ${d.p50} |`,
    `| p95, at most ${DELIVERY_MS} | ${d.p95} |`,
    '',
    `| document over ${count(m.trades)} trades: p50 / p95 ms, p95 at most ${QUERY_MS} | ${m.queries.map(({ engine }) => engine).join(' | ')} |`,
    `|---|${m.queries.map(() => '---:|').join('')}`,
    ...(m.queries[0]?.times ?? []).map(({ document }, place) => {
      const cells = m.queries.map(({ times }) => `${times[place]?.p50} / ${times[place]?.p95}`);
      return `| ${document} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

/** The page of a run. */
export function page(m: Measured): string {
  return `# The indexer's speed

Written by \`npm run bench -- indexer --write\`, which fails when a goal is missed. All of it was measured in one run on one
machine, in turns: the ratios carry over to another machine, the figures less so.

${table(m)}

**Indexing.** A process of its own serves ${count(m.blocks)} blocks made from a seed: orders committed and settled in batches, closes,
liquidations, margin, with the engine's own words. Both index it from block 1. Of its ${count(m.allEvents)} events
${count(m.events)} tell of trades, positions and candles; Ponder's project (\`indexer/bench/ponder\`) handles these alone, and all rates
are of them, so that what else the whole subgraph handles counts against it. The first turn is not in the median. In it Ponder fetches
the chain; from then on it reads what it kept in its database, while the runtime asks the RPC each time. Ponder's time
is from the start of its backfill to its end, by its log; the runtime's from its first request to the last block written,
tables made included. Ponder bounds its requests by address: it is given the one node under many.

**Subscribers.** The node shows one block a second; from then to the result at each WebSocket, the indexer asking the node by its
default interval. Three fifths of the subscriptions are to accounts, each its own; the others to markets, trades and candles.

**Documents.** Trades with their orders, positions and changes, and in proportion all else that pages show, were written by the
runtime's own store; then the SDK's documents were asked in turns, other accounts and markets each time.
`;
}
