import type { Hex } from 'viem';
import { type MarketConfig, MarketFlags, type Schedule } from '../math/engineTypes.ts';
import * as MarginMath from '../math/marginMath.ts';
import { dueAt } from '../math/parameterRamp.ts';
import * as RiskParameters from '../math/riskParameters.ts';
import {
  CONFIGURATOR_ROLE,
  copyState,
  type EngineState,
  GUARDIAN_ROLE,
  loadConfig,
  loadMarket,
  loadQueue,
  MAX_MARKETS,
  roleKey,
} from './engineState.ts';
import { type Call, checkPrice, onlyRole, openBook, saveBook } from './ledger.ts';
import { ModelError, outOfBounds } from './modelError.ts';

// Markets and their parameters, mirror of Parameters.sol.

type Changed = { state: EngineState };

/** Lists the next market. */
export function listMarket(state: EngineState, call: Call, config: MarketConfig, keeperFeeCents: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, CONFIGURATOR_ROLE);
  const id = s.marketCount++;
  if (id >= MAX_MARKETS) throw outOfBounds('marketCount', id, MAX_MARKETS - 1n);
  const price = call.oracle.peek(id);
  if (price.mid === 0n) throw new ModelError('IndexUnset', [id]);
  checkPrice(price);
  bounded(() => RiskParameters.validate(config, keeperFeeCents));
  const market = loadMarket(s, id);
  s.markets.set(id, { ...market, index: price.mid, indexAt: price.publishTime, accruedAt: call.time });
  const halted = (s.pool.pauseLevel & 2n) !== 0n ? MarketFlags.Halted : 0n;
  s.configs.set(id, { ...config, flags: config.flags | MarketFlags.Listed | halted });
  const marginPerUnit = halted === 0n ? MarginMath.perUnit(price.mid, config.initialMarginBps) : 0n;
  s.queues.set(id, { ...loadQueue(s, id), keeperFeeCents, marginPerUnit });
  return { state: s };
}

/** Puts a change of a market's parameters on its way. @param duration Seconds. */
export function scheduleParameters(
  state: EngineState,
  call: Call,
  market: bigint,
  config: MarketConfig,
  keeperFeeCents: bigint,
  duration: bigint,
): Changed {
  const s = copyState(state);
  onlyRole(s, call, CONFIGURATOR_ROLE);
  const inForce = listed(s, market);
  const scheduled = bounded(() => RiskParameters.schedule(inForce, config, keeperFeeCents, duration, call.time));
  s.schedules.set(market, scheduled);
  return { state: s };
}

/** Puts the parameters due now in force, funding accrued before. */
export function advanceParameters(state: EngineState, call: Call, market: bigint): Changed {
  const s = copyState(state);
  const scheduled = scheduledOf(s, market);
  listed(s, market);
  saveBook(s, openBook(s, market, call.time));
  const { config, stepped } = dueAt(scheduled, call.time);
  s.configs.set(market, { ...config, flags: loadConfig(s, market).flags });
  if (stepped) s.queues.set(market, { ...loadQueue(s, market), keeperFeeCents: scheduled.keeperFeeCents });
  if (call.time >= scheduled.endsAt) s.schedules.set(market, { ...scheduled, endsAt: 0n });
  return { state: s };
}

/** Ends a change on its way: what is in force stays. */
export function cancelParameters(state: EngineState, call: Call, market: bigint): Changed {
  const s = copyState(state);
  if (!holds(s, call, GUARDIAN_ROLE)) onlyRole(s, call, CONFIGURATOR_ROLE);
  s.schedules.set(market, { ...scheduledOf(s, market), endsAt: 0n });
  return { state: s };
}

/** Lets a market's positions only shrink, or ends that. */
export function setReduceOnly(state: EngineState, call: Call, market: bigint, on: boolean): Changed {
  const s = copyState(state);
  if (!on || !holds(s, call, GUARDIAN_ROLE)) onlyRole(s, call, CONFIGURATOR_ROLE);
  const config = listed(s, market);
  const at = s.settlesAt.get(market) ?? 0n;
  if (!on && at !== 0n) throw new ModelError('SettlementAnnounced', [market, at]);
  const flags = on ? config.flags | MarketFlags.ReduceOnly : config.flags & ~MarketFlags.ReduceOnly;
  s.configs.set(market, { ...config, flags });
  return { state: s };
}

function holds(s: EngineState, call: Call, role: Hex): boolean {
  return s.roles.has(roleKey(role, call.sender));
}

function listed(s: EngineState, market: bigint): MarketConfig {
  const config = loadConfig(s, market);
  if ((config.flags & MarketFlags.Listed) === 0n) throw new ModelError('UnknownMarket', [market]);
  if ((config.flags & MarketFlags.Settled) !== 0n) throw new ModelError('MarketSettled', [market]);
  return config;
}

function scheduledOf(s: EngineState, market: bigint): Schedule {
  const scheduled = s.schedules.get(market);
  if (!scheduled || scheduled.endsAt === 0n) throw new ModelError('NothingScheduled', [market]);
  return scheduled;
}

/** Runs a check of the mathematics, its refusal as the contract's. */
function bounded<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RiskParameters.ParameterOutOfBoundsError)) throw error;
    throw outOfBounds(error.parameter, error.value, error.limit);
  }
}
