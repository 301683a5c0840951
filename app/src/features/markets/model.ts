import { FillMath, FixedPoint, FundingMath, type Market, type MarketConfig } from '@tidemark/sdk/math';

const HOUR = Number(FundingMath.HOUR);

/** What the line above the chart says of a market. Prices and rates 18 decimals; open interest USD, 18 decimals. */
export interface MarketLine {
  mark: bigint;
  longs: bigint;
  shorts: bigint;
  /** In force now, per hour; + longs pay. */
  fundingRate: bigint;
  /** From the next hour on, if the skew stays as it is. */
  nextRate: bigint;
  /** Seconds of chain time until the next funding hour begins. */
  nextFunding: number;
}

/**
 * The rate that the next hour's beginning brings if the skew stays as it is until then.
 * @param market Accrued to the present.
 * @returns Per hour, 18 decimals; + longs pay.
 */
export function nextRate(market: Market, config: MarketConfig): bigint {
  const skew = FundingMath.skewOf(market);
  const rest = FundingMath.HOUR - (market.accruedAt % FundingMath.HOUR);
  return FundingMath.effectiveRate(FundingMath.sealedRate(market.skewSeconds + skew * rest, config), skew, config);
}

/**
 * Funding of a position over an hour.
 * @param size Base units, 12 decimals, + long.
 * @param price USD per base unit, 18 decimals.
 * @param rate Per hour, 18 decimals.
 * @returns USD, 18 decimals; + the account pays, rounded up.
 */
export function hourFunding(size: bigint, price: bigint, rate: bigint): bigint {
  return FixedPoint.mulDivCeil(size * price, rate, FixedPoint.WAD * FixedPoint.RAW_PER_WAD);
}

/** Who pays funding at a rate, in words. */
export const payerOf = (rate: bigint): string => (rate > 0n ? 'longs pay' : rate < 0n ? 'shorts pay' : 'nobody pays');

/** @param now The chain's clock, seconds. */
export function marketLine(
  market: Market,
  config: MarketConfig,
  { price, now }: { price: bigint; now: number },
): MarketLine {
  const skew = FundingMath.skewOf(market);
  return {
    mark: FillMath.mark(price, skew, FillMath.skewScale(config)),
    longs: (market.longs * price) / 10n ** 12n,
    shorts: (market.shorts * price) / 10n ** 12n,
    fundingRate: FundingMath.effectiveRate(market.fundingRate, skew, config),
    nextRate: nextRate(market, config),
    nextFunding: HOUR - (now % HOUR),
  };
}
