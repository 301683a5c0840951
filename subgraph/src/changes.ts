import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import { ParameterChange, RoleChange, TreasuryPayment } from '../generated/schema';
import { idOf, sequenceOf } from './numbers';
import { textOf } from './text';

// What governance and its organs set, grant and pay.

/** Writes down that something was set: the event's name and values. */
export function noteChange(event: ethereum.Event, contract: string, name: string, market: string | null): void {
  const values: string[] = [];
  const names: string[] = [];
  for (let i = 0; i < event.parameters.length; i++) {
    names.push(event.parameters[i].name);
    values.push(textOf(event.parameters[i].value));
  }
  const change = new ParameterChange(idOf(event));
  change.contract = contract;
  change.address = event.address;
  change.name = name;
  change.market = market;
  change.values = values;
  change.names = names;
  change.by = event.transaction.from;
  change.timestamp = event.block.timestamp;
  change.block = event.block.number;
  change.transaction = event.transaction.hash;
  change.sequence = sequenceOf(event);
  change.save();
}

export function noteRole(
  event: ethereum.Event,
  contract: string,
  role: Bytes,
  holder: Bytes,
  by: Bytes,
  granted: bool,
): void {
  const change = new RoleChange(idOf(event));
  change.contract = contract;
  change.address = event.address;
  change.role = role;
  change.holder = holder;
  change.granted = granted;
  change.by = by;
  change.timestamp = event.block.timestamp;
  change.block = event.block.number;
  change.transaction = event.transaction.hash;
  change.sequence = sequenceOf(event);
  change.save();
}

export function notePayment(event: ethereum.Event, token: Bytes | null, to: Bytes, amount: BigInt): void {
  const payment = new TreasuryPayment(idOf(event));
  payment.from = event.address;
  payment.token = token;
  payment.to = to;
  payment.amount = amount;
  payment.timestamp = event.block.timestamp;
  payment.block = event.block.number;
  payment.transaction = event.transaction.hash;
  payment.save();
}
