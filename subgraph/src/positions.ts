import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import { Account, AccountMarket, FundingPayment, Market, Position, PositionChange } from '../generated/schema';
import { Activity, holdingId, setOpen } from './accounts';
import { Carried, carriedTo, sideOf } from './deleveraging';
import { divFloor, idOf, RAW_PER_WAD, sequenceOf, ZERO } from './numbers';
import { PositionWord } from './words';

// Positions: lives, and what each change of them came of.
//
// For every change: cash = cash before - cost + sizeDelta * funding - realised * 10^12 + moved. Events tell size, cost and cash,
// so that what was realised follows.

/** An account's position in a market while an event changes it. */
export class Holding {
  event: ethereum.Event;
  account: Account;
  market: Market;
  /** Cumulative funding at the event, price 18. */
  funding: BigInt;
  sums: AccountMarket;
  /** The position that is open; null where there is none. */
  position: Position | null;
  /** What the event's changes came to. */
  activity: Activity = new Activity();
  /** Of the trade, what closed, base 12. */
  closed: BigInt = ZERO;
  private changes: i32 = 0;

  constructor(event: ethereum.Event, account: Account, market: Market, funding: BigInt) {
    this.event = event;
    this.account = account;
    this.market = market;
    this.funding = funding;
    this.sums = sumsOf(account.id, market.id);
    this.position = this.sums.open ? Position.load(this.sums.position as string) : null;
    this.catchUp();
  }

  /** Carries the position forward to its side's last deleveraging, one change for each, as the contract does when it loads it. */
  private catchUp(): void {
    const position = this.position;
    if (position == null || position.size.isZero()) return;
    const latest = position.side == 'long' ? this.market.longCheckpoint : this.market.shortCheckpoint;
    if (position.checkpoint == latest) return;
    const from = new Carried(position.size, position.cash, position.checkpoint);
    for (let number = position.checkpoint + 1; number <= latest; number++) {
      const step = carriedTo(this.market.id, position.side, from, number);
      const sizeDelta = step.size.minus(position.size);
      const moved = step.cash.minus(position.cash).minus(sizeDelta.times(step.funding));
      this.change('deleveraging', position, sizeDelta, ZERO, step.funding, ZERO, moved, ZERO, step.size, step.cash);
    }
    position.checkpoint = latest;
    if (position.size.isZero()) position.generation = (position.generation + 1) & 0xffff;
  }

  /**
   * Something was bought or sold, or left at the index.
   * @param after The position as it is stored afterwards.
   * @param fee USD 18.
   */
  trade(kind: string, sizeDelta: BigInt, cost: BigInt, after: PositionWord, fee: BigInt): void {
    const position = this.position;
    const size = position == null ? ZERO : position.size;
    const opens = size.isZero() || size.gt(ZERO) == sizeDelta.gt(ZERO);
    const turns = !opens && !after.size.isZero() && after.size.gt(ZERO) != size.gt(ZERO);
    if (turns) {
      // The new life's cash is all of its opening, so the rest of the cost closed the old one.
      const opening = after.size.times(this.funding).minus(after.cash);
      this.reduce(kind, size.neg(), cost.minus(opening), ZERO, ZERO, ZERO);
      this.open(kind, after.size, opening, after, fee, ZERO);
    } else if (opens && !sizeDelta.isZero()) {
      const left = size.isZero() ? this.end() : ZERO;
      if (size.isZero()) this.open(kind, sizeDelta, cost, after, fee, left);
      else this.increase(kind, sizeDelta, cost, after, fee);
    } else {
      this.reduce(kind, sizeDelta, cost, after.size, after.cash, fee);
    }
    const changed = this.position;
    if (changed != null && changed.open) {
      changed.checkpoint = after.checkpoint;
      changed.generation = after.generation;
    }
  }

  /** Cash came or went otherwise than by trading. @param cash Of the position afterwards, USD 30. */
  moveCash(kind: string, cash: BigInt): void {
    const position = this.position;
    if (position == null || position.cash.equals(cash)) return;
    const moved = cash.minus(position.cash);
    this.change(kind, position, ZERO, ZERO, this.funding, ZERO, moved, ZERO, position.size, cash);
  }

  /** Saves the position and the sums of its market; the account is not saved. */
  save(): void {
    const position = this.position;
    if (position != null) position.save();
    this.sums.save();
  }

  /** A position that deleveraging has left without a size ends where another begins. @returns Its cash, which goes over, USD 30. */
  private end(): BigInt {
    const position = this.position;
    if (position == null) return ZERO;
    const cash = position.cash;
    this.change('deleveraging', position, ZERO, ZERO, this.funding, ZERO, cash.neg(), ZERO, ZERO, ZERO);
    this.close(position);
    return cash;
  }

  private open(kind: string, sizeDelta: BigInt, cost: BigInt, after: PositionWord, fee: BigInt, moved: BigInt): void {
    const number = this.sums.positionCount;
    const position = newPosition(this.event, this.account.id, this.market.id, number, after.size);
    position.fundingAt = this.funding;
    this.sums.positionCount = number + 1;
    this.sums.position = position.id;
    this.sums.open = true;
    this.account.positionCount += 1;
    this.position = position;
    position.entryCost = cost;
    position.entryPrice = cost.div(sizeDelta).abs();
    this.change(kind, position, sizeDelta, cost, this.funding, ZERO, moved, fee, after.size, after.cash);
    setOpen(this.account, this.market.number, true);
  }

  private increase(kind: string, sizeDelta: BigInt, cost: BigInt, after: PositionWord, fee: BigInt): void {
    const position = this.position as Position;
    position.entryCost = position.entryCost.plus(cost);
    position.entryPrice = position.entryCost.div(after.size).abs();
    this.change(kind, position, sizeDelta, cost, this.funding, ZERO, ZERO, fee, after.size, after.cash);
  }

  /** Closes a part, or all. @param cash Of what stays, USD 30. */
  private reduce(kind: string, sizeDelta: BigInt, cost: BigInt, size: BigInt, cash: BigInt, fee: BigInt): void {
    const position = this.position;
    if (position == null)
      throw new Error(`Nothing is open of ${this.account.id.toHexString()} in market ${this.market.id}.`);
    const brought = position.cash.minus(cash).minus(cost).plus(sizeDelta.times(this.funding));
    const realised = divFloor(brought, RAW_PER_WAD);
    if (!position.size.isZero()) {
      position.entryCost = position.entryCost.minus(position.entryCost.times(sizeDelta.neg()).div(position.size));
      position.closedSize = position.closedSize.plus(sizeDelta.abs());
      position.exitCost = position.exitCost.plus(cost);
      position.exitPrice = position.exitCost.div(position.closedSize).abs();
    }
    this.closed = sizeDelta;
    this.change(kind, position, sizeDelta, cost, this.funding, realised, ZERO, fee, size, cash);
    if (size.isZero()) this.close(position);
  }

  /** Ends a life. */
  private close(position: Position): void {
    position.open = false;
    position.closedAt = this.event.block.timestamp;
    position.closedBy = this.event.transaction.hash;
    position.save();
    this.sums.open = false;
    setOpen(this.account, this.market.number, false);
    if (position.realised.gt(position.fees)) {
      this.activity.wins += 1;
      this.sums.wins += 1;
    } else {
      this.activity.losses += 1;
      this.sums.losses += 1;
    }
  }

  /** Writes one change down, and its funding. */
  private change(
    kind: string,
    position: Position,
    sizeDelta: BigInt,
    cost: BigInt,
    funding: BigInt,
    realised: BigInt,
    moved: BigInt,
    fee: BigInt,
    size: BigInt,
    cash: BigInt,
  ): void {
    const id = this.changes == 0 ? idOf(this.event) : idOf(this.event).concatI32(this.changes);
    this.changes += 1;
    const received = position.size.times(position.fundingAt.minus(funding));
    if (!received.isZero()) this.pay(id, position, received, funding);
    position.size = size;
    position.cash = cash;
    const magnitude = size.abs();
    if (magnitude.gt(position.peakSize)) position.peakSize = magnitude;
    position.cost = position.cost.plus(cost);
    position.realised = position.realised.plus(realised);
    position.fundingReceived = position.fundingReceived.plus(received);
    position.fundingAt = funding;
    position.fees = position.fees.plus(fee);
    position.changedAt = this.event.block.timestamp;
    this.sums.realised = this.sums.realised.plus(realised);
    this.sums.funding = this.sums.funding.plus(received);
    this.sums.fees = this.sums.fees.plus(fee);
    this.activity.realised = this.activity.realised.plus(realised);
    this.activity.funding = this.activity.funding.plus(received);
    this.activity.fees = this.activity.fees.plus(fee);

    const change = new PositionChange(id);
    change.position = position.id;
    change.account = this.account.id;
    change.market = this.market.id;
    change.kind = kind;
    change.sizeDelta = sizeDelta;
    change.cost = cost;
    change.funding = funding;
    change.fundingReceived = received;
    change.realised = realised;
    change.moved = moved;
    change.fee = fee;
    change.size = size;
    change.cash = cash;
    change.timestamp = this.event.block.timestamp;
    change.block = this.event.block.number;
    change.transaction = this.event.transaction.hash;
    change.sequence = sequenceOf(this.event);
    change.save();
  }

  private pay(id: Bytes, position: Position, amount: BigInt, funding: BigInt): void {
    const payment = new FundingPayment(id);
    payment.account = this.account.id;
    payment.market = this.market.id;
    payment.position = position.id;
    payment.amount = amount;
    payment.size = position.size;
    payment.funding = funding;
    payment.since = position.changedAt;
    payment.timestamp = this.event.block.timestamp;
    payment.block = this.event.block.number;
    payment.transaction = this.event.transaction.hash;
    payment.sequence = sequenceOf(this.event);
    payment.save();
  }
}

function sumsOf(account: Bytes, market: string): AccountMarket {
  const id = holdingId(account, market);
  const stored = AccountMarket.load(id);
  if (stored != null) return stored;
  const sums = new AccountMarket(id);
  sums.account = account;
  sums.market = market;
  sums.open = false;
  sums.positionCount = 0;
  sums.tradeCount = 0;
  sums.volume = ZERO;
  sums.realised = ZERO;
  sums.funding = ZERO;
  sums.fees = ZERO;
  sums.wins = 0;
  sums.losses = 0;
  return sums;
}

function newPosition(event: ethereum.Event, account: Bytes, market: string, number: i32, size: BigInt): Position {
  const position = new Position(`${holdingId(account, market)}-${number}`);
  position.account = account;
  position.market = market;
  position.number = number;
  position.side = sideOf(size);
  position.open = true;
  position.size = ZERO;
  position.cash = ZERO;
  position.checkpoint = 0;
  position.generation = 0;
  position.peakSize = ZERO;
  position.entryCost = ZERO;
  position.entryPrice = ZERO;
  position.closedSize = ZERO;
  position.exitCost = ZERO;
  position.cost = ZERO;
  position.realised = ZERO;
  position.fundingReceived = ZERO;
  position.fundingAt = ZERO;
  position.fees = ZERO;
  position.volume = ZERO;
  position.tradeCount = 0;
  position.liquidated = false;
  position.openedAt = event.block.timestamp;
  position.changedAt = event.block.timestamp;
  position.openedBy = event.transaction.hash;
  return position;
}
