import type { Address, Hex } from 'viem';
import { LiquidationPriceMath, MAX_PRICE, type Order, type Price, PriceState } from '../../src/math/index.ts';
import { Engine, type EngineState, exposureOf, type Refusal } from '../../src/model/index.ts';
import type { Chain } from './chain.ts';
import { DifferenceError, flat, show } from './difference.ts';
import { OracleModel } from './doubles.ts';
import { type Addresses, callOf, type ModelAnswer, type Operation, riskAbi, type World } from './world.ts';

// The SDK's previews of what traders do, against what the contracts then do: model and contract agree by the time these
// are asked, so that the model's answer is the contract's.

type Preview = Engine.AccountPreview & Partial<Pick<ReturnType<typeof Engine.previewCommit>, 'outcome' | 'refusedAt'>>;

export interface Foreseen {
  account: Hex;
  preview: Preview;
}

/** What refuses a settlement whatever else its batches hold. */
const OF_THE_MARKET = ['Paused', 'MarketSettled', 'UnknownMarket', 'WindowEnded', 'PriceTooLarge'];

/** The preview of a trader's action; undefined for everybody else's. */
export function foresee(world: World, op: Operation, engine: Address): Foreseen | undefined {
  const call = callOf(world, op, engine);
  const state = world.engine;
  if (op.name === 'deposit') {
    const [account, assets] = op.args as [Hex, bigint];
    return { account, preview: Engine.previewDeposit(state, call, account, assets) };
  }
  if (op.name === 'withdraw') {
    const [account, assets, to] = op.args as [Hex, bigint, Address];
    return { account, preview: Engine.previewWithdrawal(state, call, account, assets, to) };
  }
  if (op.name === 'moveMargin') {
    const [account, to, assets] = op.args as [Hex, Hex, bigint];
    return { account, preview: Engine.previewMoveMargin(state, call, account, to, assets) };
  }
  if (op.name === 'closeNow') {
    const [account, market, size, limitPrice] = op.args as [Hex, bigint, bigint, bigint];
    return { account, preview: Engine.previewCloseNow(state, call, account, market, size, limitPrice) };
  }
  if (op.name !== 'commit' && op.name !== 'settle') return undefined;
  return foreseeOrder(world, op, engine);
}

function foreseeOrder(world: World, op: Operation, engine: Address): Foreseen | undefined {
  const call = callOf(world, op, engine);
  const market = op.args[0] as bigint;
  const price = new OracleModel({ ...world.oracle, refused: false }).read(market, 0n);
  if (op.name === 'commit') {
    const [order, another] = op.args[1] as Order[];
    if (!order || another) return undefined;
    return { account: order.account, preview: Engine.previewCommit(world.engine, call, market, order, price) };
  }
  const order = (op.args[1] as Order[][])[0]?.[0];
  const head = world.engine.queues.get(market)?.head ?? 0n;
  const committedAt = world.engine.items.get(`${market}/${head % 1024n}`)?.committedAt;
  if (!order || committedAt === undefined) return undefined;
  const preview = Engine.previewOrder(world.engine, call, market, order, { price, committedAt });
  return { account: order.account, preview };
}

/** Preview = execution: the error with its arguments, or the account afterwards. @returns Whether they could be compared. */
export function compareForeseen(op: Operation, { account, preview }: Foreseen, answer: ModelAnswer): boolean {
  const differ = (executed: unknown, foreseen: unknown) => {
    if (flat(executed) !== flat(foreseen))
      throw new DifferenceError(`${op.name}: executed ${show(executed)}, foreseen ${show(foreseen)}.`);
  };
  const executed = 'refusal' in answer ? answer.refusal : null;
  const named = (refusal: Refusal | null) => refusal && [refusal.name, refusal.args];
  if (op.name === 'commit') {
    differ(named(executed), named(preview.refusedAt === 'commit' ? preview.refusal : null));
    return true;
  }
  if (op.name === 'settle' && executed) {
    if (!OF_THE_MARKET.includes(executed.name)) return false;
    differ(named(executed), named(preview.refusal));
    return true;
  }
  if (op.name === 'settle' && 'result' in answer) {
    const outcomes = answer.result.outcomes as ({ failure: number } | 'released')[];
    const [first] = outcomes;
    differ(first, preview.outcome);
    const failure = !first || first === 'released' ? 0 : first.failure;
    differ(failure === 0 ? null : ['TradeFailed', [failure]], named(preview.refusal));
    if (outcomes.length > 1 || account.toLowerCase().startsWith(op.sender.toLowerCase())) return true;
  } else {
    differ(named(executed), named(preview.refusal));
  }
  const { engine } = answer.world;
  const { margin = 0n, markets = 0n } = engine.accounts.get(account.toLowerCase()) ?? {};
  const held = idsOf(engine, markets).map((id) => [
    id,
    Engine.currentPosition(engine, account, id, engine.configs.get(id)?.flags ?? 0n),
  ]);
  const { after } = preview;
  differ([margin, held], [after.margin, after.positions.map(({ market, position }) => [market, position])]);
  return true;
}

/** Markets of the set bits, ascending. */
const idsOf = (engine: EngineState, markets: bigint) =>
  [...engine.configs.keys()].filter((id) => ((markets >> id) & 1n) === 1n).sort((a, b) => Number(a - b));

/** What the contract says of an account at prices and a time: whether its liquidation is due. */
async function isDue(chain: Chain, at: Addresses, account: Hex, prices: readonly Price[], time: bigint) {
  const answer = await chain.call(at.risk, riskAbi, 'previewLiquidation', [account, prices], at.engine, time);
  if ('refusal' in answer) throw new DifferenceError(`previewLiquidation: ${show(answer.refusal)}.`);
  return (answer.result as [{ due: boolean }])[0].due;
}

/** At the SDK's liquidation price the contract's verdict is due, one unit beyond it is not: now, in an hour or in a day. */
export async function compareLiquidationPrice(chain: Chain, at: Addresses, world: World, op: Operation, account: Hex) {
  const { engine, time } = world;
  const { margin = 0n, markets = 0n } = engine.accounts.get(account.toLowerCase()) ?? {};
  const ids = idsOf(engine, markets);
  if (ids.length === 0 || (markets & ~Engine.liveMarkets(engine)) !== 0n) return;
  const call = callOf(world, op, at.engine);
  const exposures = ids.map((id) => exposureOf(engine, call, account, id));
  const asked = exposures[Number(time / 3n) % exposures.length];
  if (!asked || asked.position.size === 0n) return;
  const claim = engine.pool.claimsOpen ? (engine.claimOf.get(account.toLowerCase())?.amount ?? 0n) : 0n;
  const later = [0n, 3600n, 86_400n][Number(time % 3n)] ?? 0n;
  const found = LiquidationPriceMath.liquidationPrice(exposures, asked.id, { margin, claim, time: time + later });
  const { price } = asked;
  const [down, up] = [price.mid - price.lo, price.hi - price.mid];
  const dueAt = (index: bigint) => {
    const moved = { ...price, mid: index, lo: index > down ? index - down : 0n, hi: index + up };
    // Of the prices' states it says nothing: as both sources would be judged.
    const prices = exposures.map((one) => ({ ...(one === asked ? moved : one.price), state: PriceState.Normal }));
    return isDue(chain, at, account, prices, time + later);
  };
  const [lowest, highest] = [1n, MAX_PRICE - up];
  const [due, safe] =
    found === null ? [[], [lowest, highest]] : [[found], [found + (asked.position.size > 0n ? 1n : -1n)]];
  for (const index of due) if (!(await dueAt(index))) throw wrongPrice(account, asked.id, later, `not due at ${index}`);
  for (const index of safe)
    if (index >= lowest && index <= highest && (await dueAt(index)))
      throw wrongPrice(account, asked.id, later, `due at ${index}`);
}

const wrongPrice = (account: Hex, market: bigint, later: bigint, what: string) =>
  new DifferenceError(`Liquidation price of ${account} in market ${market} after ${later} s: the contract is ${what}.`);
