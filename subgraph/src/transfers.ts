import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import {
  BatchesSettled,
  Credited,
  Deposited,
  MarginMoved,
  MarketUpdated,
  Withdrawn,
} from '../generated/DerivativesEngine/DerivativesEngine';
import { Account, CollateralTransfer } from '../generated/schema';
import { accountOf, firstOf, saveAccount, setMargin } from './accounts';
import { marketOfTopic, updateMarket } from './markets';
import { CENT, idOf, sequenceOf, ZERO } from './numbers';
import { loadProtocol, protocolDayOf } from './pool';
import { creditOf, marketOf, settlementOf } from './words';

// Margin that comes and goes, and the updates of markets, some of which pay a keeper.

const TWO = BigInt.fromI32(2);

export function handleDeposited(event: Deposited): void {
  const params = event.params;
  const account = accountOf(event, params.account);
  account.deposited = account.deposited.plus(params.amount);
  setMargin(account, params.margin, params.amount);
  saveAccount(event, account);
  newTransfer(event, idOf(event), account, 'deposit', params.amount, params.from).save();
  const protocol = loadProtocol();
  protocol.deposited = protocol.deposited.plus(params.amount);
  protocol.save();
  const day = protocolDayOf(event);
  day.deposited = day.deposited.plus(params.amount);
  day.save();
}

export function handleWithdrawn(event: Withdrawn): void {
  const params = event.params;
  const account = accountOf(event, params.account);
  account.withdrawn = account.withdrawn.plus(params.amount);
  setMargin(account, params.margin, params.amount.neg());
  saveAccount(event, account);
  newTransfer(event, idOf(event), account, 'withdrawal', params.amount, params.to).save();
  const protocol = loadProtocol();
  protocol.withdrawn = protocol.withdrawn.plus(params.amount);
  protocol.save();
  const day = protocolDayOf(event);
  day.withdrawn = day.withdrawn.plus(params.amount);
  day.save();
}

export function handleMarginMoved(event: MarginMoved): void {
  const params = event.params;
  const from = accountOf(event, params.from);
  from.movedOut = from.movedOut.plus(params.amount);
  setMargin(from, params.fromMargin, params.amount.neg());
  saveAccount(event, from);
  const to = accountOf(event, params.to);
  to.movedIn = to.movedIn.plus(params.amount);
  setMargin(to, params.toMargin, params.amount);
  saveAccount(event, to);
  const out = newTransfer(event, idOf(event), from, 'moveOut', params.amount, to.owner);
  out.other = to.id;
  out.save();
  const into = newTransfer(event, idOf(event).concatI32(1), to, 'moveIn', params.amount, from.owner);
  into.other = from.id;
  into.save();
}

export function handleCredited(event: Credited): void {
  const credit = creditOf(event.params.credit);
  creditTo(event, event.params.account, credit.amount, credit.margin);
}

function creditTo(event: ethereum.Event, id: Bytes, amount: BigInt, margin: BigInt): void {
  const account = accountOf(event, id);
  account.credited = account.credited.plus(amount);
  setMargin(account, margin, amount);
  saveAccount(event, account);
  newTransfer(event, idOf(event), account, 'credit', amount, null).save();
}

function newTransfer(
  event: ethereum.Event,
  id: Bytes,
  account: Account,
  kind: string,
  amount: BigInt,
  party: Bytes | null,
): CollateralTransfer {
  const transfer = new CollateralTransfer(id);
  transfer.account = account.id;
  transfer.kind = kind;
  transfer.amount = amount;
  transfer.margin = account.margin;
  transfer.party = party;
  transfer.timestamp = event.block.timestamp;
  transfer.block = event.block.number;
  transfer.transaction = event.transaction.hash;
  transfer.sequence = sequenceOf(event);
  return transfer;
}

export function handleMarketUpdated(event: MarketUpdated): void {
  const params = event.params;
  const words = marketOf(params.interest, params.pricing, params.totals);
  updateMarket(event, marketOfTopic(params.market), words, params.poolCash, null, ZERO);
}

export function handleBatchesSettled(event: BatchesSettled): void {
  const params = event.params;
  const settlement = settlementOf(params.cash);
  const fees = settlement.halfCents.times(CENT).div(TWO);
  if (!fees.isZero()) creditTo(event, firstOf(params.keeper), fees, settlement.margin);
  const words = marketOf(params.interest, params.pricing, params.totals);
  updateMarket(event, marketOfTopic(params.market), words, settlement.poolCash, params.keeper, fees);
}
