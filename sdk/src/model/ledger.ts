import type { Address, Hex } from 'viem';
import { catchUp } from '../math/deleveragingMath.ts';
import {
  type Account,
  Failure,
  type Market,
  type MarketConfig,
  MarketFlags,
  PauseBits,
  type Pool,
  type Position,
  type Price,
  PriceState,
  type Reserves,
} from '../math/engineTypes.ts';
import * as FeeMath from '../math/feeMath.ts';
import * as FillMath from '../math/fillMath.ts';
import { BPS, min, mulDivUp, RAW_PER_WAD } from '../math/fixedPoint.ts';
import * as FundingMath from '../math/fundingMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import * as TradeMath from '../math/tradeMath.ts';
import {
  accountOf,
  CLAIM_FACTOR,
  EARNINGS,
  type EngineState,
  INCLUSION_WINDOW,
  INSURANCE_CAP_BPS,
  INSURANCE_FEE_BPS,
  loadAccount,
  loadClaim,
  loadConfig,
  loadDeleveragings,
  loadMarket,
  loadPin,
  loadPosition,
  loadRisk,
  MAX_PRICE,
  ownerOf,
  RESERVES_FEE_BPS,
  readCheckpoint,
  roleKey,
  saveAccount,
  saveClaim,
} from './engineState.ts';
import { ModelError } from './modelError.ts';

// The bookkeeping that the engine and its extension share, mirror of EngineStorage.sol. Functions here write into the
// state they are given; the operations give them a copy.

/** The width of claims: 112 bits, USD, 18 decimals. */
const CLAIMS_MAX = 2n ** 112n - 1n;

/** What a price is asked for; the contract's numbers. */
export const PriceUse = {
  Settle: 0,
  CloseNow: 1,
  Liquidate: 2,
  Withdraw: 3,
  Liquidity: 4,
  Index: 5,
  Deleverage: 6,
  Crystallise: 7,
} as const;
export type PriceUse = (typeof PriceUse)[keyof typeof PriceUse];

/** The oracle as the engine sees it. Each method returns a price or throws a {@link ModelError}. */
export interface PriceSource {
  settlementPrice(market: bigint, minPublishTime: bigint, maxPublishTime: bigint): Price;
  presentPrices(markets: bigint, use: PriceUse): Price[];
  observe(markets: bigint): Price[];
  peek(market: bigint): Price;
  /** What a market in settlement ends at, USD, 18 decimals; 0 while there is none. */
  closingPrice(market: bigint): bigint;
  /** Whether USDC is off its peg; as it was before where its feed does not decide. */
  offPeg(before: boolean): boolean;
}

/** The token as the engine sees it: USDC units, 6 decimals. Throws a {@link ModelError} as the token reverts. */
export interface Token {
  /** Moves `assets` from `from` to the engine. @returns What arrived. */
  pull(from: Address, assets: bigint): bigint;
  /** The engine's address. */
  readonly engine: Address;
  /** Moves `assets` from the engine to `to`. */
  push(to: Address, assets: bigint): void;
}

/** Signatures as the engine sees them, each over the EIP-712 hash of an order or a bundle. */
export interface Signatures {
  /** Who has signed, as EIP-2098 writes it; null when nobody has signed so. */
  recover(hash: Hex, r: Hex, vs: Hex): Address | null;
  /** Whether an owner that is a contract takes a signature for its own (EIP-1271); null when it is none. */
  accepts(owner: Address, hash: Hex, signature: Hex): boolean | null;
}

/** What surrounds one call. `time` seconds; `value` wei. */
export interface Call {
  sender: Address;
  time: bigint;
  value: bigint;
  oracle: PriceSource;
  token: Token;
  /** Without it nobody has signed anything. */
  signatures?: Signatures;
  /** What the transaction costs its sender, wei, as GasCost.sol reckons it; 0 where gas is free. */
  gasCost?: bigint;
}

/** A market held in memory while one call works on it. */
export interface Book {
  id: bigint;
  market: Market;
  config: MarketConfig;
  pool: Pool;
  price: Price;
}

const NO_PRICE: Price = { mid: 0n, lo: 0n, hi: 0n, halfWidth: 0n, publishTime: 0n, state: 0 };

export function onlyOwner(call: Call, account: Hex): void {
  const owner = ownerOf(account);
  if (call.sender.toLowerCase() !== owner) throw new ModelError('NotAccountOwner', [call.sender, owner]);
}

export function onlyRole(s: EngineState, call: Call, role: Hex): void {
  if (!s.roles.has(roleKey(role, call.sender)))
    throw new ModelError('AccessControlUnauthorizedAccount', [call.sender, role]);
}

/** Orders that still bind the account. */
export function pendingOf(account: Account, time: bigint): bigint {
  return time > account.committedAt + INCLUSION_WINDOW ? 0n : account.pending;
}

/** Refuses while orders bind the account: nothing that its owner does may decide what becomes of them. */
export function checkIdle(account: Account, time: bigint): void {
  const pending = pendingOf(account, time);
  if (pending !== 0n) throw new ModelError('OrdersPending', [pending, 0n]);
}

/** To the recipient's first sub-account; while its orders pend to the last. */
export function credit(s: EngineState, recipient: Address, amount: bigint, time: bigint): void {
  if (amount === 0n) return;
  const pends = pendingOf(loadAccount(s, accountOf(recipient)), time) !== 0n;
  const account = accountOf(recipient, pends ? EARNINGS : 0n);
  const stored = loadAccount(s, account);
  stored.margin += amount;
  saveAccount(s, account, stored);
}

export function checkPause(pool: Pool, limit: bigint): void {
  const level = pool.pauseLevel & PauseBits.Level;
  if (level > limit) throw new ModelError('Paused', [level, limit]);
}

/** Loads a market accrued to the present. */
export function openBook(s: EngineState, id: bigint, time: bigint): Book {
  const config = loadConfig(s, id);
  if ((config.flags & MarketFlags.Listed) === 0n) throw new ModelError('UnknownMarket', [id]);
  const market = loadMarket(s, id);
  const pool = { ...s.pool };
  accrueMarket(market, config, pool, time);
  return { id, market, config, pool, price: NO_PRICE };
}

/** As {@link openBook}, of a market that is not settled. */
export function openLive(s: EngineState, id: bigint, time: bigint): Book {
  const book = openBook(s, id, time);
  checkLive(book);
  return book;
}

/** Refuses what a settled market takes no part in any more. */
export function checkLive({ id, config }: Book): void {
  if ((config.flags & MarketFlags.Settled) !== 0n) throw new ModelError('MarketSettled', [id]);
}

/** The clock of funding stands still at pause level 2, and for good in a settled market. */
export function accrueMarket(market: Market, config: MarketConfig, pool: Pool, time: bigint): void {
  if ((pool.pauseLevel & 2n) === 0n && (config.flags & MarketFlags.Settled) === 0n)
    FundingMath.accrue(market, config, time);
}

/** A newer price that both sources stand behind becomes the index; another leaves it. */
export function acceptIndex(market: Market, price: Price): void {
  if (price.publishTime <= market.indexAt || price.state > PriceState.Guarded) return;
  checkPrice(price);
  market.index = price.mid;
  market.indexAt = BigInt.asUintN(40, price.publishTime);
}

export function checkPrice(price: Price): void {
  if (price.hi > MAX_PRICE) throw new ModelError('PriceTooLarge', [price.hi, MAX_PRICE]);
}

/** A price that acts at once must not be older than the index. */
export function checkFresh(book: Book): void {
  const { publishTime } = book.price;
  if (publishTime < book.market.indexAt)
    throw new ModelError('PriceOlderThanIndex', [publishTime, book.market.indexAt]);
  checkPrice(book.price);
}

export function saveBook(s: EngineState, book: Book): void {
  s.markets.set(book.id, { ...book.market });
  s.pool = { ...book.pool };
}

/** Reads one present price; it must not be older than the index. */
export function presentPrice(book: Book, call: Call, use: PriceUse): void {
  book.price = call.oracle.presentPrices(1n << book.id, use)[0] ?? book.price;
  checkFresh(book);
  acceptIndex(book.market, book.price);
}

/** Accepts the present prices of markets as their index, funding accrued first. */
export function acceptAll(s: EngineState, call: Call, markets: bigint, use: PriceUse): Price[] {
  const prices = call.oracle.presentPrices(markets, use);
  for (const [next, id] of bits(markets).entries()) {
    const book = openLive(s, id, call.time);
    book.price = prices[next] ?? book.price;
    checkFresh(book);
    acceptIndex(book.market, book.price);
    saveBook(s, book);
  }
  return prices;
}

/** Bit m set: market m is listed and not settled. */
export function liveMarkets(s: EngineState): bigint {
  let markets = 0n;
  for (let id = 0n; id < s.marketCount; id++)
    if ((loadConfig(s, id).flags & MarketFlags.Settled) === 0n) markets |= 1n << id;
  return markets;
}

/** Refuses while the account holds a position in a settled market. */
export function checkUnsettled(s: EngineState, markets: bigint): void {
  for (const id of bits(markets))
    if ((loadConfig(s, id).flags & MarketFlags.Settled) !== 0n) throw new ModelError('PositionUnsettled', [id]);
}

/** An account's position as it is now: caught up with its side's deleveragings. @param flags Of the parameters. */
export function currentPosition(s: EngineState, account: Hex, market: bigint, flags: bigint): Position {
  const position = loadPosition(s, account, market);
  if ((flags & MarketFlags.Deleveraged) === 0n || position.size === 0n) return position;
  const long = position.size > 0n;
  const { longs, shorts } = loadDeleveragings(s, market);
  const latest = long ? longs : shorts;
  if (position.checkpoint === latest) return position;
  const side = {
    latest,
    checkpoint: (number: bigint) => readCheckpoint(s.checkpoints, market, long, number),
    roundEnd: (round: bigint) => readCheckpoint(s.roundEnds, market, long, round),
  };
  catchUp(side, position);
  return position;
}

/** Ids of the set bits, ascending. */
export function bits(markets: bigint): bigint[] {
  const ids: bigint[] = [];
  for (let id = 0n, rest = markets; rest !== 0n; id++, rest >>= 1n) if (rest & 1n) ids.push(id);
  return ids;
}

/**
 * Sums over an account's positions.
 * @param committedAt Seconds: as they were worth when an order was committed; zero: now, at their stored index.
 */
export function portfolio(
  s: EngineState,
  account: Hex,
  markets: bigint,
  pool: Pool,
  time: bigint,
  committedAt: bigint,
) {
  const sums = MarginMath.emptyPortfolio();
  for (const id of bits(markets)) {
    const market = loadMarket(s, id);
    const config = loadConfig(s, id);
    const pin = loadPin(s, id, committedAt);
    if (pin) Object.assign(market, { funding: pin.funding, index: pin.index });
    else accrueMarket(market, config, pool, time);
    MarginMath.add(sums, currentPosition(s, account, id, config.flags), market, config, market.index);
  }
  return sums;
}

/**
 * Executes a trade in memory against the account's other positions.
 * @param committedAt Seconds: as of then; zero: as of now.
 */
export function tryTrade(
  s: EngineState,
  book: Book,
  account: Hex,
  stored: Account,
  position: Position,
  trade: TradeMath.Trade,
  time: bigint,
  committedAt = 0n,
): TradeMath.Outcome {
  const sums = portfolio(s, account, stored.markets & ~(1n << book.id), book.pool, time, committedAt);
  if (book.pool.claimsOpen) sums.value += claimOf(s, account) * RAW_PER_WAD;
  const { market } = book;
  const config = book.price.state === PriceState.Strained ? FillMath.halveCaps(book.config) : book.config;
  const allowance = FillMath.allowance(book.pool, config);
  const discount = FeeMath.discount(stored.volume);
  const { margin } = stored;
  return TradeMath.attempt({ market, config, position, margin, others: sums, trade, allowance, discount });
}

/** Whether trades may open at the book's price. */
export const mayOpen = ({ pool, config, price }: Book): boolean =>
  pool.pauseLevel === 0n && (config.flags & MarketFlags.ReduceOnly) === 0n && price.state <= PriceState.Strained;

/** Cash into the pool; unpaid claims come first. */
export function poolReceives(s: EngineState, pool: Pool, amount: bigint): void {
  const rest = pool.claimsOpen ? amount - payClaims(s, amount) : amount;
  pool.cash += rest;
}

/** Cash out of the pool; what is missing becomes a claim. @returns What the margin grows by. */
export function poolPays(s: EngineState, pool: Pool, account: Hex, amount: bigint): bigint {
  const cash = min(amount, pool.cash);
  pool.cash -= cash;
  return cash < amount ? cash + openClaim(s, pool, account, amount - cash) : cash;
}

export function divideFee(s: EngineState, pool: Pool, fee: bigint): void {
  if (fee === 0n) return;
  const other = (fee * RESERVES_FEE_BPS) / BPS;
  pool.fees += other;
  poolReceives(s, pool, fee - other);
}

/** Insurance's and treasury's parts of the undivided fees, in place. */
export function divideFees(pool: Pool, reserves: Reserves): void {
  const insurance = (pool.fees * INSURANCE_FEE_BPS) / BPS;
  reserves.insurance += insurance;
  reserves.treasury += pool.fees - insurance;
  pool.fees = 0n;
}

/** Insurance pays bad debt to the pool, up to a share of the fund for each market and hour. */
export function coverBadDebt(s: EngineState, pool: Pool, market: bigint, badDebt: bigint, time: bigint): void {
  if (badDebt === 0n) return;
  const reserves = { ...s.reserves };
  divideFees(pool, reserves);
  const risk = loadRisk(s, market);
  const hour = time / FundingMath.HOUR;
  if (risk.insuranceHour !== hour) Object.assign(risk, { insuranceHour: hour, insuranceSpent: 0n });
  const cap = ((reserves.insurance + risk.insuranceSpent) * INSURANCE_CAP_BPS) / BPS;
  const covered = min(badDebt, cap - min(cap, risk.insuranceSpent));
  reserves.insurance -= covered;
  s.reserves = reserves;
  risk.insuranceSpent += covered;
  s.risks.set(market, risk);
  poolReceives(s, pool, covered);
}

export function insure(s: EngineState, pool: Pool, amount: bigint): void {
  if (amount === 0n) return;
  const reserves = { ...s.reserves };
  divideFees(pool, reserves);
  reserves.insurance += amount;
  s.reserves = reserves;
}

function payClaims(s: EngineState, amount: bigint): bigint {
  const { outstanding, factor, round } = s.claims;
  const paid = min(amount, outstanding);
  if (paid === 0n) return 0n;
  s.claimsPaid += paid;
  if (paid === outstanding) {
    s.claims = { outstanding: 0n, factor: CLAIM_FACTOR, round: round + 1n };
  } else {
    const left = outstanding - paid;
    s.claims = { outstanding: left, factor: mulDivUp(factor, left, outstanding), round };
  }
  return paid;
}

/** What the outstanding sum has no room for, beyond $5.2e15, is not claimed. */
function openClaim(s: EngineState, pool: Pool, account: Hex, amount: bigint): bigint {
  const collected = collect(s, pool, account);
  const claims = { ...s.claims };
  if (claims.factor === 0n) claims.factor = CLAIM_FACTOR;
  const claimed = min(amount, CLAIMS_MAX - claims.outstanding);
  claims.outstanding += claimed;
  s.claims = claims;
  const unpaid = min(loadClaim(s, account).amount + claimed, CLAIMS_MAX);
  saveClaim(s, account, { amount: unpaid, factor: claims.factor, round: claims.round });
  pool.claimsOpen = true;
  return collected;
}

/** Takes what has been paid on a claim out of the funds set aside; the caller adds it to the margin. */
export function collect(s: EngineState, pool: Pool, account: Hex): bigint {
  const { amount } = loadClaim(s, account);
  if (amount === 0n) return 0n;
  const unpaid = unpaidClaim(s, account);
  const collected = amount - unpaid;
  if (collected === 0n) return 0n;
  saveClaim(s, account, { amount: unpaid, factor: s.claims.factor, round: s.claims.round });
  s.claimsPaid -= collected;
  noteClaims(s, pool);
  return collected;
}

/** What has been paid equals what is left to collect once nothing is outstanding, to the last unit. */
function noteClaims(s: EngineState, pool: Pool): void {
  if (s.claims.outstanding === 0n) pool.claimsOpen = s.claimsPaid !== 0n;
}

/** Sets a loss off against an account's claim: what is unpaid of it is cancelled, what has been paid pays the rest. */
export function setOff(s: EngineState, pool: Pool, account: Hex, loss: bigint) {
  let collected = collect(s, pool, account);
  const left = loss - cancelClaim(s, pool, account, loss);
  collected += collect(s, pool, account);
  const repaid = min(collected, left);
  poolReceives(s, pool, repaid);
  return { left: left - repaid, collected: collected - repaid };
}

function cancelClaim(s: EngineState, pool: Pool, account: Hex, amount: bigint): bigint {
  const claim = loadClaim(s, account);
  const cancelled = min(min(amount, claim.amount), s.claims.outstanding);
  if (cancelled === 0n) return 0n;
  saveClaim(s, account, { ...claim, amount: claim.amount - cancelled });
  const outstanding = s.claims.outstanding - cancelled;
  s.claims = { ...s.claims, outstanding };
  if (outstanding === 0n) {
    s.claims = { outstanding: 0n, factor: CLAIM_FACTOR, round: s.claims.round + 1n };
    noteClaims(s, pool);
  }
  return cancelled;
}

/** What a claim still brings: unpaid, or paid and not collected. USD, 18 decimals. */
export const claimOf = (s: EngineState, account: Hex): bigint => loadClaim(s, account).amount;

/** What of a claim is still unpaid, USD, 18 decimals, rounded up. */
export function unpaidClaim(s: EngineState, account: Hex): bigint {
  const claim = loadClaim(s, account);
  if (claim.amount === 0n || claim.round !== s.claims.round) return 0n;
  return mulDivUp(claim.amount, s.claims.factor, claim.factor);
}

export function checkFailure(outcome: TradeMath.Outcome): void {
  if (outcome.failure !== Failure.None) throw new ModelError('TradeFailed', [BigInt(outcome.failure)]);
}
