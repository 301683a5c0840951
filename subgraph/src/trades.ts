import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import { OrderFilled, PositionClosed } from '../generated/DerivativesEngine/DerivativesEngine';
import { Market, Position, Trade } from '../generated/schema';
import { accountOf, noteActivity, saveAccount, setMargin } from './accounts';
import { sideOf } from './deleveraging';
import { fundingAt } from './funding';
import { marketAt, nextUpdateOf, tallyOf } from './markets';
import { idOf, max, min, RAW_PER_WAD, sequenceOf, ZERO } from './numbers';
import { fillOrder } from './orders';
import { Holding } from './positions';
import { TradeFill, tradeFillOf } from './words';

// What fills, and what is closed at once.

export function handleOrderFilled(event: OrderFilled): void {
  const fill = tradeFillOf(event.params.change, event.params.position, event.params.paid);
  const order = fillOrder(event, event.params.account, fill);
  book(event, event.params.account, fill, 'order', order);
}

export function handlePositionClosed(event: PositionClosed): void {
  const fill = tradeFillOf(event.params.change, event.params.position, event.params.paid);
  book(event, event.params.account, fill, 'close', null);
}

function book(event: ethereum.Event, id: Bytes, fill: TradeFill, kind: string, order: string | null): void {
  const account = accountOf(event, id);
  const market = marketAt(fill.market);
  const holding = new Holding(event, account, market, fundingAt(market, event.block.timestamp));
  holding.trade(kind, fill.sizeDelta, fill.cost, fill.position, fill.fee);
  const trade = newTrade(holding, kind, fill.sizeDelta, fill.cost, fill.fee, fill.position.size);
  trade.margin = fill.margin;
  trade.order = order;
  trade.save();

  const position = holding.position as Position;
  position.volume = position.volume.plus(trade.notional);
  position.tradeCount += 1;
  holding.sums.volume = holding.sums.volume.plus(trade.notional);
  holding.sums.tradeCount += 1;
  holding.save();
  addToTally(market, trade, false);
  const activity = holding.activity;
  activity.volume = trade.notional;
  activity.trades = 1;
  activity.charges = fill.fee;
  noteActivity(event, account, activity);
  setMargin(account, fill.margin, activity.realised.minus(fill.fee));
  saveAccount(event, account);
}

/** What a holding's trade looks like afterwards; it is not saved. */
export function newTrade(
  holding: Holding,
  kind: string,
  sizeDelta: BigInt,
  cost: BigInt,
  fee: BigInt,
  size: BigInt,
): Trade {
  const event = holding.event;
  const trade = new Trade(idOf(event));
  trade.account = holding.account.id;
  trade.market = holding.market.id;
  trade.position = (holding.position as Position).id;
  trade.kind = kind;
  trade.side = sideOf(sizeDelta);
  trade.sizeDelta = sizeDelta;
  trade.closed = holding.closed;
  trade.price = sizeDelta.isZero() ? ZERO : cost.div(sizeDelta).abs();
  trade.cost = cost;
  trade.notional = cost.abs().div(RAW_PER_WAD);
  trade.fee = fee;
  trade.realised = holding.activity.realised;
  trade.funding = holding.activity.funding;
  trade.size = size;
  trade.update = nextUpdateOf(holding.market);
  trade.timestamp = event.block.timestamp;
  trade.block = event.block.number;
  trade.transaction = event.transaction.hash;
  trade.sequence = sequenceOf(event);
  return trade;
}

/** Counts a trade with its market's next update. */
export function addToTally(market: Market, trade: Trade, liquidated: bool): void {
  const tally = tallyOf(market.id);
  tally.volume = tally.volume.plus(trade.notional);
  tally.fees = tally.fees.plus(trade.fee);
  tally.tradeCount += 1;
  if (liquidated) {
    tally.liquidated = tally.liquidated.plus(trade.notional);
    tally.liquidationCount += 1;
  }
  if (!trade.sizeDelta.isZero()) {
    tally.highest = max(tally.highest, trade.price);
    tally.lowest = tally.lowest.isZero() ? trade.price : min(tally.lowest, trade.price);
  }
  tally.save();
}
