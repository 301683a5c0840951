import type { Address } from 'viem';
import type { Liquidation, Order, Price } from '../../src/math/index.ts';
import { Engine, encodeStorage, encodeVault, ModelError, PriceUse } from '../../src/model/index.ts';
import type { Chain, Refusal } from './chain.ts';
import { DifferenceError, flat, show } from './difference.ts';
import { OracleModel } from './doubles.ts';
import { compareForeseen, compareLiquidationPrice, foresee } from './foresight.ts';
import { compareVerdict, compareViews, vaultVerdict } from './vaultCompare.ts';
import {
  type Addresses,
  engineAbi,
  isVaults,
  type ModelAnswer,
  model,
  type Operation,
  riskAbi,
  surround,
  surroundChain,
  vaultAbi,
  type World,
} from './world.ts';

/** What one step did, for the counts. */
export interface StepReport {
  name: string;
  refusal?: Refusal;
  /** Reasons of the orders that failed in it, by number. */
  failures: number[];
  previewed: boolean;
}

const sameRefusal = (a: Refusal, b: Refusal) => show(a) === show(b);

/** Every word of the engine's and the vault's storage must be the model's, and no other word may be set. */
export function compareStorage(chain: Chain, at: Addresses, world: World): void {
  compareWords(encodeStorage(world.engine, at.implementation), chain.storageOf(at.engine));
  compareWords(encodeVault(world.vault, at.vaultImplementation), chain.storageOf(at.vault));
}

function compareWords(expected: Map<bigint, bigint>, actual: Map<bigint, bigint>): void {
  for (const [slot, word] of expected)
    if (actual.get(slot) !== word)
      throw new DifferenceError(
        `Slot 0x${slot.toString(16)}: contract 0x${(actual.get(slot) ?? 0n).toString(16)}, model 0x${word.toString(16)}.`,
      );
  for (const slot of actual.keys())
    if (!expected.has(slot)) throw new DifferenceError(`Slot 0x${slot.toString(16)} is set and the model has it not.`);
}

/** One step on both; every word, the error and, where `previews`, the verdict beforehand. */
export async function step(
  chain: Chain,
  at: Addresses,
  before: World,
  op: Operation,
  { previews = false, storage = true },
) {
  const world = surround(before, op);
  await surroundChain(chain, at, op, world.time);
  const report: StepReport = { name: op.name, failures: [], previewed: false };
  if (op.name === '') return { world, report };
  const preview = previews ? await previewed(chain, at, world, op) : undefined;
  const foreseen = previews ? foresee(world, op, at.engine) : undefined;
  if (foreseen) await compareLiquidationPrice(chain, at, world, op, foreseen.account);
  const verdict = previews ? vaultVerdict(world, op) : undefined;
  const answer = model(world, op, at.engine);
  const [to, abi] = isVaults(op.name) ? [at.vault, vaultAbi] : [at.engine, engineAbi];
  const real = await chain.call(to, abi, op.name, op.args, op.sender, world.time, op.value);

  const mine = 'refusal' in answer ? answer.refusal : undefined;
  const theirs = 'refusal' in real ? real.refusal : undefined;
  if ((mine === undefined) !== (theirs === undefined) || (mine && theirs && !sameRefusal(mine, theirs)))
    throw new DifferenceError(`${op.name}: contract ${show(theirs ?? 'succeeds')}, model ${show(mine ?? 'succeeds')}.`);
  if (storage) compareStorage(chain, at, answer.world);
  if ('result' in answer && 'result' in real) compareResult(op, answer.result, real.result);
  if (preview) report.previewed = comparePreview(op, preview, answer);
  if (foreseen) report.previewed = compareForeseen(op, foreseen, answer) || report.previewed;
  if (verdict) report.previewed = compareVerdict(op, verdict, answer) || report.previewed;
  if (previews && isVaults(op.name)) await compareViews(chain, at, answer.world, op);
  if (mine) report.refusal = mine;
  else if ('result' in answer)
    for (const { failure } of (answer.result.outcomes ?? []) as { failure: number }[])
      if (failure !== 0) report.failures.push(failure);
  return { world: answer.world, report };
}

function compareResult(op: Operation, mine: Record<string, unknown>, theirs: unknown): void {
  if (op.name === 'priceLiquidity' && show([mine.lowest, mine.highest, mine.locked]) !== show(theirs))
    throw new DifferenceError(`priceLiquidity returned ${show(theirs)}, model ${show(mine)}.`);
  const returned = mine.requestId ?? mine.shares ?? mine.assets;
  if (isVaults(op.name) && returned !== undefined && returned !== theirs)
    throw new DifferenceError(`${op.name} returned ${show(theirs)}, model ${show(returned)}.`);
  if (op.name === 'commit' && mine.index !== theirs)
    throw new DifferenceError(`commit returned ${show(theirs)}, model ${show(mine.index)}.`);
}

interface Question {
  name: string;
  args: readonly unknown[];
  ask: () => Record<string, unknown>;
}

/** The risk contract's verdict on what is about to happen, equal to the model's. */
async function previewed(chain: Chain, at: Addresses, world: World, op: Operation) {
  const question = questionOf(world, op);
  if (!question) return undefined;
  let mine: Record<string, unknown>;
  try {
    mine = question.ask();
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
  const real = await chain.call(at.risk, riskAbi, question.name, question.args, op.sender, world.time);
  const values = Object.values(mine);
  const answer = flat(values.length === 1 ? values[0] : values);
  const theirs = 'refusal' in real ? show(real.refusal) : flat(real.result);
  if (theirs !== answer) throw new DifferenceError(`${question.name}: contract ${theirs}, model ${answer}.`);
  return mine;
}

function questionOf(world: World, op: Operation): Question | undefined {
  const { engine, time } = world;
  const oracle = new OracleModel(world.oracle);
  try {
    if (op.name === 'settle') {
      const [market, batches] = op.args as [bigint, Order[][]];
      const order = batches[0]?.[0];
      if (!order || order.sizeDelta === 0n) return undefined;
      const price: Price = oracle.read(market, 0n);
      const { account, sizeDelta, limitPrice, reduceOnly } = order;
      return {
        name: 'previewOrder',
        args: [account, market, sizeDelta, limitPrice, reduceOnly, price],
        ask: () => Engine.judgeOrder(engine, time, account, market, order, price),
      };
    }
    if (op.name === 'closeNow') {
      const [account, market, size, limitPrice] = op.args as [Address, bigint, bigint, bigint];
      const price = oracle.presentPrices(1n << market, PriceUse.CloseNow)[0];
      if (size === 0n || !price) return undefined;
      return {
        name: 'previewCloseNow',
        args: [account, market, size, limitPrice, price],
        ask: () => Engine.judgeCloseNow(engine, time, account, market, size, limitPrice, price),
      };
    }
    if (op.name === 'withdraw' || op.name === 'moveMargin') {
      const account = op.args[0] as Address;
      const assets = op.args[op.name === 'withdraw' ? 1 : 2] as bigint;
      const prices = oracle.presentPrices(engine.accounts.get(account)?.markets ?? 0n, PriceUse.Withdraw);
      return {
        name: 'previewWithdrawal',
        args: [account, assets, prices],
        ask: () => Engine.judgeWithdrawal(engine, time, account, assets, prices),
      };
    }
    if (op.name === 'liquidate') {
      const account = op.args[0] as Address;
      const markets = engine.accounts.get(account)?.markets ?? 0n;
      const prices = oracle.presentPrices(markets, PriceUse.Liquidate);
      return {
        name: 'previewLiquidation',
        args: [account, prices],
        ask: () => Engine.previewLiquidation(engine, time, account, prices),
      };
    }
    if (op.name === 'deleverage') {
      const id = op.args[0] as bigint;
      const prices = oracle.presentPrices(Engine.liveMarkets(engine), PriceUse.Deleverage);
      return {
        name: 'previewDeleveraging',
        args: [id, prices],
        ask: () => Engine.previewDeleveraging(engine, time, id, prices),
      };
    }
    if (op.name === 'crystallise') {
      const [account, id] = op.args as [Address, bigint];
      const price = oracle.presentPrices(1n << id, PriceUse.Crystallise)[0];
      if (!price) return undefined;
      return {
        name: 'previewCrystallise',
        args: [account, id, price],
        ask: () => Engine.previewCrystallise(engine, time, account, id, price),
      };
    }
    if (op.name === 'settlePosition') {
      const [account, id] = op.args as [Address, bigint];
      return {
        name: 'previewSettlement',
        args: [account, id],
        ask: () => Engine.previewSettlement(engine, time, account, id),
      };
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
  }
  return undefined;
}

/** The risk contract's verdict = execution. @returns Whether the two could be compared. */
function comparePreview(op: Operation, preview: Record<string, unknown>, answer: ModelAnswer): boolean {
  const differ = (executed: unknown, foreseen: unknown) => {
    if (flat(executed) !== flat(foreseen))
      throw new DifferenceError(`${op.name}: executed ${show(executed)}, previewed ${show(foreseen)}.`);
  };
  if ('refusal' in answer) {
    const { name, args } = answer.refusal;
    if (name === 'TradeFailed') differ(args[0], (preview.outcome as { failure: number }).failure);
    else if (name === 'NotLiquidatable') differ((preview.liquidation as Liquidation).due, false);
    else if (name === 'LiquidationMetered') differ((preview.liquidation as Liquidation).closed, 0n);
    else if (name === 'EquityTooLow') differ([...args, false], [preview.equity, preview.required, preview.permitted]);
    else if ((name === 'MarginTooLow' || name === 'OrdersPending') && 'permitted' in preview)
      differ(false, preview.permitted);
    else return false;
    return true;
  }
  const { result } = answer;
  if (op.name === 'deleverage') differ(result.reduction, preview.reduction);
  if (op.name === 'crystallise') differ(result.moved, preview);
  if (op.name === 'settlePosition') differ(result.realised, preview.realised);
  if (['deleverage', 'crystallise', 'settlePosition'].includes(op.name)) return true;
  if (op.name === 'withdraw' || op.name === 'moveMargin') {
    differ(true, preview.permitted);
    return true;
  }
  if (op.name === 'liquidate') {
    const [{ result: executed, sizeDeltas }] = result.liquidations as [{ result: Liquidation; sizeDeltas: bigint[] }];
    differ([executed, sizeDeltas], [preview.liquidation, preview.sizeDeltas]);
    return true;
  }
  const executed = op.name === 'settle' ? (result.outcomes as { failure: number }[])[0] : result.outcome;
  if (!executed || (executed as { failure: number }).failure === 1) return false;
  differ(executed, preview.outcome);
  return true;
}
