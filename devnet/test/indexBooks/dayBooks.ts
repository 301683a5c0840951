import { derivativesEngineAbi, positionLiquidationOf, tradeFillOf } from '@tidemark/sdk';
import { DeleveragingMath, type Market, type MarketConfig, MarketFlags } from '@tidemark/sdk/math';
import { type Log, parseEventLogs } from 'viem';
import type { Differences } from './differences.ts';
import type { EngineSlots, MarketSlots } from './engineSlots.ts';
import { type IndexState, idOf, numberOf } from './indexQueries.ts';
import type { Struct } from './storage.ts';

const DAY = 86_400n;
const RAW_PER_WAD = 10n ** 12n;
const MICROSECONDS = 1_000_000n;

/** A log of the engine, and when. */
export type TimedLog = Log & { readonly time: bigint };

/** What a day is compared with: the slots after its last block. */
export interface DayEnd {
  /** The day's first second. */
  readonly start: bigint;
  readonly slots: EngineSlots;
}

/** Open interest and net asset value after each day's last block, and what was traded in it by the chain's own logs. */
export async function compareDays(
  index: IndexState,
  ends: readonly DayEnd[],
  logs: readonly TimedLog[],
  differences: Differences,
): Promise<void> {
  const volumes = volumesOf(logs);
  const rows = await index.all('protocolDays', 'String', 'start volume longInterest shortInterest');
  const vaultRows = await index.all('vaultDays', 'String', 'start netAssetValue poolCash');
  const byDay = (all: typeof rows) => new Map(all.map((row) => [numberOf(row, 'start'), row]));
  const [days, vaultDays] = [byDay(rows), byDay(vaultRows)];
  for (const [day, volume] of sumsByDay(volumes))
    differences.compare(`volume of day ${day}`, days.has(day) ? numberOf(days.get(day) ?? {}, 'volume') : 0n, volume);
  for (const { start, slots } of ends) {
    const totals = await slots.totals();
    const markets = await marketsOf(slots, totals);
    const day = days.get(start);
    if (day) {
      differences.compare(`longs after day ${start}`, numberOf(day, 'longInterest'), interest(markets, 'longs'));
      differences.compare(`shorts after day ${start}`, numberOf(day, 'shortInterest'), interest(markets, 'shorts'));
    }
    const vaultDay = vaultDays.get(start);
    if (!vaultDay) continue;
    differences.compare(`pool after day ${start}`, numberOf(vaultDay, 'poolCash'), totals.cash);
    differences.compare(
      `net asset value after day ${start}`,
      numberOf(vaultDay, 'netAssetValue'),
      netAssetValue(totals, markets),
    );
  }
  await compareMarketDays(index, ends, volumes, differences);
}

/** Likewise by market, of the days that are over. */
async function compareMarketDays(
  index: IndexState,
  ends: readonly DayEnd[],
  volumes: ReadonlyMap<string, bigint>,
  differences: Differences,
): Promise<void> {
  const byStart = new Map(ends.map(({ start, slots }) => [start, slots]));
  for (const row of await index.marketDays()) {
    const [start, market] = [numberOf(row, 'timestamp') / MICROSECONDS, idOf(row, 'market')];
    const slots = byStart.get(start);
    if (!slots) throw new Error(`Market ${market} has a day ${start}, at whose end nothing was read.`);
    const { market: stored } = await slots.market(BigInt(market));
    for (const name of ['longs', 'shorts', 'index'] as const)
      differences.compare(`${name} of market ${market} after day ${start}`, numberOf(row, name), stored[name]);
    const volume = volumes.get(`${start} ${market}`) ?? 0n;
    differences.compare(`volume of market ${market} on day ${start}`, numberOf(row, 'volume'), volume);
  }
}

export const marketsOf = (slots: EngineSlots, { marketCount = 0n }: Struct): Promise<MarketSlots[]> =>
  Promise.all(Array.from({ length: Number(marketCount) }, (_, id) => slots.market(BigInt(id))));

/** USD, 18 decimals, rounded down market by market. */
const interest = (markets: readonly MarketSlots[], side: 'longs' | 'shorts'): bigint =>
  markets.reduce((sum, { market }) => sum + ((market[side] ?? 0n) * (market.index ?? 0n)) / RAW_PER_WAD, 0n);

/** At the stored indices and funding, USD, 18 decimals, rounded down. */
function netAssetValue(totals: Struct, markets: readonly MarketSlots[]): bigint {
  let value = ((totals.cash ?? 0n) - (totals.outstanding ?? 0n)) * RAW_PER_WAD;
  for (const { market, config } of markets) {
    if (((config.flags ?? 0n) & MarketFlags.Listed) === 0n) continue;
    value -= DeleveragingMath.owed(market as unknown as Market, config as unknown as MarketConfig, market.index ?? 0n);
  }
  const whole = value / RAW_PER_WAD;
  return whole * RAW_PER_WAD > value ? whole - 1n : whole;
}

/** What trades and liquidations cost, USD, 18 decimals, each rounded down, by day and market. */
function volumesOf(logs: readonly TimedLog[]): Map<string, bigint> {
  const volumes = new Map<string, bigint>();
  for (const { eventName, args, time } of parseEventLogs({
    abi: derivativesEngineAbi,
    logs: [...logs],
    strict: true,
  }) as (ReturnType<typeof parseEventLogs<typeof derivativesEngineAbi, true>>[number] & { time: bigint })[]) {
    let trade: { market: bigint; cost: bigint };
    if (eventName === 'OrderFilled' || eventName === 'PositionClosed') trade = tradeFillOf(args);
    else if (eventName === 'PositionLiquidated')
      trade = { market: args.market, cost: positionLiquidationOf(args).cost };
    else continue;
    const key = `${time - (time % DAY)} ${trade.market}`;
    const notional = (trade.cost < 0n ? -trade.cost : trade.cost) / RAW_PER_WAD;
    volumes.set(key, (volumes.get(key) ?? 0n) + notional);
  }
  return volumes;
}

function sumsByDay(volumes: ReadonlyMap<string, bigint>): Map<bigint, bigint> {
  const days = new Map<bigint, bigint>();
  for (const [key, volume] of volumes) {
    const day = BigInt(key.split(' ')[0] ?? '');
    days.set(day, (days.get(day) ?? 0n) + volume);
  }
  return days;
}
