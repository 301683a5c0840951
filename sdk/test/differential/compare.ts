import { type Address, parseEventLogs, type RpcLog } from 'viem';
import { Failure, type Liquidation, type Order, OrderWords, type Price } from '../../src/math/index.ts';
import { Engine, encodeStorage, encodeVault, ModelError, PriceUse } from '../../src/model/index.ts';
import type { Chain, Log, Refusal } from './chain.ts';
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
  /** Likewise of those that were left out of a batch. */
  refusals: number[];
  /** Orders whose trigger was no longer met. */
  released: number;
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
  const report: StepReport = { name: op.name, failures: [], refusals: [], released: 0, previewed: false };
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
  if ('result' in answer && 'result' in real) compareResult(op, answer.result, real.result, real.logs);
  if (preview && !isEarlier(world, op)) report.previewed = comparePreview(op, preview, answer);
  if (foreseen) report.previewed = compareForeseen(op, foreseen, answer) || report.previewed;
  if (verdict) report.previewed = compareVerdict(op, verdict, answer) || report.previewed;
  if (previews && isVaults(op.name)) await compareViews(chain, at, answer.world, op);
  if (mine) report.refusal = mine;
  else if ('result' in answer) countOrders(report, answer.result);
  return { world: answer.world, report };
}

type Settled = { failure: number } | 'released';

function countOrders(report: StepReport, { outcomes = [], refused = [] }: Record<string, unknown>): void {
  for (const outcome of outcomes as Settled[])
    if (outcome === 'released') report.released++;
    else if (outcome.failure !== 0) report.failures.push(outcome.failure);
  for (const one of refused as (Engine.Refused | null)[]) if (one) report.refusals.push(one.reason);
}

/** Why each order was left out, as the contract told. */
function compareLeftOut(op: Operation, mine: Record<string, unknown>, logs: readonly Log[]): void {
  const [market, orders] = op.args as [bigint, Order[]];
  const expected = (mine.refused as (Engine.Refused | null)[]).flatMap((one, i) => {
    const { account = '0x', terms = 0n } = orders[i] ?? {};
    return one ? [[market, account, OrderWords.nonceOf(terms), one.reason, one.actual, one.limit]] : [];
  });
  const told = parseEventLogs({ abi: engineAbi, eventName: 'OrderLeftOut', logs: logs as unknown as RpcLog[] });
  const actual = told.map(({ args }) => args);
  if (flat(actual) !== flat(expected))
    throw new DifferenceError(`Left out: contract ${flat(actual)}, model ${flat(expected)}.`);
}

function compareResult(op: Operation, mine: Record<string, unknown>, theirs: unknown, logs: readonly Log[]): void {
  if (op.name === 'commitSigned') compareLeftOut(op, mine, logs);
  if (op.name === 'priceLiquidity' && show([mine.lowest, mine.highest, mine.locked]) !== show(theirs))
    throw new DifferenceError(`priceLiquidity returned ${show(theirs)}, model ${show(mine)}.`);
  const returned = mine.requestId ?? mine.shares ?? mine.assets;
  if (isVaults(op.name) && returned !== undefined && returned !== theirs)
    throw new DifferenceError(`${op.name} returned ${show(theirs)}, model ${show(returned)}.`);
  if (op.name.startsWith('commit') && mine.index !== theirs)
    throw new DifferenceError(`${op.name} returned ${show(theirs)}, model ${show(mine.index)}.`);
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
      if (!order || OrderWords.sizeDeltaOf(order.terms) === 0n) return undefined;
      const price: Price = oracle.read(market, 0n);
      return {
        name: 'previewOrder',
        args: [market, order, price],
        ask: () => Engine.judgeOrder(engine, time, market, order, price),
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
      const prices = oracle.presentPrices(Engine.leavingMarkets(engine, account), PriceUse.Withdraw);
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

/** A verdict values other markets as at the account's last commit, a settlement as at the order's. */
function isEarlier({ engine }: World, op: Operation): boolean {
  if (op.name !== 'settle') return false;
  const [market, batches] = op.args as [bigint, Order[][]];
  const stored = engine.accounts.get(batches[0]?.[0]?.account.toLowerCase() ?? '');
  const head = engine.queues.get(market)?.head ?? 0n;
  const committedAt = engine.items.get(`${market}/${head % 1024n}`)?.committedAt;
  const others = (stored?.markets ?? 0n) & ~(1n << market);
  return others !== 0n && stored?.committedAt !== committedAt;
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
    else if (op.name === 'moveMargin' && name === 'OrdersPending')
      // Perhaps those of the account that margin would come to, of which a verdict on leaving knows nothing.
      return false;
    else if (name === 'OutflowCapReached')
      // Of what leaves the exchange, not of what leaves an account.
      return false;
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
  const executed = (op.name === 'settle' ? (result.outcomes as Settled[])[0] : result.outcome) as Settled | undefined;
  if (!executed || executed === 'released' || executed.failure === Failure.Purged) return false;
  differ(executed, preview.outcome);
  return true;
}
