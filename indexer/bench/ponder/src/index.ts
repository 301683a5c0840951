import { type Context, type Event, ponder } from 'ponder:registry';
import { candle, market, position, trade } from 'ponder:schema';
import { marketOf, positionLiquidationOf, tradeFillOf } from '../../../../sdk/src/actions/eventWords.ts';

/** Seconds. */
const INTERVALS = [60n, 300n, 900n, 3_600n, 14_400n, 86_400n];

interface Fill {
  readonly kind: 'order' | 'close' | 'liquidation';
  readonly account: `0x${string}`;
  readonly market: bigint;
  readonly sizeDelta: bigint;
  readonly cost: bigint;
  readonly fee: bigint;
  readonly realised: bigint;
  readonly size: bigint;
  readonly cash: bigint;
  readonly generation: bigint;
  readonly margin: bigint | null;
}
type FillEvent = Event<'Engine:OrderFilled' | 'Engine:PositionClosed' | 'Engine:PositionLiquidated'>;

const abs = (value: bigint) => (value < 0n ? -value : value);
const generationOf = (word: bigint) => word >> 240n;

for (const [name, kind] of [
  ['Engine:OrderFilled', 'order'],
  ['Engine:PositionClosed', 'close'],
] as const)
  ponder.on(name, async ({ event, context }) => {
    const { account } = event.args;
    const generation = generationOf(event.args.position);
    const { poolPays: realised, ...fill } = tradeFillOf(event.args);
    await filled(context, event, { ...fill, kind, account, generation, realised });
  });

ponder.on('Engine:PositionLiquidated', async ({ event, context }) => {
  const { market, account } = event.args;
  const generation = generationOf(event.args.position);
  const { account: left, ...fill } = positionLiquidationOf(event.args);
  const paid = { fee: 0n, realised: 0n, margin: left?.margin ?? null };
  await filled(context, event, { ...fill, ...paid, kind: 'liquidation', market, account, generation });
});

for (const name of ['Engine:BatchesSettled', 'Engine:MarketUpdated'] as const)
  ponder.on(name, async ({ event, context }) => {
    await updated(context, Number(event.args.market), marketOf(event.args).index, event.block.timestamp);
  });

/** Of a life that ended, the number is the one before the stored one. */
async function filled({ db }: Context, event: FillEvent, fill: Fill) {
  const { account, sizeDelta, cost, size, generation } = fill;
  const life = (number: bigint) => `${account}-${fill.market}-${number}`;
  const { timestamp } = event.block;
  const notional = abs(cost) / 10n ** 12n;
  const price = abs(cost) / abs(sizeDelta);
  const counted = fill.kind === 'liquidation' ? { volume: 0n, tradeCount: 0 } : { volume: notional, tradeCount: 1 };
  const id = life(size === 0n ? generation - 1n : generation);
  const current = await db.find(position, { id });
  const previous = current ?? (generation > 0n ? await db.find(position, { id: life(generation - 1n) }) : null);
  const held = previous?.open ? previous.size : 0n;
  const closed = held * sizeDelta < 0n ? (abs(sizeDelta) < abs(held) ? sizeDelta : -held) : 0n;
  const opened = sizeDelta - closed;
  const closingCost = (cost * closed) / sizeDelta;

  if (previous && held !== 0n) {
    const takenOff = (previous.entryCost * closed) / held;
    const entryCost = previous.entryCost + takenOff + (current ? cost - closingCost : 0n);
    const closedSize = previous.closedSize + abs(closed);
    const exitCost = previous.exitCost + closingCost;
    const left = current ? size : 0n;
    await db.update(position, { id: previous.id }).set({
      open: left !== 0n,
      size: left,
      cash: current ? fill.cash : 0n,
      peakSize: abs(left) > previous.peakSize ? abs(left) : previous.peakSize,
      entryCost,
      entryPrice: left === 0n ? previous.entryPrice : abs(entryCost / left),
      closedSize,
      exitCost,
      exitPrice: closedSize === 0n ? null : abs(exitCost / closedSize),
      cost: previous.cost + (current ? cost : closingCost),
      realised: previous.realised + fill.realised,
      fees: previous.fees + fill.fee,
      volume: previous.volume + counted.volume,
      tradeCount: previous.tradeCount + counted.tradeCount,
      liquidated: previous.liquidated || fill.kind === 'liquidation',
      closedAt: left === 0n ? timestamp : null,
      changedAt: timestamp,
    });
  }
  if (!current) {
    await db.insert(position).values({
      id,
      account,
      market: Number(fill.market),
      side: size > 0n ? 'long' : 'short',
      open: true,
      size,
      cash: fill.cash,
      peakSize: abs(size),
      entryCost: cost - closingCost,
      entryPrice: opened === 0n ? 0n : abs((cost - closingCost) / opened),
      closedSize: 0n,
      exitCost: 0n,
      exitPrice: null,
      cost: cost - closingCost,
      realised: 0n,
      fees: held === 0n ? fill.fee : 0n,
      ...(held === 0n ? counted : { volume: 0n, tradeCount: 0 }),
      liquidated: false,
      openedAt: timestamp,
      closedAt: null,
      changedAt: timestamp,
    });
  }
  await db.insert(trade).values({
    id: event.id,
    account,
    market: Number(fill.market),
    position: id,
    kind: fill.kind,
    side: sizeDelta > 0n ? 'long' : 'short',
    sizeDelta,
    closed,
    price,
    cost,
    notional,
    fee: fill.fee,
    realised: fill.realised,
    size,
    margin: fill.margin,
    timestamp,
    block: event.block.number,
    transaction: event.transaction.hash,
  });
  await db
    .insert(market)
    .values({ id: Number(fill.market), highestFill: price, lowestFill: price, volume: notional, tradeCount: 1 })
    .onConflictDoUpdate(({ highestFill, lowestFill, volume, tradeCount }) => ({
      highestFill: highestFill !== null && highestFill > price ? highestFill : price,
      lowestFill: lowestFill !== null && lowestFill < price ? lowestFill : price,
      volume: volume + notional,
      tradeCount: tradeCount + 1,
    }));
}

async function updated({ db }: Context, id: number, index: bigint, time: bigint) {
  const since = await db.find(market, { id });
  const highest = since?.highestFill && since.highestFill > index ? since.highestFill : index;
  const lowest = since?.lowestFill && since.lowestFill < index ? since.lowestFill : index;
  const { volume, tradeCount } = since ?? { volume: 0n, tradeCount: 0 };
  for (const interval of INTERVALS)
    await db
      .insert(candle)
      .values({
        market: id,
        interval: Number(interval),
        start: time - (time % interval),
        open: index,
        high: highest,
        low: lowest,
        close: index,
        volume,
        tradeCount,
      })
      .onConflictDoUpdate((row) => ({
        high: row.high > highest ? row.high : highest,
        low: row.low < lowest ? row.low : lowest,
        close: index,
        volume: row.volume + volume,
        tradeCount: row.tradeCount + tradeCount,
      }));
  const nothing = { highestFill: null, lowestFill: null, volume: 0n, tradeCount: 0 };
  if (since) await db.update(market, { id }).set(nothing);
}
