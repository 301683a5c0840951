import { BigInt, ethereum } from '@graphprotocol/graph-ts';
import {
  BreakerTripped,
  ClosingBegun,
  ClosingCancelled,
  ClosingPriceChallenged,
  ClosingPriceVoted,
  FeedAccepted,
  FeedProposed,
  MarketHalted,
  MarketReleased,
  RoleGranted,
  RoleRevoked,
  StateObserved,
} from '../generated/PriceOracle/PriceOracle';
import { OracleStateChange, PriceFeed } from '../generated/schema';
import { noteRole } from './changes';
import { idOf, sequenceOf } from './numbers';

// How far prices are trusted, and where they come from.

const CONTRACT = 'oracle';
const STATES: string[] = ['Normal', 'Strained', 'Guarded', 'Single', 'Fallback', 'Halted', 'SequencerDown'];

function newChange(event: ethereum.Event, market: BigInt, kind: string): OracleStateChange {
  const change = new OracleStateChange(idOf(event));
  change.market = market.toString();
  change.marketNumber = market.toI32();
  change.kind = kind;
  change.timestamp = event.block.timestamp;
  change.block = event.block.number;
  change.transaction = event.transaction.hash;
  change.sequence = sequenceOf(event);
  return change;
}

export function handleStateObserved(event: StateObserved): void {
  const change = newChange(event, event.params.market, 'observed');
  change.state = STATES[event.params.state];
  change.reason = event.params.reason;
  change.save();
}

export function handleBreakerTripped(event: BreakerTripped): void {
  const change = newChange(event, event.params.market, 'breaker');
  change.from = event.params.from;
  change.until = event.params.until;
  change.save();
}

export function handleMarketHalted(event: MarketHalted): void {
  const change = newChange(event, event.params.market, 'halted');
  change.state = 'Halted';
  change.reason = event.params.reason;
  change.from = event.params.from;
  change.save();
}

export function handleMarketReleased(event: MarketReleased): void {
  newChange(event, event.params.market, 'released').save();
}

export function handleClosingBegun(event: ClosingBegun): void {
  newChange(event, event.params.market, 'closingBegun').save();
}

export function handleClosingCancelled(event: ClosingCancelled): void {
  newChange(event, event.params.market, 'closingCancelled').save();
}

export function handleClosingPriceVoted(event: ClosingPriceVoted): void {
  const change = newChange(event, event.params.market, 'closingVoted');
  change.price = event.params.price;
  change.from = event.params.from;
  change.save();
}

export function handleClosingPriceChallenged(event: ClosingPriceChallenged): void {
  newChange(event, event.params.market, 'closingChallenged').save();
}

/** @param sources In the order of the contract's Feed; both events have it. */
function addFeed(event: ethereum.Event, market: BigInt, accepted: bool, sources: ethereum.Tuple): void {
  const feed = new PriceFeed(idOf(event));
  feed.market = market.toString();
  feed.marketNumber = market.toI32();
  feed.accepted = accepted;
  feed.pythId = sources[0].toBytes();
  feed.chainlink = sources[1].toAddress();
  feed.heartbeat = sources[2].toI32();
  feed.thresholdPpm = sources[3].toI32();
  feed.haltPpm = sources[4].toI32();
  feed.strainConfidencePpm = sources[5].toI32();
  feed.decimals = sources[6].toI32();
  feed.floor = sources[7].toBigInt();
  feed.ceiling = sources[8].toBigInt();
  feed.timestamp = event.block.timestamp;
  feed.block = event.block.number;
  feed.transaction = event.transaction.hash;
  feed.save();
}

export function handleFeedProposed(event: FeedProposed): void {
  addFeed(event, event.params.market, false, event.params.feed);
}

export function handleFeedAccepted(event: FeedAccepted): void {
  addFeed(event, event.params.market, true, event.params.feed);
}

export function handleRoleGranted(event: RoleGranted): void {
  noteRole(event, CONTRACT, event.params.role, event.params.account, event.params.sender, true);
}

export function handleRoleRevoked(event: RoleRevoked): void {
  noteRole(event, CONTRACT, event.params.role, event.params.account, event.params.sender, false);
}
