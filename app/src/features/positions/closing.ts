import { derivativesEngineAbi } from '@tidemark/sdk';
import { FillMath, FixedPoint, FundingMath, LiquidationMath } from '@tidemark/sdk/math';
import { type Hex, parseEventLogs } from 'viem';
import type { MarketInfo } from '../../config.ts';
import type { Tick } from '../../data/prices.ts';
import type { MarketState } from '../../data/snapshot.ts';
import { useApp } from '../../data/store.ts';
import { send } from '../../tx/send.ts';
import { formatFixed, formatSize } from '../../ui/format.ts';
import { fillPrice } from '../orders/model.ts';
import { bandedPrice, limitPrice } from '../ticket/model.ts';
import { signedPrices } from '../transfer/submit.ts';

/** The part of a position that a whole percentage closes; 100 closes all of it. Base units, 12 decimals. */
export function partOf(size: bigint, percent: number, market: MarketInfo): bigint {
  const magnitude = FixedPoint.abs(size);
  if (percent >= 100) return magnitude;
  const step = 10n ** BigInt(12 - market.sizeDecimals);
  return ((magnitude * BigInt(percent)) / 100n / step) * step;
}

/** Estimate of an immediate close while both sources agree: mean price, 18 decimals, and fee, USD, 18 decimals. */
export function estimateCloseNow(state: MarketState, tick: Tick, sizeDelta: bigint): { price: bigint; fee: bigint } {
  const price = bandedPrice(tick);
  const skew = FundingMath.skewOf(state.market);
  const spread = LiquidationMath.closingSpread(price, sizeDelta > 0n) * FixedPoint.abs(sizeDelta);
  const cost = FillMath.cost(price.mid, skew, sizeDelta, FillMath.skewScale(state.config)) + spread;
  return {
    price: fillPrice(cost, sizeDelta),
    fee: FillMath.tradeFee(price.mid, skew, sizeDelta, state.config),
  };
}

/** Closes at once at the adverse side, bounded by the slippage from what was shown. */
export function closeNow(close: {
  account: Hex;
  market: MarketInfo;
  /** Base units, 12 decimals, + buys. */
  sizeDelta: bigint;
  expected: bigint;
  slippageBps: number;
}): Promise<boolean> {
  const { account, market, sizeDelta, expected, slippageBps } = close;
  const { config } = useApp.getState();
  const size = FixedPoint.abs(sizeDelta);
  return send(
    `Close ${formatSize(size, market.sizeDecimals)} ${market.symbol} now`,
    async () => {
      const { update, value } = await signedPrices([market.id]);
      const limit = limitPrice(expected, sizeDelta > 0n ? 'long' : 'short', slippageBps);
      return {
        address: config.engine,
        abi: derivativesEngineAbi,
        functionName: 'closeNow',
        args: [account, BigInt(market.id), size, limit, update],
        value,
      };
    },
    ({ logs }) => {
      const [closed] = parseEventLogs({ abi: derivativesEngineAbi, eventName: 'PositionClosed', logs });
      if (!closed) return { detail: 'closed' };
      const price = fillPrice(closed.args.cost, closed.args.sizeDelta);
      return { detail: `closed at ${formatFixed(price, 18, market.priceDecimals)}` };
    },
  );
}
