import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import { Account, AccountMarket, AccountPeriodStat, AccountSnapshot, Market, Position } from '../generated/schema';
import { DAY, divFloor, HOUR, RAW_PER_WAD, startOf, weekOf, ZERO } from './numbers';
import { loadProtocol, protocolDayOf } from './pool';
import { numberOf } from './words';

// Accounts: their margin, what it came of, and their days, weeks and hours.

const OWNER_BYTES = 20;

function part(id: Bytes, from: i32, to: i32): Bytes {
  return Bytes.fromUint8Array(id.subarray(from, to));
}

export function ownerOf(account: Bytes): Bytes {
  return part(account, 0, OWNER_BYTES);
}

/** An owner's first sub-account. */
export function firstOf(owner: Bytes): Bytes {
  const id = new Bytes(32);
  id.set(owner);
  return id;
}

export function accountOf(event: ethereum.Event, id: Bytes): Account {
  const stored = Account.load(id);
  if (stored != null) return stored;
  const account = new Account(id);
  account.owner = ownerOf(id);
  account.sub = numberOf(part(id, OWNER_BYTES, id.length));
  account.margin = ZERO;
  account.deposited = ZERO;
  account.withdrawn = ZERO;
  account.movedIn = ZERO;
  account.movedOut = ZERO;
  account.realised = ZERO;
  account.funding = ZERO;
  account.fees = ZERO;
  account.keeperFees = ZERO;
  account.credited = ZERO;
  account.penalties = ZERO;
  account.rewards = ZERO;
  account.crystallised = ZERO;
  account.adjustments = ZERO;
  account.deferred = ZERO;
  account.claim = ZERO;
  account.volume = ZERO;
  account.tradeCount = 0;
  account.positionCount = 0;
  account.wins = 0;
  account.losses = 0;
  account.liquidationCount = 0;
  account.openMarkets = ZERO;
  account.flaggedAt = ZERO;
  account.createdAt = event.block.timestamp;
  const protocol = loadProtocol();
  protocol.accountCount += 1;
  protocol.save();
  const day = protocolDayOf(event);
  day.newAccounts += 1;
  day.save();
  return account;
}

/**
 * Takes over the margin that an event tells. What of its change the event does not explain is an adjustment.
 * @param explained The change that it does explain, USD 18.
 */
export function setMargin(account: Account, margin: BigInt, explained: BigInt): void {
  const expected = account.margin.plus(explained);
  if (margin.notEqual(expected)) account.adjustments = account.adjustments.plus(margin.minus(expected));
  account.margin = margin;
}

/** Changes the margin where no event tells what it comes to. @param change USD 18. */
export function changeMargin(account: Account, change: BigInt): void {
  account.margin = account.margin.plus(change);
}

/** What an account did at once, for the sums of its periods. */
export class Activity {
  /** USD 18, before fees. */
  realised: BigInt = ZERO;
  /** USD 18: fees, penalties, rewards. */
  charges: BigInt = ZERO;
  /** USD 18. */
  fees: BigInt = ZERO;
  /** USD 30. */
  funding: BigInt = ZERO;
  /** USD 18. */
  volume: BigInt = ZERO;
  trades: i32 = 0;
  wins: i32 = 0;
  losses: i32 = 0;
  liquidations: i32 = 0;
}

/** Adds what an account did to its sums, and to those of its day, its week and ever. The account is not saved. */
export function noteActivity(event: ethereum.Event, account: Account, activity: Activity): void {
  account.realised = account.realised.plus(activity.realised);
  account.funding = account.funding.plus(activity.funding);
  account.fees = account.fees.plus(activity.fees);
  account.volume = account.volume.plus(activity.volume);
  account.tradeCount += activity.trades;
  account.wins += activity.wins;
  account.losses += activity.losses;
  account.liquidationCount += activity.liquidations;
  const time = event.block.timestamp.toI64();
  addToPeriod(event, account, 'day', startOf(time, DAY), activity);
  addToPeriod(event, account, 'week', weekOf(time), activity);
  addToPeriod(event, account, 'all', 0, activity);
}

function addToPeriod(event: ethereum.Event, account: Account, period: string, start: i64, activity: Activity): void {
  const stat = periodOf(event, account, period, start);
  stat.realised = stat.realised.plus(activity.realised);
  stat.netProfit = stat.netProfit.plus(activity.realised).minus(activity.charges);
  stat.funding = stat.funding.plus(activity.funding);
  stat.fees = stat.fees.plus(activity.fees);
  stat.volume = stat.volume.plus(activity.volume);
  stat.tradeCount += activity.trades;
  stat.wins += activity.wins;
  stat.losses += activity.losses;
  stat.liquidationCount += activity.liquidations;
  stat.save();
}

function periodOf(event: ethereum.Event, account: Account, period: string, start: i64): AccountPeriodStat {
  const id = `${account.id.toHexString()}-${period}-${start}`;
  const stored = AccountPeriodStat.load(id);
  if (stored != null) return stored;
  const stat = new AccountPeriodStat(id);
  stat.account = account.id;
  stat.period = period;
  stat.start = BigInt.fromI64(start);
  stat.realised = ZERO;
  stat.netProfit = ZERO;
  stat.funding = ZERO;
  stat.fees = ZERO;
  stat.volume = ZERO;
  stat.tradeCount = 0;
  stat.wins = 0;
  stat.losses = 0;
  stat.liquidationCount = 0;
  if (period == 'day') {
    const day = protocolDayOf(event);
    day.activeAccounts += 1;
    day.save();
  }
  return stat;
}

/** Saves an account, and how it stands at the end of its hour so far. Its positions have to be saved before. */
export function saveAccount(event: ethereum.Event, account: Account): void {
  account.save();
  const start = startOf(event.block.timestamp.toI64(), HOUR);
  const snapshot = new AccountSnapshot(`${account.id.toHexString()}-${start}`);
  snapshot.account = account.id;
  snapshot.start = BigInt.fromI64(start);
  snapshot.margin = account.margin;
  snapshot.equity = account.margin.plus(valueOfPositions(account));
  snapshot.netDeposits = account.deposited.minus(account.withdrawn).plus(account.movedIn).minus(account.movedOut);
  snapshot.realised = account.realised;
  snapshot.funding = account.funding;
  snapshot.fees = account.fees;
  snapshot.volume = account.volume;
  snapshot.save();
}

/** At the indices and funding stored. @returns USD 18, rounded down. */
function valueOfPositions(account: Account): BigInt {
  let value = ZERO;
  let markets = account.openMarkets.toU64();
  for (let number = 0; markets != 0; number++, markets >>= 1) {
    if ((markets & 1) == 0) continue;
    const holding = AccountMarket.load(holdingId(account.id, number.toString()));
    const market = Market.load(number.toString());
    if (holding == null || market == null) continue;
    const position = Position.load(holding.position as string);
    if (position == null) continue;
    value = value.plus(position.size.times(market.index.minus(market.funding))).plus(position.cash);
  }
  return divFloor(value, RAW_PER_WAD);
}

export function holdingId(account: Bytes, market: string): string {
  return `${account.toHexString()}-${market}`;
}

/** Bit m set: a position in market m is open. */
export function setOpen(account: Account, market: i32, open: bool): void {
  const bit: u64 = 1 << u64(market);
  const markets = account.openMarkets.toU64();
  account.openMarkets = BigInt.fromU64(open ? markets | bit : markets & ~bit);
}
