import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import { FundingRate, Market, MarketPoint, MarketTally, PriceUpdate } from '../generated/schema';
import { addToCandles } from './candles';
import { owedOf } from './funding';
import { HOUR, RAW_PER_WAD, sequenceOf, startOf, ZERO } from './numbers';
import { Pool } from './pool';
import { ConfigWord, MarketWords } from './words';

// Markets: their stored words, and what follows of each update.

const NO_PARAMETERS = new Bytes(32);
const REDUCE_ONLY: i32 = 2;
const SETTLED: i32 = 16;

/** An update of a market, as its trades refer to it before it is told. */
export function nextUpdateOf(market: Market): string {
  return `${market.id}-${market.updateCount}`;
}

/** @throws When nothing has listed it. */
export function marketAt(number: i32): Market {
  const market = Market.load(number.toString());
  if (market == null) throw new Error(`Market ${number} was never listed.`);
  return market;
}

export function marketOfTopic(market: BigInt): Market {
  return marketAt(market.toI32());
}

/** A market that was just listed. Its parameters are told next; until then they are all zero. */
export function newMarket(number: i32): Market {
  const market = new Market(number.toString());
  market.number = number;
  market.longs = ZERO;
  market.shorts = ZERO;
  market.skew = ZERO;
  market.index = ZERO;
  market.indexAt = ZERO;
  market.mark = ZERO;
  market.funding = ZERO;
  market.accruedAt = ZERO;
  market.fundingRate = ZERO;
  market.skewSeconds = ZERO;
  market.cash = ZERO;
  market.owed = ZERO;
  market.longInterest = ZERO;
  market.shortInterest = ZERO;
  market.volume = ZERO;
  market.fees = ZERO;
  market.tradeCount = 0;
  market.liquidated = ZERO;
  market.updateCount = 0;
  market.longCheckpoint = 0;
  market.shortCheckpoint = 0;
  configure(market, NO_PARAMETERS, 0);
  return market;
}

/** Puts the parameters of a MarketConfigured in force. */
export function configure(market: Market, word: Bytes, keeperFeeCents: i32): void {
  const config = new ConfigWord(word);
  market.config = word;
  market.skewScale = config.skewScale;
  market.initialMarginBps = config.initialMarginBps;
  market.maintenanceMarginBps = config.maintenanceMarginBps;
  market.marginSlopeBps = config.marginSlopeBps;
  market.skewCapBps = config.skewCapBps;
  market.openInterestCapBps = config.openInterestCapBps;
  market.profitWeightBps = config.profitWeightBps;
  market.makerFeePpm = config.makerFeePpm;
  market.takerFeePpm = config.takerFeePpm;
  market.penaltyBps = config.penaltyBps;
  market.accountCapPercent = config.accountCapPercent;
  market.fundingCoefficientBps = config.fundingCoefficientBps;
  market.fundingCapPpm = config.fundingCapPpm;
  market.allocationPercent = config.allocationPercent;
  market.keeperFeeCents = keeperFeeCents;
  market.state = stateOf(config.flags);
}

function stateOf(flags: i32): string {
  if ((flags & SETTLED) != 0) return 'settled';
  return (flags & REDUCE_ONLY) != 0 ? 'reduceOnly' : 'open';
}

/** What trades add to a market; it counts with the update that follows them. */
export function tallyOf(market: string): MarketTally {
  const stored = MarketTally.load(market);
  if (stored != null) return stored;
  const tally = new MarketTally(market);
  clear(tally);
  return tally;
}

function clear(tally: MarketTally): void {
  tally.volume = ZERO;
  tally.fees = ZERO;
  tally.tradeCount = 0;
  tally.liquidationCount = 0;
  tally.liquidated = ZERO;
  tally.highest = ZERO;
  tally.lowest = ZERO;
}

/** Writes what a market's words say and what follows of them, into the market and the pool; neither is saved. */
export function revalue(market: Market, words: MarketWords, pool: Pool): void {
  market.longs = words.longs;
  market.shorts = words.shorts;
  market.skew = words.longs.minus(words.shorts);
  market.index = words.index;
  market.indexAt = words.indexAt;
  market.funding = words.funding;
  market.accruedAt = words.accruedAt;
  market.fundingRate = words.fundingRate;
  market.skewSeconds = words.skewSeconds;
  market.cash = words.cash;
  reckon(market, pool);
}

/** Reckons again what follows of a market's state: mark, open interest in USD, what the pool owes. */
export function reckon(market: Market, pool: Pool): void {
  market.mark = market.index.times(market.skewScale.plus(market.skew)).div(market.skewScale);
  const owed = owedOf(market);
  const longs = market.longs.times(market.index).div(RAW_PER_WAD);
  const shorts = market.shorts.times(market.index).div(RAW_PER_WAD);
  pool.changeOwed(owed.minus(market.owed));
  pool.changeInterest(longs.minus(market.longInterest), shorts.minus(market.shortInterest));
  market.owed = owed;
  market.longInterest = longs;
  market.shortInterest = shorts;
}

/**
 * A MarketUpdated, or what a BatchesSettled tells of its market.
 * @param keeper Null where no orders were settled.
 */
export function updateMarket(
  event: ethereum.Event,
  market: Market,
  words: MarketWords,
  poolCash: BigInt,
  keeper: Bytes | null,
  keeperFees: BigInt,
): void {
  const time = event.block.timestamp.toI64();
  const pool = new Pool(event);
  const moved = words.index.notEqual(market.index);
  const hour = startOf(words.accruedAt.toI64(), HOUR);
  const isNewHour = startOf(market.accruedAt.toI64(), HOUR) != hour;
  revalue(market, words, pool);
  pool.protocol.poolCash = poolCash;

  const tally = tallyOf(market.id);
  market.volume = market.volume.plus(tally.volume);
  market.fees = market.fees.plus(tally.fees);
  market.tradeCount += tally.tradeCount;
  market.liquidated = market.liquidated.plus(tally.liquidated);
  pool.count(tally);
  addToCandles(market, tally, time);
  addPoint(market, tally);
  addUpdate(event, market, moved, poolCash, keeper, keeperFees);
  if (isNewHour) addFundingRate(market, hour);
  market.updateCount += 1;
  market.save();
  pool.save();
  if (tally.tradeCount != 0) {
    clear(tally);
    tally.save();
  }
}

function addPoint(market: Market, tally: MarketTally): void {
  // Id and time are the store's to give.
  const point = new MarketPoint(0);
  point.market = market.id;
  point.longs = market.longs;
  point.shorts = market.shorts;
  point.longInterest = market.longInterest;
  point.shortInterest = market.shortInterest;
  point.index = market.index;
  point.volume = tally.volume;
  point.fees = tally.fees;
  point.liquidated = tally.liquidated;
  point.trades = BigInt.fromI32(tally.tradeCount);
  point.save();
}

function addUpdate(
  event: ethereum.Event,
  market: Market,
  moved: bool,
  poolCash: BigInt,
  keeper: Bytes | null,
  keeperFees: BigInt,
): void {
  const update = new PriceUpdate(nextUpdateOf(market));
  update.market = market.id;
  update.number = market.updateCount;
  update.index = market.index;
  update.indexAt = market.indexAt;
  update.moved = moved;
  update.mark = market.mark;
  update.funding = market.funding;
  update.fundingRate = market.fundingRate;
  update.longs = market.longs;
  update.shorts = market.shorts;
  update.poolCash = poolCash;
  update.keeper = keeper;
  update.keeperFees = keeperFees;
  update.timestamp = event.block.timestamp;
  update.block = event.block.number;
  update.transaction = event.transaction.hash;
  update.sequence = sequenceOf(event);
  update.save();
}

function addFundingRate(market: Market, hour: i64): void {
  const rate = new FundingRate(`${market.id}-${hour}`);
  rate.market = market.id;
  rate.start = BigInt.fromI64(hour);
  rate.rate = market.fundingRate;
  rate.funding = market.funding;
  rate.index = market.index;
  rate.skew = market.skew;
  rate.save();
}
