import { type EngineEvent, type Order, parseEngineEvents } from '@tidemark/sdk';
import type { Address, Hex, Log } from 'viem';
import type { Health } from '../snapshot.ts';
import { type Block, type Head, REMEMBERED } from './blocks.ts';
import { touchedBy } from './touched.ts';

/** When the pool was appraised: the time, seconds, or the block, where its time is not known. */
type Appraisal = { readonly time: bigint } | { readonly block: bigint };

/** What a block brought, as far as it has to be taken back with it. */
interface Entry {
  readonly accounts: readonly Hex[];
  readonly batches: readonly string[];
  /** The last one up to this block. */
  readonly appraisal: Appraisal;
}

const NEVER: Appraisal = { time: 0n };

/** What events have told, and which accounts have to be read for it; each block of late can be taken back. */
export class Memory {
  /** Accounts whose state is not known. */
  readonly unread = new Set<Hex>();
  /** Accounts that may have a claim. */
  readonly claimants = new Set<Hex>();
  appraisal: Appraisal = NEVER;
  /** Whether the engine's code was replaced since this was last set to false. */
  upgraded = false;
  readonly #engine: Address;
  /** Orders of batches, and the block of each. */
  readonly #batches = new Map<string, { orders: readonly Order[]; block: bigint }>();
  readonly #entries = new Map<bigint, Entry>();

  constructor(engine: Address) {
    this.#engine = engine;
  }

  /** The orders of a batch; undefined when its event was not seen. */
  ordersOf(market: number, index: bigint): readonly Order[] | undefined {
    return this.#batches.get(`${market} ${index}`)?.orders;
  }

  /** Takes in what blocks tell. @param old Logs of blocks that will not be taken back. */
  learn(old: readonly Log[], blocks: readonly Block[], health: Health): void {
    if (old.length > 0) {
      const events = parseEngineEvents({ engine: this.#engine, logs: old });
      const last = events.findLast(({ eventName }) => eventName === 'PoolAppraised');
      if (last?.blockNumber) this.appraisal = { block: last.blockNumber };
      this.#note(events, (blocks[0]?.number ?? 1n) - 1n, health);
    }
    for (const { number, timestamp, logs } of blocks) {
      const events = parseEngineEvents({ engine: this.#engine, logs: [...logs] });
      const { accounts, batches, appraised } = this.#note(events, number, health);
      if (appraised) this.appraisal = { time: timestamp };
      this.#entries.set(number, { accounts, batches, appraisal: this.appraisal });
    }
    const newest = blocks.at(-1)?.number ?? 0n;
    for (const at of this.#entries.keys()) if (at <= newest - REMEMBERED) this.#entries.delete(at);
  }

  #note(events: readonly EngineEvent[], block: bigint, health: Health) {
    const touched = touchedBy(events);
    for (const market of touched.markets) for (const id of health.holders(market)) touched.accounts.add(id);
    for (const id of touched.claimants) this.claimants.add(id);
    if (touched.claimsPaid) for (const id of this.claimants) touched.accounts.add(id);
    // Whoever has neither a position nor a claim, and gets none, is nothing to anybody.
    const isKnown = (id: Hex) => touched.entered.has(id) || health.get(id) !== undefined || this.unread.has(id);
    const accounts = [...touched.accounts].filter(isKnown);
    for (const id of accounts) this.unread.add(id);
    const batches = touched.batches.map(({ market, index, orders }) => {
      const key = `${market} ${index}`;
      this.#batches.set(key, { orders, block });
      return key;
    });
    this.upgraded ||= touched.upgraded;
    return { accounts, batches, appraised: touched.appraised };
  }

  /** Takes back what blocks after one have told. */
  unlearn({ number }: Head): void {
    for (const [at, { accounts, batches }] of this.#entries) {
      if (at <= number) continue;
      for (const id of accounts) {
        this.unread.add(id);
        // What has become of its claim is not known either.
        this.claimants.add(id);
      }
      for (const key of batches) this.#batches.delete(key);
      this.#entries.delete(at);
    }
    this.appraisal = this.#entries.get(number)?.appraisal ?? NEVER;
    this.upgraded = true;
  }

  /** Drops the orders of batches that are passed for good. @param heads Of the queues, by market. */
  prune(block: bigint, heads: readonly bigint[]): void {
    for (const [key, { block: at }] of this.#batches) {
      if (at > block - REMEMBERED) break;
      const [market, index] = key.split(' ');
      if (BigInt(index as string) < (heads[Number(market)] ?? 0n)) this.#batches.delete(key);
    }
  }
}
