import { derivativesEngineAbi } from '@tidemark/sdk';
import { FixedPoint } from '@tidemark/sdk/math';
import type { Hex } from 'viem';
import type { MarketInfo } from '../../config.ts';
import { useApp } from '../../data/store.ts';
import { send } from '../../tx/send.ts';
import { formatSize } from '../../ui/format.ts';
import { limitPrice } from '../ticket/model.ts';
import { signedPrices } from '../transfer/submit.ts';

/** The part of a position that a whole percentage closes; 100 closes all of it. Base units, 12 decimals. */
export function partOf(size: bigint, percent: number, market: MarketInfo): bigint {
  const magnitude = FixedPoint.abs(size);
  if (percent >= 100) return magnitude;
  const step = 10n ** BigInt(12 - market.sizeDecimals);
  return ((magnitude * BigInt(percent)) / 100n / step) * step;
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
  return send(`Close ${formatSize(size, market.sizeDecimals)} ${market.symbol} now`, async () => {
    const { update, value } = await signedPrices([market.id]);
    const limit = limitPrice(expected, sizeDelta > 0n ? 'long' : 'short', slippageBps);
    return {
      address: config.engine,
      abi: derivativesEngineAbi,
      functionName: 'closeNow',
      args: [account, BigInt(market.id), size, limit, update],
      value,
    };
  });
}
