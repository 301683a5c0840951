import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import {
  BatchCommitted,
  BatchesExpired,
  BuilderApproved,
  DelegateSet,
  NoncesCancelled,
  OrderFailed,
  OrderLeftOut,
  OrderReleased,
  OrdersAnnounced,
} from '../generated/DerivativesEngine/DerivativesEngine';
import {
  Account,
  AccountMarket,
  AnnouncedOrder,
  BuilderApproval,
  Delegation,
  NonceCancellation,
  Order,
  OrderBatch,
  Position,
  RefusedOrder,
} from '../generated/schema';
import { accountOf, changeMargin, holdingId, saveAccount, setMargin } from './accounts';
import { CENT, idOf, sequenceOf, ZERO } from './numbers';
import { insuranceDayOf } from './pool';
import { ABOVE, ATTACHED, BatchPlace, BELOW, batchOf, bytesOf, OrderWords, REDUCE_ONLY, TradeFill } from './words';

// Orders: committed, and what became of them; what was announced, refused, delegated.

const FAILURES: string[] = [
  'None',
  'Purged',
  'LimitExceeded',
  'NothingToReduce',
  'CapReached',
  'Dust',
  'MarginTooLow',
  'EquityNegative',
  'TooManyPositions',
  'OpeningPaused',
  'TooLarge',
  'PositionEnded',
];

const REFUSALS: string[] = [
  'None',
  'SignatureInvalid',
  'ZeroSize',
  'TermsInvalid',
  'DeadlinePassed',
  'NonceUsed',
  'OrdersPending',
  'BuilderNotApproved',
  'DelegateNotPermitted',
  'DelegateLimit',
  'TriggerNotMet',
  'PositionEnded',
  'MarginTooLow',
  'AccountOfEarnings',
  'IndexStale',
  'OrdersElsewhere',
];

export function handleBatchCommitted(event: BatchCommitted): void {
  const place = batchOf(event.params.place);
  const orders = event.params.orders;
  const fee = CENT.times(BigInt.fromI32(place.feeCents));
  const ids: string[] = [];
  for (let i = 0; i < orders.length; i++) {
    const account = accountOf(event, orders[i].account);
    changeMargin(account, fee.neg());
    account.keeperFees = account.keeperFees.plus(fee);
    saveAccount(event, account);
    const words = new OrderWords(orders[i].terms, orders[i].extras);
    ids.push(commit(event, account, place, words, fee));
  }
  const batch = new OrderBatch(`${place.market}-${place.index.toString()}`);
  batch.market = place.market.toString();
  batch.place = place.index;
  batch.orders = ids;
  batch.keeperFee = fee;
  batch.by = event.transaction.from;
  batch.timestamp = event.block.timestamp;
  batch.block = event.block.number;
  batch.transaction = event.transaction.hash;
  batch.sequence = sequenceOf(event);
  batch.save();
}

function orderId(market: i32, place: BigInt, account: Bytes, number: i32): string {
  return `${market}-${place.toString()}-${account.toHexString()}-${number}`;
}

function commit(event: ethereum.Event, account: Account, place: BatchPlace, words: OrderWords, fee: BigInt): string {
  let number = 0;
  while (Order.loadInBlock(orderId(place.market, place.index, account.id, number)) != null) number++;
  const order = new Order(orderId(place.market, place.index, account.id, number));
  order.account = account.id;
  order.market = place.market.toString();
  order.batch = `${place.market}-${place.index.toString()}`;
  order.kind = kindOf(account.id, order.market, words);
  order.status = 'committed';
  order.sizeDelta = words.sizeDelta;
  order.limitPrice = words.limitPrice;
  const triggered = (words.flags & (ABOVE | BELOW)) != 0;
  if (triggered) {
    order.triggerPrice = words.triggerPrice;
    order.triggerAbove = (words.flags & ABOVE) != 0;
  }
  order.reduceOnly = (words.flags & REDUCE_ONLY) != 0;
  order.attached = (words.flags & ATTACHED) != 0;
  order.generation = words.generation;
  if (!words.deadline.isZero()) order.deadline = words.deadline;
  order.nonce = words.nonce;
  if (words.builderFee != 0) order.builder = words.builder;
  order.builderFee = words.builderFee;
  order.keeperFee = fee;
  order.filled = ZERO;
  order.committedAt = event.block.timestamp;
  order.committedBy = event.transaction.hash;
  order.sequence = sequenceOf(event);
  order.save();
  return order.id;
}

function kindOf(account: Bytes, market: string, words: OrderWords): string {
  const above = (words.flags & ABOVE) != 0;
  if (!above && (words.flags & BELOW) == 0) return 'market';
  if ((words.flags & ATTACHED) == 0) {
    const buys = words.sizeDelta.gt(ZERO);
    return buys == above ? 'stop' : 'limit';
  }
  return isLong(account, market) == above ? 'takeProfit' : 'stopLoss';
}

function isLong(account: Bytes, market: string): bool {
  const sums = AccountMarket.load(holdingId(account, market));
  if (sums == null || !sums.open) return false;
  const position = Position.load(sums.position as string);
  return position != null && position.side == 'long';
}

/** The first order of an account in a batch that waits: they are settled in their order. */
function nextOf(market: i32, place: BigInt, account: Bytes): Order {
  let number = 0;
  let order = Order.load(orderId(market, place, account, number));
  while (order != null && order.status != 'committed') {
    number++;
    order = Order.load(orderId(market, place, account, number));
  }
  if (order == null)
    throw new Error(`No order waits of ${account.toHexString()} at ${place.toString()} in market ${market}.`);
  return order;
}

function settle(event: ethereum.Event, order: Order, status: string): void {
  order.status = status;
  order.keeper = event.transaction.from;
  order.settledAt = event.block.timestamp;
  order.settledBy = event.transaction.hash;
  order.save();
}

/** @returns The order's id. */
export function fillOrder(event: ethereum.Event, account: Bytes, fill: TradeFill): string {
  const order = nextOf(fill.market, fill.index, account);
  order.trade = idOf(event);
  order.filled = fill.sizeDelta;
  settle(event, order, 'filled');
  return order.id;
}

export function handleOrderFailed(event: OrderFailed): void {
  const params = event.params;
  const order = nextOf(params.market.toI32(), params.index, params.account);
  order.reason = FAILURES[params.reason];
  order.actual = params.actual;
  order.needed = params.limit;
  settle(event, order, 'failed');
  const account = accountOf(event, params.account);
  if (account.margin.equals(params.actual)) return;
  setMargin(account, params.actual, ZERO);
  saveAccount(event, account);
}

export function handleOrderReleased(event: OrderReleased): void {
  const params = event.params;
  const order = nextOf(params.market.toI32(), params.index, params.account);
  settle(event, order, 'released');
  const account = accountOf(event, params.account);
  changeMargin(account, order.keeperFee);
  account.keeperFees = account.keeperFees.minus(order.keeperFee);
  saveAccount(event, account);
}

export function handleBatchesExpired(event: BatchesExpired): void {
  const market = event.params.market.toString();
  const to = event.params.to.toI64();
  for (let place = event.params.from.toI64(); place < to; place++) {
    const batch = OrderBatch.load(`${market}-${place}`);
    if (batch == null) throw new Error(`Batch ${place} of market ${market} was never committed.`);
    const orders = batch.orders;
    for (let i = 0; i < orders.length; i++) {
      const order = Order.load(orders[i]);
      if (order != null) settle(event, order, 'expired');
    }
  }
  const day = insuranceDayOf(event);
  day.expired = day.expired.plus(event.params.fees);
  day.save();
}

export function handleOrderLeftOut(event: OrderLeftOut): void {
  const account = accountOf(event, event.params.account);
  account.save();
  const refused = new RefusedOrder(idOf(event));
  refused.account = account.id;
  refused.market = event.params.market.toString();
  refused.nonce = event.params.nonce;
  refused.reason = REFUSALS[event.params.reason];
  refused.actual = event.params.actual;
  refused.limit = event.params.limit;
  refused.timestamp = event.block.timestamp;
  refused.block = event.block.number;
  refused.transaction = event.transaction.hash;
  refused.sequence = sequenceOf(event);
  refused.save();
}

export function handleOrdersAnnounced(event: OrdersAnnounced): void {
  const orders = event.params.orders;
  for (let i = 0; i < orders.length; i++) {
    const account = accountOf(event, orders[i].account);
    account.save();
    const announced = new AnnouncedOrder(idOf(event).concatI32(i));
    announced.account = account.id;
    announced.market = event.params.market.toString();
    announced.terms = bytesOf(orders[i].terms, 32);
    announced.extras = bytesOf(orders[i].extras, 32);
    announced.r = orders[i].r;
    announced.vs = orders[i].vs;
    announced.nonce = new OrderWords(orders[i].terms, orders[i].extras).nonce;
    announced.by = event.params.by;
    announced.timestamp = event.block.timestamp;
    announced.block = event.block.number;
    announced.transaction = event.transaction.hash;
    announced.sequence = sequenceOf(event);
    announced.save();
  }
}

export function handleNoncesCancelled(event: NoncesCancelled): void {
  const account = accountOf(event, event.params.account);
  account.save();
  const cancellation = new NonceCancellation(idOf(event));
  cancellation.account = account.id;
  cancellation.word = event.params.word;
  cancellation.nonces = event.params.nonces;
  cancellation.timestamp = event.block.timestamp;
  cancellation.block = event.block.number;
  cancellation.transaction = event.transaction.hash;
  cancellation.sequence = sequenceOf(event);
  cancellation.save();
}

export function handleDelegateSet(event: DelegateSet): void {
  const params = event.params;
  const delegation = new Delegation(params.owner.concat(params.delegate));
  delegation.owner = params.owner;
  delegation.delegate = params.delegate;
  delegation.expiry = params.expiry;
  delegation.markets = params.markets;
  delegation.permissions = params.permissions.toI32();
  delegation.dailyLimit = params.dailyLimit;
  delegation.changedAt = event.block.timestamp;
  delegation.save();
}

export function handleBuilderApproved(event: BuilderApproved): void {
  const params = event.params;
  const approval = new BuilderApproval(params.owner.concat(params.builder));
  approval.owner = params.owner;
  approval.builder = params.builder;
  approval.maxFee = params.maxFee.toI32();
  approval.changedAt = event.block.timestamp;
  approval.save();
}
