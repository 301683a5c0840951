import { BigInt } from '@graphprotocol/graph-ts';
import { Candle, Market, MarketTally } from '../generated/schema';
import { DAY, HOUR, MINUTE, max, min, startOf } from './numbers';

const LENGTHS: i64[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY];
const NAMES: string[] = ['minute', 'fiveMinutes', 'fifteenMinutes', 'hour', 'fourHours', 'day'];

/** Adds a market's new index, and what was traded before it, to the candles of a time. */
export function addToCandles(market: Market, tally: MarketTally, time: i64): void {
  const traded = tally.tradeCount != 0;
  const high = traded ? max(market.index, tally.highest) : market.index;
  const low = traded ? min(market.index, tally.lowest) : market.index;
  for (let i = 0; i < LENGTHS.length; i++) {
    const start = startOf(time, LENGTHS[i]);
    const id = `${market.id}-${LENGTHS[i]}-${start}`;
    const stored = Candle.load(id);
    if (stored == null) {
      const candle = new Candle(id);
      candle.market = market.id;
      candle.interval = NAMES[i];
      candle.start = BigInt.fromI64(start);
      candle.open = market.index;
      candle.high = high;
      candle.low = low;
      candle.close = market.index;
      candle.volume = tally.volume;
      candle.tradeCount = tally.tradeCount;
      candle.save();
    } else if (changes(stored, market.index, high, low, traded)) {
      stored.high = max(stored.high, high);
      stored.low = min(stored.low, low);
      stored.close = market.index;
      stored.volume = stored.volume.plus(tally.volume);
      stored.tradeCount += tally.tradeCount;
      stored.save();
    }
  }
}

/** Whether anything of a candle is new, so that it is not written anew by updates that tell the same. */
function changes(candle: Candle, close: BigInt, high: BigInt, low: BigInt, traded: bool): bool {
  return traded || candle.close.notEqual(close) || high.gt(candle.high) || low.lt(candle.low);
}
