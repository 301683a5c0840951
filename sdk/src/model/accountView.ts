import type { Hex } from 'viem';
import { MarketFlags, type Position, type Price } from '../math/engineTypes.ts';
import { type Exposure, type LiquidationPrices, liquidationPrices } from '../math/liquidationPriceMath.ts';
import { type EngineState, loadAccount, loadConfig, loadMarket } from './engineState.ts';
import { bits, type Call, claimOf, currentPosition, PriceUse } from './ledger.ts';
import { attempt } from './modelError.ts';

/** One of an account's positions as a preview shows it. */
export interface PositionView {
  market: bigint;
  position: Position;
  /** Index at which the account becomes liquidatable, now and as funding runs on: USD per base unit, 18 decimals. */
  liquidation: LiquidationPrices;
}

/** An account as a preview shows it. `margin` and `claim`, what is unpaid of what the pool owes it, USD, 18 decimals. */
export interface AccountView {
  margin: bigint;
  claim: bigint;
  /** By market, ascending. */
  positions: readonly PositionView[];
}

/**
 * Shows an account at a time, judged as its liquidation would judge it: each market at the oracle's present price with its
 * band; at its index, without one, where the oracle has none that the engine would take.
 */
export function viewAccount(s: EngineState, call: Call, account: Hex): AccountView {
  const { margin, markets } = loadAccount(s, account);
  const claim = s.pool.claimsOpen ? claimOf(s, account) : 0n;
  const exposures = bits(markets).map((id) => exposureOf(s, call, account, id));
  const standing = { margin, claim, time: call.time };
  return {
    margin,
    claim,
    positions: exposures.map(({ id, position }) => ({
      market: id,
      position,
      liquidation: liquidationPrices(exposures, id, standing),
    })),
  };
}

/** One of an account's positions with what its liquidation would judge it by. */
export function exposureOf(s: EngineState, call: Call, account: Hex, id: bigint): Exposure {
  const [market, config] = [loadMarket(s, id), loadConfig(s, id)];
  const position = currentPosition(s, account, id, config.flags);
  return { id, market, config, position, price: presentOrIndex(s, call, id) };
}

function presentOrIndex(s: EngineState, call: Call, id: bigint): Price {
  const { index, indexAt } = loadMarket(s, id);
  const own: Price = { mid: index, lo: index, hi: index, halfWidth: 0n, publishTime: indexAt, state: 0 };
  if ((loadConfig(s, id).flags & MarketFlags.Settled) !== 0n) return own;
  const price = attempt(() => call.oracle.presentPrices(1n << id, PriceUse.Liquidate)).result?.[0];
  return price && price.publishTime >= indexAt ? price : own;
}
