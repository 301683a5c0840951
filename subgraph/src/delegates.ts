import { Bytes } from '@graphprotocol/graph-ts';
import { Delegate, TokenHolder } from '../generated/schema';
import { ZERO } from './numbers';

export function delegateOf(address: Bytes): Delegate {
  const stored = Delegate.load(address);
  if (stored != null) return stored;
  const delegate = new Delegate(address);
  delegate.votes = ZERO;
  delegate.delegatorCount = 0;
  delegate.voteCount = 0;
  delegate.proposalCount = 0;
  return delegate;
}

export function holderOf(address: Bytes): TokenHolder {
  const stored = TokenHolder.load(address);
  if (stored != null) return stored;
  const holder = new TokenHolder(address);
  holder.balance = ZERO;
  return holder;
}
