import { BigInt, Bytes, ethereum, store } from '@graphprotocol/graph-ts';
import {
  AccountFlagged,
  Crystallised,
  Deleveraged,
  LossDeferred,
  PositionLiquidated,
  PositionSettled,
} from '../generated/DerivativesEngine/DerivativesEngine';
import {
  Account,
  AccountFlag,
  Deleveraging,
  Liquidation,
  LiquidationTally,
  Market,
  Position,
  Trade,
} from '../generated/schema';
import { accountOf, noteActivity, saveAccount, setMargin } from './accounts';
import { Checkpoint, checkpointOf, deleveragingId, LEAST_MULTIPLIER, WHOLE } from './deleveraging';
import { fundingAt } from './funding';
import { marketAt, marketOfTopic, reckon } from './markets';
import { idOf, RAW_PER_WAD, sequenceOf, ZERO } from './numbers';
import { Pool } from './pool';
import { Holding } from './positions';
import { addToTally, newTrade } from './trades';
import { PositionLiquidation, PositionWord, positionLiquidationOf } from './words';

// What happens to positions without an order: liquidation, deferred losses, deleveraging, crystallising, settlement.

export function handlePositionLiquidated(event: PositionLiquidated): void {
  const params = event.params;
  const told = positionLiquidationOf(params.change, params.position, params.paid, params.left);
  const account = accountOf(event, params.account);
  const market = marketOfTopic(params.market);
  const holding = new Holding(event, account, market, fundingAt(market, event.block.timestamp));
  holding.trade('liquidation', told.sizeDelta, told.cost, told.position, ZERO);
  const position = holding.position as Position;
  position.liquidated = true;
  const trade = newTrade(holding, 'liquidation', told.sizeDelta, told.cost, ZERO, told.position.size);
  if (told.last) trade.margin = told.margin;
  trade.save();
  holding.save();
  addToTally(market, trade, true);

  const activity = holding.activity;
  activity.liquidations = 1;
  activity.charges = told.reward.plus(told.penalty);
  noteActivity(event, account, activity);
  if (!told.last) {
    addToLiquidation(trade);
    account.save();
    return;
  }
  endLiquidation(event, trade, told);
  account.rewards = account.rewards.plus(told.reward);
  account.penalties = account.penalties.plus(told.penalty);
  // Margin is told for all positions of the call, whose profit the account has already.
  account.adjustments = told.margin.minus(explainedMargin(account));
  account.margin = told.margin;
  carryOthers(event, account, market.number);
  saveAccount(event, account);
}

/** What a margin comes to without adjustments. */
function explainedMargin(account: Account): BigInt {
  return account.deposited
    .minus(account.withdrawn)
    .plus(account.movedIn)
    .minus(account.movedOut)
    .plus(account.realised)
    .minus(account.fees)
    .minus(account.keeperFees)
    .plus(account.credited)
    .minus(account.penalties)
    .minus(account.rewards)
    .minus(account.crystallised);
}

function tallyOf(account: Bytes): LiquidationTally {
  const stored = LiquidationTally.load(account);
  if (stored != null) return stored;
  const tally = new LiquidationTally(account);
  tally.trades = [];
  tally.notional = ZERO;
  tally.realised = ZERO;
  return tally;
}

function addTo(tally: LiquidationTally, trade: Trade): void {
  const trades = tally.trades;
  trades.push(trade.id);
  tally.trades = trades;
  tally.notional = tally.notional.plus(trade.notional);
  tally.realised = tally.realised.plus(trade.realised);
}

function addToLiquidation(trade: Trade): void {
  const tally = tallyOf(trade.account);
  addTo(tally, trade);
  tally.save();
}

function endLiquidation(event: ethereum.Event, trade: Trade, told: PositionLiquidation): void {
  const tally = tallyOf(trade.account);
  if (tally.trades.length != 0) store.remove('LiquidationTally', trade.account.toHexString());
  addTo(tally, trade);
  const liquidation = new Liquidation(trade.id);
  liquidation.account = trade.account;
  liquidation.market = trade.market;
  liquidation.trades = tally.trades;
  liquidation.notional = tally.notional;
  liquidation.realised = tally.realised;
  liquidation.reward = told.reward;
  liquidation.penalty = told.penalty;
  liquidation.badDebt = told.badDebt;
  liquidation.margin = told.margin;
  liquidation.by = event.transaction.from;
  liquidation.timestamp = event.block.timestamp;
  liquidation.block = event.block.number;
  liquidation.transaction = event.transaction.hash;
  liquidation.sequence = sequenceOf(event);
  liquidation.save();
}

/** A liquidation carries the account's other positions forward too, and stores them. */
function carryOthers(event: ethereum.Event, account: Account, liquidated: i32): void {
  let markets = account.openMarkets.toU64();
  for (let number = 0; markets != 0; number++, markets >>= 1) {
    if ((markets & 1) == 0 || number == liquidated) continue;
    const market = marketAt(number);
    if (market.longCheckpoint == 0 && market.shortCheckpoint == 0) continue;
    new Holding(event, account, market, fundingAt(market, event.block.timestamp)).save();
  }
}

export function handleLossDeferred(event: LossDeferred): void {
  const params = event.params;
  const account = accountOf(event, params.account);
  const market = marketOfTopic(params.market);
  const holding = new Holding(event, account, market, fundingAt(market, event.block.timestamp));
  const position = holding.position as Position;
  const isNew = position.cash.notEqual(params.cash);
  holding.moveCash('deferral', params.cash);
  holding.save();
  account.deferred = account.deferred.plus(params.amount);
  account.save();
  // Where no update of the market follows, this alone tells of its cash; one that follows tells all of it.
  if (isNew) changeCash(event, market, params.amount.times(RAW_PER_WAD).neg());
}

function changeCash(event: ethereum.Event, market: Market, change: BigInt): void {
  const pool = new Pool(event);
  market.cash = market.cash.plus(change);
  reckon(market, pool);
  market.save();
  pool.save();
}

export function handleCrystallised(event: Crystallised): void {
  const params = event.params;
  const account = accountOf(event, params.account);
  const market = marketOfTopic(params.market);
  const holding = new Holding(event, account, market, market.funding);
  holding.moveCash('crystallisation', params.cash);
  holding.save();
  account.crystallised = account.crystallised.plus(params.amount);
  setMargin(account, params.margin, params.amount.neg());
  saveAccount(event, account);
}

export function handlePositionSettled(event: PositionSettled): void {
  const params = event.params;
  const account = accountOf(event, params.account);
  const market = marketOfTopic(params.market);
  const holding = new Holding(event, account, market, market.funding);
  const gone = new PositionWord(ZERO);
  holding.trade('settlement', params.sizeDelta, params.sizeDelta.times(market.index), gone, ZERO);
  holding.save();
  noteActivity(event, account, holding.activity);
  setMargin(account, params.margin, holding.activity.realised);
  saveAccount(event, account);
}

export function handleDeleveraged(event: Deleveraged): void {
  const params = event.params;
  const market = marketOfTopic(params.market);
  const side = params.longSide ? 'long' : 'short';
  const number = params.checkpoint.toI32();
  const before = params.longSide ? market.longs : market.shorts;
  const rest = params.longSide ? params.longs : params.shorts;
  const from = checkpointOf(market.id, side, number - 1);
  const multiplier = from.multiplier.times(rest).div(before);
  const value = params.index.minus(params.funding);
  const perUnitCash = from.perUnitCash.plus(from.multiplier.minus(multiplier).times(value));
  const ends = multiplier.lt(LEAST_MULTIPLIER);
  const to = ends ? new Checkpoint(WHOLE, from.round + 1, ZERO) : new Checkpoint(multiplier, from.round, perUnitCash);

  const cut = new Deleveraging(deleveragingId(market.id, side, number));
  cut.market = market.id;
  cut.side = side;
  cut.number = number;
  cut.fraction = params.fraction;
  cut.taken = before.minus(rest);
  cut.multiplier = to.multiplier;
  cut.round = to.round;
  cut.perUnitCash = to.perUnitCash;
  cut.endsRound = ends;
  cut.endMultiplier = ends ? multiplier : ZERO;
  cut.endPerUnitCash = ends ? perUnitCash : ZERO;
  cut.index = params.index;
  cut.funding = params.funding;
  cut.longs = params.longs;
  cut.shorts = params.shorts;
  cut.timestamp = event.block.timestamp;
  cut.block = event.block.number;
  cut.transaction = event.transaction.hash;
  cut.sequence = sequenceOf(event);
  cut.save();
  if (params.longSide) market.longCheckpoint = number;
  else market.shortCheckpoint = number;
  market.save();
}

export function handleAccountFlagged(event: AccountFlagged): void {
  const account = accountOf(event, event.params.account);
  account.flaggedAt = event.block.timestamp;
  account.save();
  const flag = new AccountFlag(idOf(event));
  flag.account = account.id;
  flag.equity = event.params.equity;
  flag.maintenance = event.params.maintenance;
  flag.timestamp = event.block.timestamp;
  flag.block = event.block.number;
  flag.transaction = event.transaction.hash;
  flag.sequence = sequenceOf(event);
  flag.save();
}
