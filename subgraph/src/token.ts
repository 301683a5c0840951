import { BigInt, Bytes } from '@graphprotocol/graph-ts';
import { DelegateChanged, DelegateVotesChanged, Transfer } from '../generated/GovernanceToken/GovernanceToken';
import { delegateOf, holderOf } from './delegates';

// Who holds the governance token, and who votes with it.

const NOBODY = Bytes.fromHexString('0x0000000000000000000000000000000000000000');

export function handleTransfer(event: Transfer): void {
  move(event.params.from, event.params.value.neg());
  move(event.params.to, event.params.value);
}

function move(address: Bytes, change: BigInt): void {
  if (address.equals(NOBODY)) return;
  const holder = holderOf(address);
  holder.balance = holder.balance.plus(change);
  holder.save();
}

export function handleDelegateChanged(event: DelegateChanged): void {
  const params = event.params;
  countDelegator(params.fromDelegate, -1);
  countDelegator(params.toDelegate, 1);
  const holder = holderOf(params.delegator);
  holder.delegate = params.toDelegate.equals(NOBODY) ? null : params.toDelegate;
  holder.save();
}

function countDelegator(address: Bytes, change: i32): void {
  if (address.equals(NOBODY)) return;
  const delegate = delegateOf(address);
  delegate.delegatorCount += change;
  delegate.save();
}

export function handleDelegateVotesChanged(event: DelegateVotesChanged): void {
  const delegate = delegateOf(event.params.delegate);
  delegate.votes = event.params.newVotes;
  delegate.save();
}
