import { index, onchainEnum, onchainTable, primaryKey } from 'ponder';

// As in subgraph/schema.graphql, which says what the fields mean.

export const tradeKind = onchainEnum('trade_kind', ['order', 'close', 'liquidation']);
export const side = onchainEnum('side', ['long', 'short']);

export const trade = onchainTable(
  'trade',
  (t) => ({
    id: t.text().primaryKey(),
    account: t.hex().notNull(),
    market: t.integer().notNull(),
    position: t.text().notNull(),
    kind: tradeKind().notNull(),
    side: side().notNull(),
    sizeDelta: t.bigint().notNull(),
    closed: t.bigint().notNull(),
    price: t.bigint().notNull(),
    cost: t.bigint().notNull(),
    notional: t.bigint().notNull(),
    fee: t.bigint().notNull(),
    realised: t.bigint().notNull(),
    size: t.bigint().notNull(),
    margin: t.bigint(),
    timestamp: t.bigint().notNull(),
    block: t.bigint().notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    ofAccount: index().on(table.account, table.timestamp),
    ofMarket: index().on(table.market, table.timestamp),
  }),
);

export const position = onchainTable(
  'position',
  (t) => ({
    id: t.text().primaryKey(),
    account: t.hex().notNull(),
    market: t.integer().notNull(),
    side: side().notNull(),
    open: t.boolean().notNull(),
    size: t.bigint().notNull(),
    cash: t.bigint().notNull(),
    peakSize: t.bigint().notNull(),
    entryCost: t.bigint().notNull(),
    entryPrice: t.bigint().notNull(),
    closedSize: t.bigint().notNull(),
    exitCost: t.bigint().notNull(),
    exitPrice: t.bigint(),
    cost: t.bigint().notNull(),
    realised: t.bigint().notNull(),
    fees: t.bigint().notNull(),
    volume: t.bigint().notNull(),
    tradeCount: t.integer().notNull(),
    liquidated: t.boolean().notNull(),
    openedAt: t.bigint().notNull(),
    closedAt: t.bigint(),
    changedAt: t.bigint().notNull(),
  }),
  (table) => ({ ofAccount: index().on(table.account) }),
);

/** What was filled since the market's last update, for its candles. */
export const market = onchainTable('market', (t) => ({
  id: t.integer().primaryKey(),
  highestFill: t.bigint(),
  lowestFill: t.bigint(),
  volume: t.bigint().notNull(),
  tradeCount: t.integer().notNull(),
}));

export const candle = onchainTable(
  'candle',
  (t) => ({
    market: t.integer().notNull(),
    interval: t.integer().notNull(),
    start: t.bigint().notNull(),
    open: t.bigint().notNull(),
    high: t.bigint().notNull(),
    low: t.bigint().notNull(),
    close: t.bigint().notNull(),
    volume: t.bigint().notNull(),
    tradeCount: t.integer().notNull(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.market, table.interval, table.start] }) }),
);
