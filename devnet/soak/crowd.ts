import {
  closeAll,
  derivativesEngineAbi,
  encodeSigned,
  limitOrder,
  marketOrder,
  momentAt,
  type Order,
  type OrderFields,
  OrderServiceRefusedError,
  OrderWords,
  orderOf,
  reverse,
  type SignedOrder,
  signOrder,
  signOrders,
  stopLoss,
  takeProfit,
} from '@tidemark/sdk';
import { encodeFunctionData, type Hex } from 'viem';
import { CHAIN_ID, connect } from '../src/chain.ts';
import { generator, hash } from '../src/random.ts';
import type { Sender } from './sender.ts';
import type { AccountView } from './views.ts';
import { depositCall, mintCall, type Trader, type World } from './world.ts';

/** How orders come to the chain, and how often each of a hundred. */
const OPENINGS = { commit: 40, batch: 10, signed: 15, moment: 10, limit: 17, bundle: 8 } as const;
const CHANGES = {
  increase: 26,
  reduce: 14,
  close: 14,
  attached: 12,
  moment: 8,
  stop: 8,
  target: 8,
  reverse: 6,
  batch: 4,
} as const;
/** Leverage of what is opened: the limit is ten, of which fees and spread take a little. */
const LEVERAGE = [6, 9.2] as const;
/** Leverage beyond which nothing is added. */
const FULL = 8;
/** Margin below which a trader deposits, USD. */
const POOR = 300;
const GAS = 450_000n;
const GAS_PER_ORDER = 250_000n;
/** How far from the index triggers lie, thousandths: some are met already, the others wait for the price. */
const MET = 4;
const UNMET = 6;
/** Seconds for which an order waits at most, and for which it has to be able to. */
const WAITS = 180n;
const LEAST_WAIT = 10n;

export type Way = keyof typeof OPENINGS | keyof typeof CHANGES;

/** What is given to the order service. */
const WAITING: readonly Way[] = ['limit', 'stop', 'target'];

/** What a trader does at once, all in one market. */
interface Plan {
  readonly way: Way;
  readonly market: number;
  readonly orders: readonly OrderFields[];
}

const toUsd = (wad: bigint) => Number(wad / 10n ** 12n) / 1e6;
/** Base units, 12 decimals. @param index USD, 18 decimals. */
const sizeOf = (usd: number, index: bigint) => (BigInt(Math.round(usd * 1e6)) * 10n ** 24n) / index;

/** By what an order that waited is found again on the chain. */
export const waitingKey = ({ account, terms }: Order) => `${account.toLowerCase()} ${OrderWords.nonceOf(terms)}`;

/** Traders near their limit, who trade in every way there is. The same seed decides the same at the same views. */
export class Crowd {
  readonly #world: World;
  readonly #relay: Sender;
  readonly #until: bigint;
  readonly #random: () => number;
  readonly #nonces = new Map<Hex, bigint>();
  readonly ways: Partial<Record<Way, number>> = {};
  deposits = 0;
  /** Orders that were given to the order service, by account and nonce, and how many it refused. */
  readonly waiting = new Set<string>();
  refused = 0;

  /**
   * @param relay Brings what others have signed for the moment or in bundles.
   * @param until When the last order may still be committed, seconds.
   */
  constructor(world: World, relay: Sender, seed: number, until: bigint) {
    [this.#world, this.#relay, this.#until] = [world, relay, until];
    this.#random = generator(hash(seed, 11));
  }

  /** Sends about as many orders as are asked for, of traders with none pending; all reach the chain with the next block. */
  async place(count: number, views: readonly AccountView[], indices: readonly bigint[]): Promise<void> {
    const free = views.flatMap((view, i) => (view.pending === 0 ? [{ view, trader: this.#world.traders[i] }] : []));
    for (let placed = 0; placed < count && free.length > 0; ) {
      const [{ view, trader } = {}] = free.splice(Math.floor(this.#random() * free.length), 1);
      if (!view || !trader) break;
      if (toUsd(view.equity) < POOR) await this.#deposit(trader);
      const plan = this.#plan(view, indices);
      if (!plan) continue;
      const canWait = this.#world.stage.now + LEAST_WAIT <= this.#until;
      if (WAITING.includes(plan.way) && !canWait) continue;
      await this.#send(plan, trader);
      this.ways[plan.way] = (this.ways[plan.way] ?? 0) + plan.orders.length;
      placed += plan.orders.length;
    }
  }

  async #deposit({ id, sender }: Trader): Promise<void> {
    const { stage, faucet } = this.#world;
    await faucet.send(mintCall(stage.state.doubles.usdc, sender.account.address));
    await sender.send(depositCall(stage.deployment.engine, id));
    this.deposits++;
  }

  #plan(view: AccountView, indices: readonly bigint[]): Plan | null {
    const held = view.positions.flatMap(({ size }, market) => (size === 0n ? [] : [market]));
    const equity = toUsd(view.equity);
    const notionalOf = (market: number) =>
      Math.abs(Number((view.positions[market]?.size ?? 0n) * (indices[market] ?? 0n)) / 1e30);
    const leverage = held.reduce((sum, market) => sum + notionalOf(market), 0) / equity;
    // One market mostly, sometimes a second.
    if (held.length === 0 || (held.length === 1 && leverage < FULL / 2 && this.#random() < 0.5)) {
      if (equity < POOR) return null;
      const market = this.#below(indices.length);
      if (held.includes(market)) return null;
      const [least, most] = LEVERAGE;
      const room = least + this.#random() * (most - least) - leverage;
      return this.#open(view, market, indices[market] ?? 0n, equity * room);
    }
    const market = held[this.#below(held.length)] ?? 0;
    return this.#change(view, market, indices[market] ?? 0n, (FULL - leverage) * equity);
  }

  #open({ id: account }: AccountView, market: number, index: bigint, usd: number): Plan | null {
    const size = sizeOf(usd, index) * (this.#random() < 0.5 ? 1n : -1n);
    if (usd < 100) return null;
    const way = this.#draw(OPENINGS);
    const order = marketOrder({ account, sizeDelta: size });
    if (way === 'batch' || way === 'bundle') {
      const parts = BigInt(2 + this.#below(2));
      const orders = Array.from({ length: Number(parts) }, () => ({ ...order, sizeDelta: size / parts }));
      return { way, market, orders };
    }
    if (way !== 'limit') return { way, market, orders: [order] };
    const price = this.#near(index, size < 0n);
    return { way, market, orders: [limitOrder({ account, sizeDelta: size, price })] };
  }

  #change({ id: account, positions }: AccountView, market: number, index: bigint, room: number): Plan | null {
    const position = positions[market];
    if (!position) return null;
    const { size } = position;
    const way = this.#draw(CHANGES);
    const one = (order: OrderFields): Plan => ({ way, market, orders: [order] });
    const reduction = (share: bigint) => marketOrder({ account, sizeDelta: (-size * share) / 100n, reduceOnly: true });
    switch (way) {
      case 'increase': {
        const more = sizeOf(Math.min(room, Math.abs(Number(size * index) / 1e30)) * this.#random(), index);
        return room < 100 || more === 0n ? null : one(marketOrder({ account, sizeDelta: size > 0n ? more : -more }));
      }
      case 'reduce':
        return one(reduction(BigInt(10 + this.#below(60))));
      case 'close':
      case 'moment':
        return one(reduction(100n));
      case 'attached':
        return one(closeAll({ account, position }));
      case 'stop':
        return one(stopLoss({ account, position, price: this.#near(index, size < 0n) }));
      case 'target':
        return one(takeProfit({ account, position, price: this.#near(index, size > 0n), shareBps: 5_000n }));
      case 'reverse':
        return one(reverse({ account, position }));
      case 'batch':
        return { way, market, orders: [reduction(20n), reduction(30n), reduction(100n)] };
    }
  }

  async #send({ way, market, orders }: Plan, trader: Trader): Promise<void> {
    const { engine } = this.#world.stage.deployment;
    const id = BigInt(market);
    const gas = GAS + GAS_PER_ORDER * BigInt(orders.length);
    const signed = await this.#sign(way, id, orders, trader);
    if (signed && WAITING.includes(way)) return this.#wait(signed);
    if (signed) {
      const { orders: words, others } = encodeSigned(signed);
      const args = [id, words, others] as const;
      const data = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'commitSigned', args });
      await this.#relay.send({ to: engine, data, gas });
      return;
    }
    const args = [id, orders.map(orderOf)] as const;
    const data = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'commit', args });
    await trader.sender.send({ to: engine, data, gas });
  }

  /** @returns Null where the trader commits itself. */
  async #sign(way: Way, market: bigint, orders: readonly OrderFields[], trader: Trader): Promise<SignedOrder[] | null> {
    const { stage } = this.#world;
    const { account } = trader.sender;
    const on = { engine: stage.deployment.engine, chainId: CHAIN_ID, from: account };
    const client = connect(stage.rpc, account);
    const [order] = orders;
    if (!order) return null;
    if (way === 'bundle') {
      const numbered = orders.map((one) => ({ market, order: { ...one, nonce: this.#nonce(trader.id) } }));
      return signOrders(client, { ...on, orders: numbered });
    }
    if (way === 'moment') {
      // The block that takes it is 2 s younger.
      const moment = momentAt(stage.now + 2n);
      return [await signOrder(client, { ...on, market, order: { ...order, ...moment } })];
    }
    if (way !== 'signed' && !WAITING.includes(way)) return null;
    const latest = stage.now + WAITS;
    const deadline = WAITING.includes(way) ? { deadline: latest < this.#until ? latest : this.#until } : {};
    const nonce = this.#nonce(trader.id);
    return [await signOrder(client, { ...on, market, order: { ...order, ...deadline, nonce } })];
  }

  /** Gives orders to the order service, which looks at the chain itself and may know better. */
  async #wait(signed: readonly SignedOrder[]): Promise<void> {
    try {
      await this.#world.orders.place(signed);
    } catch (error) {
      if (!(error instanceof OrderServiceRefusedError)) throw error;
      this.refused += signed.length;
      return;
    }
    for (const { order } of signed) this.waiting.add(waitingKey(order));
  }

  /** A trigger near the index. @param above Whether it is met above it. */
  #near(index: bigint, above: boolean): bigint {
    const beyond = BigInt(this.#below(MET + UNMET)) - BigInt(MET);
    return (index * (above ? 1000n + beyond : 1000n - beyond)) / 1000n;
  }

  #nonce(account: Hex): bigint {
    const nonce = (this.#nonces.get(account) ?? 0n) + 1n;
    this.#nonces.set(account, nonce);
    return nonce;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #draw<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries<number>(weights) as [T, number][];
    let rest = this.#random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      rest -= weight;
      if (rest < 0) return name;
    }
    return entries[0]?.[0] as T;
  }
}
