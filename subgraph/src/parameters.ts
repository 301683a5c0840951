import { ethereum } from '@graphprotocol/graph-ts';
import {
  DerivativesEngine,
  GasMarketSet,
  MarketClosed,
  MarketConfigured,
  MarketListed,
  ParametersCancelled,
  ParametersScheduled,
  PauseLevelSet,
  PegObserved,
  ReduceOnlySet,
  RoleGranted,
  RoleRevoked,
  SettlementCancelled,
  SettlementScheduled,
  Upgraded,
} from '../generated/DerivativesEngine/DerivativesEngine';
import { Market, ParameterSchedule } from '../generated/schema';
import { noteChange, noteRole } from './changes';
import { configure, marketOfTopic, newMarket, reckon } from './markets';
import { idOf } from './numbers';
import { loadProtocol, Pool } from './pool';

// Markets listed, configured and ended; what applies to all of them.

const CONTRACT = 'engine';

/** Its first index is told by no event: the next update's may be hours away. */
export function handleMarketListed(event: MarketListed): void {
  const market = newMarket(event.params.market.toI32());
  const stored = DerivativesEngine.bind(event.address).try_getMarket(event.params.market);
  if (!stored.reverted) {
    market.index = stored.value.index;
    market.indexAt = stored.value.indexAt;
    market.accruedAt = stored.value.accruedAt;
  }
  market.save();
  const protocol = loadProtocol();
  protocol.marketCount += 1;
  protocol.save();
}

export function handleMarketConfigured(event: MarketConfigured): void {
  const market = marketOfTopic(event.params.market);
  configure(market, event.params.config, event.params.keeperFeeCents.toI32());
  const schedule = scheduleOf(market);
  if (schedule != null && schedule.endsAt.le(event.block.timestamp)) market.schedule = null;
  save(event, market);
  noteChange(event, CONTRACT, 'MarketConfigured', market.id);
}

/** A market whose parameters or state changed, and what the pool owes by them. */
function save(event: ethereum.Event, market: Market): void {
  const pool = new Pool(event);
  reckon(market, pool);
  market.save();
  pool.save();
}

function scheduleOf(market: Market): ParameterSchedule | null {
  const id = market.schedule;
  if (id == null) return null;
  return ParameterSchedule.load(id as string);
}

export function handleParametersScheduled(event: ParametersScheduled): void {
  const params = event.params;
  const market = marketOfTopic(params.market);
  const schedule = new ParameterSchedule(`${market.id}-${idOf(event).toHexString()}`);
  schedule.market = market.id;
  schedule.from = params.from;
  schedule.to = params.to;
  schedule.startedAt = params.startedAt;
  schedule.endsAt = params.endsAt;
  schedule.keeperFeeCents = params.keeperFeeCents.toI32();
  schedule.transaction = event.transaction.hash;
  schedule.save();
  market.schedule = schedule.id;
  market.save();
  noteChange(event, CONTRACT, 'ParametersScheduled', market.id);
}

export function handleParametersCancelled(event: ParametersCancelled): void {
  const market = marketOfTopic(event.params.market);
  const schedule = scheduleOf(market);
  if (schedule != null) {
    schedule.cancelledBy = event.params.by;
    schedule.save();
  }
  market.schedule = null;
  market.save();
  noteChange(event, CONTRACT, 'ParametersCancelled', market.id);
}

export function handleReduceOnlySet(event: ReduceOnlySet): void {
  const market = marketOfTopic(event.params.market);
  market.state = event.params.on ? 'reduceOnly' : 'open';
  market.save();
  noteChange(event, CONTRACT, 'ReduceOnlySet', market.id);
}

export function handleSettlementScheduled(event: SettlementScheduled): void {
  const market = marketOfTopic(event.params.market);
  market.settlesAt = event.params.settlesAt;
  market.state = 'reduceOnly';
  market.save();
  noteChange(event, CONTRACT, 'SettlementScheduled', market.id);
}

export function handleSettlementCancelled(event: SettlementCancelled): void {
  const market = marketOfTopic(event.params.market);
  market.settlesAt = null;
  market.save();
  noteChange(event, CONTRACT, 'SettlementCancelled', market.id);
}

export function handleMarketClosed(event: MarketClosed): void {
  const market = marketOfTopic(event.params.market);
  market.state = 'settled';
  market.settlesAt = null;
  save(event, market);
  noteChange(event, CONTRACT, 'MarketClosed', market.id);
}

export function handlePauseLevelSet(event: PauseLevelSet): void {
  const protocol = loadProtocol();
  protocol.pauseLevel = event.params.level.toI32();
  protocol.save();
  noteChange(event, CONTRACT, 'PauseLevelSet', null);
}

export function handlePegObserved(event: PegObserved): void {
  const protocol = loadProtocol();
  protocol.offPeg = event.params.off;
  protocol.save();
  noteChange(event, CONTRACT, 'PegObserved', null);
}

export function handleGasMarketSet(event: GasMarketSet): void {
  const protocol = loadProtocol();
  protocol.gasMarket = event.params.market.toString();
  protocol.save();
  noteChange(event, CONTRACT, 'GasMarketSet', event.params.market.toString());
}

export function handleUpgraded(event: Upgraded): void {
  noteChange(event, CONTRACT, 'Upgraded', null);
}

export function handleRoleGranted(event: RoleGranted): void {
  noteRole(event, CONTRACT, event.params.role, event.params.account, event.params.sender, true);
}

export function handleRoleRevoked(event: RoleRevoked): void {
  noteRole(event, CONTRACT, event.params.role, event.params.account, event.params.sender, false);
}
