import type { Address, Hex } from 'viem';
import { LiquidationPriceMath, type Order, type Price } from '../../src/math/index.ts';
import { Engine, exposureOf, type Refusal, viewAccount } from '../../src/model/index.ts';
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
    const outcomes = answer.result.outcomes as { failure: number }[];
    differ(outcomes[0], preview.outcome);
    const failure = outcomes[0]?.failure ?? 0;
    differ(failure === 0 ? null : ['TradeFailed', [failure]], named(preview.refusal));
    if (outcomes.length > 1 || account.toLowerCase().startsWith(op.sender.toLowerCase())) return true;
  } else {
    differ(named(executed), named(preview.refusal));
  }
  const call = { ...callOf(answer.world, op, answer.world.address), time: answer.world.time };
  const { margin, positions } = viewAccount(answer.world.engine, call, account);
  differ([margin, positions], [preview.after.margin, preview.after.positions]);
  return true;
}

/** What the contract says of an account at prices and a time: whether its liquidation is due. */
async function isDue(chain: Chain, at: Addresses, account: Hex, prices: readonly Price[], time: bigint) {
  const answer = await chain.call(at.risk, riskAbi, 'previewLiquidation', [account, prices], at.engine, time);
  if ('refusal' in answer) throw new DifferenceError(`previewLiquidation: ${show(answer.refusal)}.`);
  return (answer.result as [{ due: boolean }])[0].due;
}

/** At the SDK's liquidation price the contract's verdict is due, one unit beyond it is not; now and as funding runs on. */
export async function compareLiquidationPrice(chain: Chain, at: Addresses, world: World, op: Operation, account: Hex) {
  // A part of all: each asks the contract six times.
  if (world.time % 2n !== 0n) return;
  const { engine, time } = world;
  const markets = engine.accounts.get(account.toLowerCase())?.markets ?? 0n;
  const call = callOf(world, op, at.engine);
  const ids = [...engine.configs.keys()].filter((id) => ((markets >> id) & 1n) === 1n).sort((a, b) => Number(a - b));
  if (ids.length === 0 || (markets & ~Engine.liveMarkets(engine)) !== 0n) return;
  const exposures = ids.map((id) => exposureOf(engine, call, account, id));
  const asked = exposures[Number(time / 2n) % exposures.length];
  if (!asked) return;
  const { margin = 0n } = engine.accounts.get(account.toLowerCase()) ?? {};
  const { claim } = viewAccount(engine, call, account);
  for (const later of [0n, 3600n, 86_400n]) {
    const standing = { margin, claim, time: time + later };
    const found = LiquidationPriceMath.liquidationPrice(exposures, asked.id, standing);
    const dueAt = (index: bigint) => {
      const { price } = asked;
      const [down, up] = [price.mid - price.lo, price.hi - price.mid];
      const moved = { ...price, mid: index, lo: index > down ? index - down : 0n, hi: index + up };
      const prices = exposures.map((one) => (one === asked ? moved : one.price));
      return isDue(chain, at, account, prices, time + later);
    };
    if (found === null && asked.position.size === 0n) continue;
    const [lowest, highest] = [1n, 10n ** 26n - (asked.price.hi - asked.price.mid)];
    const verdicts =
      found === null
        ? [await dueAt(lowest), await dueAt(highest)]
        : [!(await dueAt(found)), await dueAt(beyond(found, asked.position.size, [lowest, highest]))];
    if (found === highest || found === lowest) verdicts.pop();
    if (verdicts.some((wrong) => wrong))
      throw new DifferenceError(`Liquidation price of ${account} in ${asked.id} after ${later} s: ${found} is not.`);
  }
}

/** One unit toward safety. */
const beyond = (price: bigint, size: bigint, [lowest, highest]: [bigint, bigint]) =>
  size > 0n ? (price < highest ? price + 1n : price) : price > lowest ? price - 1n : price;
