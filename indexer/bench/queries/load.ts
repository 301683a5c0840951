import type { Database } from '@tidemark/database';
import { accountId } from '@tidemark/sdk';
import { type Hex, numberToHex } from 'viem';
import { generator } from '../../../devnet/src/random.ts';
import type { EntityType, Schema } from '../../src/build/schema.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/types.ts';
import type { Entity, Value } from '../../src/values.ts';

/** How much there is of everything. */
export interface LoadSize {
  readonly trades: number;
  readonly accounts: number;
  readonly blocks: number;
}

/** Seconds. */
export const FIRST = 1_700_006_400n;
const MINUTE = 60n;
const HOUR = 3_600n;
const DAY = 86_400n;
const MARKETS = 4;
const PROPOSALS = 20;
const VOTES = 200;
const INTERVALS = { minute: 60n, fiveMinutes: 300n, fifteenMinutes: 900n, hour: HOUR, fourHours: 14_400n, day: DAY };
/** Blocks that are written at once. */
const FLUSH = 50;
/** Trades of one position's life. */
const LIFE = 8;

export const accountOf = (number: number) => accountId(numberToHex(0x10_000 + number, { size: 20 }));
export const timeOf = (block: number) => FIRST + BigInt(block) * MINUTE;
const hash = (number: number): Hex => numberToHex(number, { size: 32 });

/**
 * Fills a deployment by the runtime's own store, block by block, a minute each: trades with their orders, positions and their
 * changes, and in proportion all else that pages show. Fields that no query orders or filters by are zero.
 */
export async function load(database: Database, schema: Schema, id: string, size: LoadSize): Promise<Store> {
  const store = await openStore({ database, schema, id });
  const loader = new Loader(schema, size);
  for (let block = 1; block <= size.blocks; block++) {
    store.begin({ number: BigInt(block), hash: hash(block), parentHash: hash(block - 1), time: timeOf(block) });
    const attempt = store.attempt();
    loader.block(block, (type, id, data) => attempt.set(type, id, data));
    attempt.keep();
    store.end();
    if (block % FLUSH === 0 || block === size.blocks) await store.flush();
  }
  return store;
}

/** Of the data, what the type has no field for is left out. */
type Put = (type: string, id: string, data: Entity) => void;

class Loader {
  private readonly size: LoadSize;
  private readonly uniform = generator(1);
  private readonly fields: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly blanks: ReadonlyMap<string, Entity>;
  private trade = 0;

  constructor(schema: Schema, size: LoadSize) {
    this.size = size;
    this.fields = new Map(
      [...schema.types.values()].map(({ name, fields }) => [name, new Set(fields.map((field) => field.name))]),
    );
    this.blanks = new Map([...schema.types.values()].map((type) => [type.name, blank(type, schema)]));
  }

  block(block: number, write: Put): void {
    const put: Put = (type, id, data) => {
      const known = this.fields.get(type);
      const own = Object.entries(data).filter(([name]) => known?.has(name));
      write(type, id, { ...this.blanks.get(type), ...Object.fromEntries(own), id });
    };
    const time = timeOf(block);
    const start = (length: bigint) => time - (time % length);
    if (block === 1) this.begin(put);
    this.markets(block, put);
    const until = Math.floor((this.size.trades * block) / this.size.blocks);
    while (this.trade < until) this.tradeOne(this.trade++, block, put);
    if (block % 60 === 0) this.hour(start(HOUR), block, put);
    if (block % 1_440 === 0 || block === this.size.blocks) this.day(start(DAY), put);
  }

  private begin(put: Put) {
    put('Protocol', '0', {});
    put('Vault', '0', {});
    for (let number = 0; number < this.size.accounts; number++) {
      const account = accountOf(number);
      put('Account', account, { owner: account.slice(0, 42), margin: this.amount() });
      if (number % 100 === 0) put('LiquidityProvider', account.slice(0, 42), { shares: this.amount() });
      if (number % 50 === 0) {
        const voter = account.slice(0, 42);
        put('Delegate', voter, { votes: this.amount() });
        put('VaultRequest', `deposit-${number}`, {
          controller: voter,
          requestedAt: BigInt(number),
          amount: this.amount(),
        });
      }
    }
    for (let number = 0; number < PROPOSALS; number++) this.proposal(`${number}`, put);
  }

  private proposal(id: string, put: Put) {
    const voter = () => accountOf(50 * Math.floor((this.uniform() * this.size.accounts) / 50)).slice(0, 42);
    put('ProposalMetadata', `cid${id}`, {
      valid: true,
      title: `Proposal ${id}`,
      body: 'What it is about. '.repeat(200),
    });
    put('Proposal', id, { ordinal: Number(id), proposer: voter(), metadata: `cid${id}`, cid: `cid${id}` });
    for (let number = 0; number < 5; number++) put('ProposalAction', `${id}-${number}`, { proposal: id, number });
    for (let number = 0; number < VOTES; number++)
      put('Vote', `${id}-${number}`, { proposal: id, voter: voter(), weight: this.amount() });
  }

  private markets(block: number, put: Put) {
    const timestamp = timeOf(block);
    for (let number = 0; number < MARKETS; number++) {
      const market = `${number}`;
      const index = this.amount();
      if (block % 100 === 1) put('Market', market, { number, index });
      const place = { market, index, timestamp, block: BigInt(block), transaction: hash(block) };
      put('PriceUpdate', `${market}-${block}`, { ...place, number: block, sequence: sequenceOf(block, number) });
      put('MarketPoint', 'auto', {
        market,
        index,
        timestamp: timestamp * 1_000_000n,
        volume: this.amount(),
        trades: 5n,
      });
      for (const [interval, length] of Object.entries(INTERVALS)) {
        if (timestamp % length !== 0n) continue;
        const prices = { open: index, high: index, low: index, close: index, volume: this.amount() };
        put('Candle', `${market}-${length}-${timestamp}`, { market, interval, start: timestamp, ...prices });
      }
    }
  }

  private tradeOne(trade: number, block: number, put: Put) {
    const number = Math.floor(this.uniform() ** 2 * this.size.accounts);
    const account = accountOf(number);
    const market = `${trade % MARKETS}`;
    const life = Math.floor(trade / (LIFE * this.size.accounts));
    const position = `${account}-${market}-${life}`;
    const sequence = sequenceOf(block, 100 + (trade % 10_000));
    const id = `${hash(trade)}00000001`;
    const timestamp = timeOf(block);
    const place = { account, market, position, timestamp, block: BigInt(block), transaction: hash(trade), sequence };
    const amounts = { sizeDelta: this.amount(), cost: this.amount(), fee: this.amount(), realised: this.amount() };
    const price = { price: this.amount(), notional: this.amount() };
    const order = `${market}-${trade}-0`;
    const update = `${market}-${block}`;
    put('Trade', id, {
      ...place,
      ...amounts,
      ...price,
      kind: 'order',
      side: trade % 2 ? 'long' : 'short',
      update,
      order,
    });
    put('Order', order, {
      ...place,
      status: trade % 1_000 ? 'filled' : 'committed',
      trade: id,
      committedAt: timestamp,
    });
    put('PositionChange', id, { ...place, ...amounts, kind: 'order' });
    const held = { size: this.amount(), cash: this.amount(), open: trade % 10 === 0, changedAt: timestamp };
    put('Position', position, { account, market, number: life, ...held });
    if (trade % 5 === 0) put('FundingPayment', id, { ...place, amount: this.amount() });
    if (trade % 25 === 0) put('CollateralTransfer', id, { ...place, kind: 'deposit', amount: this.amount() });
    if (trade % 200 === 0) put('Liquidation', id, { ...place, notional: this.amount() });
    if (trade % 2_000 === 0) put('OracleStateChange', id, { ...place, kind: 'observed' });
    if (trade % 10_000 === 0)
      put('Deleveraging', `${market}-long-${trade}`, { market, number: trade, sequence, timestamp });
    put('AccountMarket', `${account}-${market}`, { account, market, position });
  }

  private hour(start: bigint, block: number, put: Put) {
    for (let market = 0; market < MARKETS; market++)
      put('FundingRate', `${market}-${start}`, { market: `${market}`, start, funding: this.amount() });
    const epoch = start / HOUR;
    put('VaultEpoch', `${epoch}`, { epoch, timestamp: start, sharePrice: this.amount() });
    for (let number = (block / 60) % 50; number < this.size.accounts; number += 50)
      put('AccountSnapshot', `${accountOf(number)}-${start}`, {
        account: accountOf(number),
        start,
        equity: this.amount(),
      });
  }

  private day(start: bigint, put: Put) {
    for (const type of ['ProtocolDay', 'VaultDay', 'InsuranceDay']) put(type, `${start}`, { start });
    const week = start - ((start / DAY + 3n) % 7n) * DAY;
    for (let number = 0; number < this.size.accounts; number++) {
      const account = accountOf(number);
      const stat = (period: string, from: bigint) =>
        put('AccountPeriodStat', `${account}-${period}-${from}`, {
          account,
          period,
          start: from,
          netProfit: this.amount(),
        });
      if (number % 4 === Number((start / DAY) % 4n)) stat('day', start);
      if (number % 7 === Number((start / DAY) % 7n)) stat('week', week);
      if (number % 30 === Number((start / DAY) % 30n)) stat('all', 0n);
    }
  }

  /** About a million dollars, 18 decimals, or less. */
  private amount(): bigint {
    return BigInt(Math.floor(this.uniform() * 1e12)) * 10n ** 12n;
  }
}

const sequenceOf = (block: number, log: number) => (BigInt(block) << 20n) + BigInt(log);

/** An entity with all that it must have. */
function blank(type: EntityType, schema: Schema): Entity {
  return Object.fromEntries(
    type.fields.flatMap(({ name, required, derivedFrom, list, enumName, scalar }): [string, Value][] => {
      if (!required || derivedFrom !== null) return [];
      if (list) return [[name, []]];
      if (enumName) return [[name, schema.enums.get(enumName)?.[0] ?? '']];
      return [[name, BLANKS[scalar as keyof typeof BLANKS]]];
    }),
  );
}

const BLANKS = { ID: '', String: '', Bytes: '0x', BigInt: 0n, Boolean: false, Int: 0, Int8: 0n, Timestamp: 0n };
