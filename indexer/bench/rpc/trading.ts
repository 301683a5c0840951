import { MARKETS } from '@tidemark/deploy';
import { accountId } from '@tidemark/sdk';
import { type Address, type Hex, numberToHex } from 'viem';
import { generator, normal, poisson } from '../../../devnet/src/random.ts';
import { abs, max, min } from '../../../sdk/src/math/fixedPoint.ts';
import { type Market, type Order, type Position, packOrder } from '../../../sdk/src/math/index.ts';
import { configWord } from '../../../sdk/src/model/encodeStorage.ts';
import {
  committedLog,
  type Fill,
  fillLog,
  liquidationLog,
  logOf,
  marketWords,
  type PlainLog,
  settledLog,
} from './logs.ts';

/** What a transaction did. */
export interface PlainTransaction {
  readonly from: Address;
  /** Of its calldata. */
  readonly bytes: number;
  readonly logs: readonly PlainLog[];
}

/** Seconds. */
export const BLOCK_TIME = 2n;
export const GENESIS = 1_700_000_000n;

const WAD = 10n ** 18n;
const FEE_CENTS = 10n;
/** USD, 18 decimals. */
const DEPOSIT = 100_000n * WAD;
/** Of a price update that keepers bring, and of one order. */
const UPDATE_BYTES = 1_200;
const ORDER_BYTES = 96;
/** A block's mean numbers; a batch is of one market. */
const BATCHES = 2;
const ORDERS = 2;
const CLOSES = 0.2;
const LIQUIDATIONS = 0.03;
const TRANSFERS = 0.3;
/** Of orders. */
const FAILED = 0.04;
const RELEASED = 0.01;
/** USD, 8 decimals. */
const FIRST_PRICES: Readonly<Record<string, number>> = { ETH: 3e11, BTC: 6e12, SOL: 1.5e10, LINK: 1.5e9 };
/** Of a block, as a fraction of the price. */
const MOVE = 0.0004;

const addressOf = (number: number): Address => numberToHex(number, { size: 20 });
const KEEPER = addressOf(0xbeef);

interface Batch {
  readonly index: bigint;
  readonly orders: readonly { readonly account: Trader; readonly sizeDelta: bigint; readonly nonce: bigint }[];
}

interface Trader {
  readonly owner: Address;
  readonly id: Hex;
  margin: bigint;
  nonce: bigint;
  /** By market. */
  readonly positions: Position[];
}

interface Book {
  readonly id: bigint;
  /** USD, 8 decimals. */
  price: number;
  readonly words: Market;
  queued: bigint;
  pending: Batch | null;
}

/**
 * A busy exchange, block by block, the same for the same seed: orders committed in one block are settled in the next, at prices
 * that move at random; positions are closed at once and liquidated, margin comes and goes. Its ledger is the engine's in small:
 * sizes, cash, margins and open interest add up; funding grows, spread and fees are constant.
 */
export class Trading {
  private readonly uniform: () => number;
  private readonly traders: readonly Trader[];
  private readonly books: readonly Book[];
  private time = GENESIS;
  private poolCash = 50_000_000n * WAD;
  private keeperMargin = 0n;

  constructor(seed: number, traders: number) {
    this.uniform = generator(seed);
    const symbols = Object.keys(MARKETS);
    this.books = symbols.map((symbol, id) => ({
      id: BigInt(id),
      price: FIRST_PRICES[symbol] ?? 1e10,
      words: {
        longs: 0n,
        shorts: 0n,
        accruedAt: 0n,
        indexAt: 0n,
        funding: 0n,
        index: 0n,
        fundingRate: 0n,
        cash: 0n,
        skewSeconds: 0n,
      },
      queued: 0n,
      pending: null,
    }));
    this.traders = Array.from({ length: traders }, (_, number) => {
      const owner = addressOf(0x10_000 + number);
      const positions = symbols.map((): Position => ({ size: 0n, cash: 0n, checkpoint: 0n, generation: 0n }));
      return { owner, id: accountId(owner), margin: 0n, nonce: 0n, positions };
    });
  }

  /** The first block: markets, liquidity, everyone's margin. */
  begin(): PlainTransaction[] {
    const listed = Object.values(MARKETS).flatMap(({ parameters: p, keeperFeeCents }, id) => {
      const wide = Object.fromEntries(Object.entries(p).map(([name, value]) => [name, BigInt(value)]));
      const config = numberToHex(configWord(wide as unknown as Parameters<typeof configWord>[0]), { size: 32 });
      return [
        logOf('MarketListed', { market: BigInt(id) }),
        logOf('MarketConfigured', { market: BigInt(id), config, keeperFeeCents: BigInt(keeperFeeCents) }),
      ];
    });
    const liquidity = [
      logOf('LiquidityAdded', { amount: this.poolCash, poolCash: this.poolCash }),
      logOf('PoolAppraised', { value: this.poolCash, kept: this.poolCash / WAD }),
    ];
    return [
      { from: KEEPER, bytes: 1_000, logs: listed },
      { from: KEEPER, bytes: 100, logs: liquidity },
      ...this.traders.map((trader) => this.deposit(trader)),
    ];
  }

  next(): PlainTransaction[] {
    this.time += BLOCK_TIME;
    const done: PlainTransaction[] = [];
    for (const book of this.books) {
      this.move(book);
      if (book.pending) done.push(this.settle(book, book.pending));
      if (this.uniform() < BATCHES / this.books.length) done.push(this.commit(book));
    }
    for (let left = poisson(CLOSES, this.uniform); left > 0; left--) done.push(...this.close(false));
    for (let left = poisson(LIQUIDATIONS, this.uniform); left > 0; left--) done.push(...this.close(true));
    for (let left = poisson(TRANSFERS, this.uniform); left > 0; left--) {
      const trader = this.anyone();
      done.push(trader.margin > 2n * DEPOSIT ? this.withdraw(trader) : this.deposit(trader));
    }
    return done;
  }

  private move(book: Book) {
    book.price *= Math.exp(MOVE * normal(this.uniform));
    const { words } = book;
    words.index = BigInt(Math.round(book.price)) * 10n ** 10n;
    words.indexAt = this.time - 1n;
    words.accruedAt = this.time;
    words.fundingRate = (words.longs - words.shorts) / 10n ** 4n;
    words.funding += (words.index * words.fundingRate * BLOCK_TIME) / (3600n * WAD);
  }

  /** Few trade much, most little. */
  private anyone(): Trader {
    return this.traders[Math.floor(this.uniform() ** 3 * this.traders.length)] as Trader;
  }

  private commit(book: Book): PlainTransaction {
    const chosen = new Set(Array.from({ length: 1 + poisson(ORDERS, this.uniform) }, () => this.anyone()));
    const orders = [...chosen].map((account) => {
      account.margin -= FEE_CENTS * 10n ** 16n;
      return { account, sizeDelta: this.sizeFor(book, account), nonce: ++account.nonce };
    });
    book.pending = { index: book.queued++, orders };
    const words = orders.map(({ account, sizeDelta, nonce }): Order => {
      const limitPrice = sizeDelta > 0n ? (book.words.index * 101n) / 100n : (book.words.index * 99n) / 100n;
      return packOrder({ account: account.id, sizeDelta, limitPrice, deadline: this.time + 60n, nonce });
    });
    const logs = [committedLog(book.id, book.pending.index, FEE_CENTS, words)];
    return { from: KEEPER, bytes: 100 + ORDER_BYTES * orders.length, logs };
  }

  /** To open, to add, to take off, to close or to turn. Base units, 12 decimals. */
  private sizeFor(book: Book, trader: Trader): bigint {
    const held = trader.positions[Number(book.id)]?.size ?? 0n;
    const dice = this.uniform();
    if (held !== 0n && dice < 0.35) return -held;
    const notional = 50 + 5_000 * this.uniform() ** 3;
    const size = BigInt(Math.ceil((notional / (book.price / 1e8)) * 1e12));
    if (held !== 0n && dice < 0.6) return held > 0n ? -size : size;
    return this.uniform() < 0.5 ? size : -size;
  }

  private settle(book: Book, { index, orders }: Batch): PlainTransaction {
    book.pending = null;
    const market = book.id;
    const logs = orders.map(({ account, sizeDelta, nonce }): PlainLog => {
      const dice = this.uniform();
      if (dice < RELEASED) {
        account.margin += FEE_CENTS * 10n ** 16n;
        return logOf('OrderReleased', { market, account: account.id, index, nonce });
      }
      if (dice < RELEASED + FAILED)
        return logOf('OrderFailed', { market, account: account.id, index, reason: 1, actual: 2n, limit: 1n });
      return this.fill(book, account, sizeDelta, index);
    });
    const fees = BigInt(orders.length) * FEE_CENTS * 2n;
    this.keeperMargin += fees * 5n * 10n ** 15n;
    logs.push(settledLog(market, book.words, KEEPER, this.poolCash, this.keeperMargin, fees));
    return { from: KEEPER, bytes: UPDATE_BYTES + ORDER_BYTES * orders.length, logs };
  }

  private fill(book: Book, trader: Trader, sizeDelta: bigint, place: bigint | null): PlainLog {
    const { fill, realised } = this.trade(book, trader, sizeDelta);
    const fee = abs(fill.cost) / 10n ** 12n / 2_000n;
    trader.margin = max(trader.margin + realised - fee, 0n);
    this.poolCash = max(this.poolCash - realised + fee, WAD);
    const paid = { market: book.id, account: trader.id, fee, margin: trader.margin, poolPays: realised };
    return fillLog(fill, paid, place);
  }

  /** Profit of what is closed leaves the position's cash. */
  private trade(book: Book, trader: Trader, sizeDelta: bigint): { fill: Fill; realised: bigint } {
    const { words } = book;
    const position = trader.positions[Number(book.id)] as Position;
    const price = sizeDelta > 0n ? (words.index * 10_002n) / 10_000n : (words.index * 9_998n) / 10_000n;
    const cost = sizeDelta * price;
    const { size } = position;
    const closed = size * sizeDelta < 0n ? min(abs(sizeDelta), abs(size)) : 0n;
    const bought = size > 0n ? -closed : closed;
    const share = closed === 0n ? 0n : (position.cash * closed) / abs(size);
    const realised = (share + bought * (words.funding - price)) / 10n ** 12n;
    const before = { size, cash: position.cash };
    position.size += sizeDelta;
    position.cash += sizeDelta * words.funding - cost - realised * 10n ** 12n;
    if (position.size === 0n) position.cash = 0n;
    if (closed === abs(size) && closed > 0n) position.generation++;
    words.cash += position.cash - before.cash;
    words.longs += max(position.size, 0n) - max(size, 0n);
    words.shorts += max(-position.size, 0n) - max(-size, 0n);
    return { fill: { sizeDelta, cost, position: { ...position } }, realised };
  }

  /** Somebody's position, at once. */
  private close(liquidated: boolean): PlainTransaction[] {
    const trader = this.anyone();
    const book = this.books.find(({ id }) => trader.positions[Number(id)]?.size);
    if (!book) return [];
    const market = book.id;
    const sizeDelta = -(trader.positions[Number(market)] as Position).size;
    const logs: PlainLog[] = [];
    if (liquidated) {
      const { fill, realised } = this.trade(book, trader, sizeDelta);
      const penalty = abs(fill.cost) / 10n ** 12n / 400n;
      trader.margin = max(trader.margin + realised - 2n * penalty, 0n);
      logs.push(liquidationLog(fill, market, trader.id, penalty, trader.margin));
      this.keeperMargin += penalty;
      logs.push(logOf('Credited', { account: accountId(KEEPER), credit: (penalty << 128n) | this.keeperMargin }));
    } else {
      logs.push(this.fill(book, trader, sizeDelta, null));
    }
    logs.push(logOf('MarketUpdated', { market, ...marketWords(book.words), poolCash: this.poolCash }));
    return [{ from: liquidated ? KEEPER : trader.owner, bytes: UPDATE_BYTES, logs }];
  }

  private deposit(trader: Trader): PlainTransaction {
    trader.margin += DEPOSIT;
    const { id: account, owner: from, margin } = trader;
    return { from, bytes: 100, logs: [logOf('Deposited', { account, from, amount: DEPOSIT, margin })] };
  }

  private withdraw(trader: Trader): PlainTransaction {
    trader.margin -= DEPOSIT;
    const { id: account, owner, margin } = trader;
    const logs = [logOf('Withdrawn', { account, to: owner, amount: DEPOSIT, margin })];
    return { from: owner, bytes: 100, logs };
  }
}
