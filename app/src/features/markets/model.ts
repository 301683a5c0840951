import { FillMath, FundingMath, type Market, type MarketConfig } from '@tidemark/sdk/math';

const HOUR = Number(FundingMath.HOUR);

/** What the line above the chart says of a market. Prices and rates 18 decimals; open interest USD, 18 decimals. */
export interface MarketLine {
  mark: bigint;
  longs: bigint;
  shorts: bigint;
  /** In force now, per hour; + longs pay. */
  fundingRate: bigint;
  /** Seconds of chain time until the next funding hour begins. */
  nextFunding: number;
}

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
    nextFunding: HOUR - (now % HOUR),
  };
}
