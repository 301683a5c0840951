import { PriceState, type TidemarkError, toTidemarkError } from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { Action } from '../actions.ts';
import { DEVNET_CHAIN_IDS } from '../chain/keys.ts';
import type { KeeperEvent } from '../events.ts';
import { waiting } from '../plan/index.ts';
import { ROLES, type Role, roleOf } from '../roles.ts';
import type { MarketSnapshot, Snapshot } from '../snapshot.ts';
import { makeMetrics } from './metrics.ts';
import { PRIVILEGED_EVENTS, type Reading, type Readings, type Told } from './readings.ts';

const OUTCOMES = ['sent', 'included', 'reverted', 'replaced', 'refused', 'unprofitable', 'would'] as const;
const WAITS = ['to be queued', 'for its time', 'to be executed'] as const;
/** Gas of what a keeper that is well could pay for at any time: a large settlement. */
const AFFORDABLE_GAS = 3_000_000n;

export interface TelemetryOptions {
  readonly readings: Pick<Readings, 'read' | 'contracts'>;
  readonly roles: readonly Role[];
  /** Names of the services as their events have them. */
  readonly rpcs: readonly string[];
  readonly priceSources: readonly string[];
  readonly orderServices: readonly string[];
  /** USD, 18 decimals, where the exchange names no market of ether; 0 when that is not known. */
  readonly etherPrice?: bigint;
  /** Seconds after which the last processed block is too old. */
  readonly maxAge: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly onTrouble?: (why: TidemarkError) => void;
}

/** What /health tells. */
export interface Health {
  readonly status: 'ok' | 'failing';
  /** What is wrong, each a sentence. */
  readonly reasons: readonly string[];
  readonly chainId: number | null;
  readonly address: string | null;
  readonly roles: readonly Role[];
  readonly block: string | null;
  /** Of the block, seconds. */
  readonly age: number | null;
  /** Wei; null before it was read. */
  readonly balance: string | null;
}

/** Keeps the metrics and the health of one keeper by what it tells. Never throws, and never waits for the chain. */
export class Telemetry {
  readonly metrics = makeMetrics();
  readonly #options: TelemetryOptions;
  readonly #now: () => number;
  #started: { chainId: number; address: string } | undefined;
  #last: { block: bigint; time: bigint; processedAt: number } | undefined;
  #reading: Reading | undefined;
  #ethPrice = 0n;
  /** Publish times of the newest price of each market and source. */
  readonly #published = new Map<string, bigint>();
  /** When a contract last told a change of roles or code. */
  readonly #privileged = new Map<string, { contract: string; event: string; at: bigint }>();
  /** Accounts that can be liquidated: since which block, and from which on no longer. */
  readonly #due = new Map<Hex, { since: bigint; until: bigint | null }>();
  /** Actions left undone since they would cost more than they bring, by key. */
  readonly #unprofitable = new Map<string, Role>();
  #snapshot: Snapshot | undefined;
  #busy: Promise<void> | undefined;
  #next: bigint | undefined;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { metrics } = this;
    for (const role of ROLES) {
      metrics.roleEnabled.set({ role }, options.roles.includes(role) ? 1 : 0);
      metrics.gasUsed.inc({ role }, 0);
      metrics.rewards.inc({ role }, 0);
      for (const outcome of OUTCOMES) metrics.actions.inc({ role, outcome }, 0);
      for (const outcome of ['included', 'reverted'])
        for (const layer of ['l1', 'l2']) {
          metrics.fees.inc({ role, layer, outcome }, 0);
          metrics.costs.inc({ role, layer, outcome }, 0);
        }
    }
    for (const rpc of options.rpcs) metrics.rpcUp.set({ rpc }, 1);
    for (const source of options.priceSources) metrics.priceSourceUp.set({ source }, 1);
    for (const service of options.orderServices) metrics.orderServiceUp.set({ service }, 1);
    for (const waits of WAITS) metrics.proposalsWaiting.set({ waits }, 0);
  }

  /** Price of ether, USD, 18 decimals; 0 when it is not known. */
  get ethPrice(): bigint {
    return this.#ethPrice;
  }

  /** The time of the last processed block, seconds; 0 before the first. */
  get time(): bigint {
    return this.#last?.time ?? 0n;
  }

  onEvent(event: KeeperEvent): void {
    const { metrics } = this;
    switch (event.event) {
      case 'started':
        this.#started = event;
        metrics.info.set({ chain: String(event.chainId), address: event.address }, 1);
        return;
      case 'included':
      case 'reverted':
        this.#count(event);
        return;
      case 'orders-lost':
      case 'orders-back':
        metrics.orderServiceUp.set({ service: event.source }, event.event === 'orders-back' ? 1 : 0);
        return;
      case 'sent':
      case 'replaced':
      case 'refused':
      case 'unprofitable':
      case 'would':
        metrics.actions.inc({ role: roleOf(event.action), outcome: event.event });
        if (event.event === 'unprofitable') this.#unprofitable.set(event.action.key, roleOf(event.action));
        if (event.event === 'sent') this.#unprofitable.delete(event.action.key);
        return;
      case 'source-lost':
      case 'source-back':
        metrics.priceSourceUp.set({ source: event.source }, event.event === 'source-back' ? 1 : 0);
        return;
      case 'rpc-lost':
      case 'rpc-back':
        metrics.rpcUp.set({ rpc: event.rpc }, event.event === 'rpc-back' ? 1 : 0);
        return;
      case 'reorg':
        metrics.reorgs.inc();
        return;
      case 'trouble':
        metrics.troubles.inc();
    }
  }

  /** @param actions What the keeper makes of the snapshot. */
  onSnapshot(snapshot: Snapshot, actions: readonly Action[]): void {
    const { metrics } = this;
    const { block, now } = snapshot;
    if (block !== this.#last?.block) this.#last = { block, time: now, processedAt: this.#now() };
    metrics.block.set(Number(block));
    metrics.blockTime.set(Number(now));
    metrics.pauseLevel.set(snapshot.pauseLevel);
    metrics.signedOrders.set(snapshot.orders.length);
    let down = false;
    for (const market of snapshot.markets) {
      this.#observeMarket(market, now);
      if (market.state === PriceState.SequencerDown) down = true;
    }
    metrics.sequencerUp.set(down ? 0 : 1);
    this.#observeDue(block, actions);
    this.#observeUnprofitable(actions);
    const waits = waiting(snapshot);
    for (const one of WAITS) metrics.proposalsWaiting.set({ waits: one }, waits.filter((w) => w.waits === one).length);
    this.#snapshot = snapshot;
    this.#ageEvents(now);
    if (block !== this.#reading?.block) this.#readLater(block);
  }

  /** Waits until what is being read is read. */
  async idle(): Promise<void> {
    while (this.#busy) await this.#busy;
  }

  health(): Health {
    const age = this.#age();
    const reasons: string[] = [];
    const { maxAge } = this.#options;
    if (age === null) reasons.push('No block was processed yet.');
    else if (age > maxAge)
      reasons.push(`The last processed block is ${Math.floor(age)} s old; ${maxAge} s are allowed.`);
    const reading = this.#reading;
    if (reading && reading.balance < AFFORDABLE_GAS * reading.baseFee) {
      reasons.push("The keeper's ether does not pay for one settlement.");
    }
    return {
      status: reasons.length === 0 ? 'ok' : 'failing',
      reasons,
      chainId: this.#started?.chainId ?? null,
      address: this.#started?.address ?? null,
      roles: this.#options.roles,
      block: this.#last ? String(this.#last.block) : null,
      age,
      balance: reading ? String(reading.balance) : null,
    };
  }

  /** The metrics in Prometheus' text format, with the age as of now. */
  async scrape(): Promise<string> {
    const age = this.#age();
    if (age !== null) this.metrics.blockAge.set(age);
    return this.metrics.registry.metrics();
  }

  /** Seconds; on a devnet, whose clock is not the world's, since the last block was processed. */
  #age(): number | null {
    if (!this.#last || !this.#started) return null;
    const { time, processedAt } = this.#last;
    const processed = (this.#now() - processedAt) / 1000;
    if (DEVNET_CHAIN_IDS.includes(this.#started.chainId)) return processed;
    return Math.max(processed, this.#now() / 1000 - Number(time), 0);
  }

  #count(event: KeeperEvent & { event: 'included' | 'reverted' }): void {
    const { metrics } = this;
    const { event: outcome, action, gasUsed, l1Fee, l2Fee, reward } = event;
    const role = roleOf(action);
    metrics.actions.inc({ role, outcome });
    metrics.gasUsed.inc({ role }, Number(gasUsed));
    for (const [layer, fee] of [['l1', l1Fee] as const, ['l2', l2Fee] as const]) {
      metrics.fees.inc({ role, layer, outcome }, wad(fee));
      metrics.costs.inc({ role, layer, outcome }, wad((fee * this.#ethPrice) / 10n ** 18n));
    }
    if (outcome === 'reverted') return;
    metrics.rewards.inc({ role }, wad(reward));
    if (action.kind !== 'settle') return;
    const orders = action.batches.flat().length;
    metrics.settledOrders.inc(orders);
    metrics.orderL1Fee.set(wad(l1Fee) / orders);
  }

  #observeMarket({ id, market: books, pending, quote, state, storedAt, anchor }: MarketSnapshot, now: bigint) {
    const { metrics } = this;
    const market = String(id);
    const publishTimes = { service: quote?.publishTime, pyth: storedAt || undefined, chainlink: anchor?.publishTime };
    for (const [source, time] of Object.entries(publishTimes)) {
      const key = `${market} ${source}`;
      if (time !== undefined) this.#published.set(key, time);
      const known = this.#published.get(key);
      metrics.oracleAge.set({ market, source }, known === undefined ? Number.POSITIVE_INFINITY : Number(now - known));
    }
    metrics.oracleState.set({ market }, state);
    metrics.indexAge.set({ market }, Number(now - books.indexAt));
    metrics.ordersWaiting.set(
      { market },
      pending.reduce((sum, { orders }) => sum + (orders?.length ?? 1), 0),
    );
    const oldest = pending[0]?.committedAt;
    metrics.settlementWaiting.set({ market }, oldest === undefined ? 0 : Number(now - oldest));
    for (const [side, size] of [['long', books.longs] as const, ['short', books.shorts] as const]) {
      metrics.openInterest.set({ market, side }, wad((size * books.index) / 10n ** 12n));
    }
  }

  #observeDue(block: bigint, actions: readonly Action[]): void {
    const named = new Set(actions.flatMap((action) => (action.kind === 'liquidate' ? action.accounts : [])));
    for (const [account, due] of this.#due) if (!named.has(account)) due.until ??= block;
    for (const account of named) {
      if (this.#due.get(account)?.until !== null) this.#due.set(account, { since: block, until: null });
    }
    const waits = [...this.#due.values()].filter(({ until }) => until === null);
    const first = waits.reduce((least, { since }) => (since < least ? since : least), block);
    this.metrics.liquidationsWaiting.set(waits.length);
    this.metrics.liquidationWaiting.set(Number(block - first));
  }

  #observeUnprofitable(actions: readonly Action[]): void {
    const keys = new Set(actions.map(({ key }) => key));
    for (const key of this.#unprofitable.keys()) if (!keys.has(key)) this.#unprofitable.delete(key);
    for (const role of ROLES) {
      const undone = [...this.#unprofitable.values()].filter((one) => one === role).length;
      this.metrics.unprofitable.set({ role }, undone);
    }
  }

  #observeBooks({ solvency, offPeg, balance, baseFee, gasMarket }: Reading): void {
    const { metrics } = this;
    const markets = this.#snapshot?.markets ?? [];
    for (const [term, value] of Object.entries(solvency)) {
      metrics.solvency.set({ term }, Number(value) / (IN_CASH.includes(term) ? 1e30 : 1e18));
    }
    metrics.surplus.set(wad(solvency.balance - solvency.custody));
    const openInterest = markets.reduce(
      (sum, { market: { longs, shorts, index } }) => sum + ((longs + shorts) * index) / 10n ** 12n,
      0n,
    );
    const ratio = openInterest === 0n ? Number.POSITIVE_INFINITY : Number(solvency.insurance) / Number(openInterest);
    metrics.insuranceRatio.set(ratio);
    metrics.offPeg.set(offPeg ? 1 : 0);
    metrics.balance.set(wad(balance));
    metrics.baseFee.set(wad(baseFee));
    this.#ethPrice = (gasMarket !== null && markets[gasMarket]?.market.index) || (this.#options.etherPrice ?? 0n);
    metrics.ethPrice.set(wad(this.#ethPrice));
  }

  #hear(told: Told): void {
    const { metrics } = this;
    switch (told.kind) {
      case 'privileged':
        this.#privileged.set(`${told.contract} ${told.event}`, told);
        return;
      case 'settled':
        metrics.settlementLagBlocks.observe(Number(told.blocks));
        metrics.settlementLagSeconds.observe(Number(told.seconds));
        return;
      case 'expired':
        metrics.expiredBatches.inc(Number(told.batches));
        return;
      case 'liquidated': {
        const due = this.#due.get(told.account);
        if (!due) return;
        metrics.liquidationLag.observe(Math.max(Number(told.block - due.since), 0));
        this.#due.delete(told.account);
      }
    }
  }

  #ageEvents(now: bigint): void {
    for (const { contract, event, at } of this.#privileged.values()) {
      const age = at < 0n ? Number.POSITIVE_INFINITY : Math.max(Number(now - at), 0);
      this.metrics.privilegedAge.set({ contract, event }, age);
    }
  }

  /** Reads the newest block asked for, one at a time, beside the keeper's work. */
  #readLater(block: bigint): void {
    this.#next = block;
    this.#busy ??= (async () => {
      while (this.#next !== undefined) {
        const at = this.#next;
        this.#next = undefined;
        try {
          await this.#knowContracts();
          const reading = await this.#options.readings.read(at);
          this.#reading = reading;
          for (const told of reading.told) this.#hear(told);
          // Whoever recovered by then was not liquidated.
          for (const [account, { until }] of this.#due) {
            if (until !== null && until <= at) this.#due.delete(account);
          }
          this.#observeBooks(reading);
          this.#ageEvents(this.time);
        } catch (error) {
          this.#options.onTrouble?.(toTidemarkError(error));
        }
      }
      this.#busy = undefined;
    })();
  }

  async #knowContracts(): Promise<void> {
    if (this.#privileged.size > 0) return;
    for (const contract of await this.#options.readings.contracts()) {
      for (const event of PRIVILEGED_EVENTS) {
        this.#privileged.set(`${contract} ${event}`, { contract, event, at: -1n });
      }
    }
  }
}

/** Terms of solvency() with 30 decimals. */
const IN_CASH = ['tradersValue', 'skewReserve', 'netAssetValue'];

const wad = (value: bigint): number => Number(value) / 1e18;
