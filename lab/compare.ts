import type { Price } from '../sdk/src/math/index.ts';
import type { Feeds } from './feeds.ts';
import { marketOf } from './market.ts';
import { OracleChain } from './oracleChain.ts';
import { OracleModel, type Said } from './oracleModel.ts';
import { blocks } from './replay.ts';

/** Blocks between two prices that are asked for a liquidation, by the stored price and by one brought along. */
const ASKS = 10;
const BRINGS = 50;
/** Blocks between two prices that reach the double of Pyth as a signed update. */
const SIGNS = 200;

/** The contract and the model say different things. */
export class OracleDifferenceError extends Error {
  override name = 'OracleDifferenceError';
}

/** What is run beside the contract, and how closely. */
export interface ComparisonOptions {
  readonly from: number;
  readonly to: number;
  /** Seconds between two observations; a block when left out. */
  readonly step?: number;
  /** Another model than the contract's own mirror, for tests. */
  readonly model?: OracleModel;
}

/**
 * Runs the contract's bytecode and the model side by side, from nothing, over a stretch of a market.
 * @param artifacts Folder of forge's output.
 * @returns How many prices were the same.
 * @throws {OracleDifferenceError} When one was not.
 */
export async function holdToContract(
  artifacts: string,
  symbol: string,
  feeds: Feeds,
  { from, to, step, model = new OracleModel(marketOf(symbol).feed) }: ComparisonOptions,
): Promise<number> {
  let chain: OracleChain | undefined;
  let held: Said = { quote: undefined, round: undefined };
  let [count, place] = [0, 0];
  const same = (what: string, now: number, contract: unknown, modelled: unknown) => {
    count++;
    if (flat(contract) === flat(modelled)) return;
    throw new OracleDifferenceError(
      `${what} of ${symbol} at ${now}: the contract says ${flat(contract)}, the model ${flat(modelled)}.`,
    );
  };
  for (const { now, said } of blocks(feeds, from, to, step)) {
    const { quote, round } = said;
    if (!quote || !round) continue;
    if (!chain) chain = await OracleChain.create(artifacts, [symbol], [{ quote, round }], now);
    else {
      if (round !== held.round) await chain.transmit(0, round, now);
      if (quote !== held.quote)
        await (place % SIGNS === 0 ? chain.publishSigned([quote], now) : chain.publish([quote]));
    }
    held = said;
    const { prices, halted } = await chain.observe(now);
    const observed = model.observe(said, BigInt(now));
    same('An observation', now, [prices[0], halted.length > 0], [observed.price, observed.halted]);
    if (place % ASKS === 0)
      same('A price', now, nameOf(await chain.liquidationPrice(0, now)), model.liquidationPrice(said, BigInt(now)));
    const present = feeds.quoteAt(now);
    if (present && place % BRINGS === 0) {
      const modelled = model.liquidationPrice({ ...said, quote: present }, BigInt(now));
      same('A price brought along', now, nameOf(await chain.liquidationPrice(0, now, present)), modelled);
    }
    place++;
  }
  return count;
}

const nameOf = (answer: Awaited<ReturnType<OracleChain['liquidationPrice']>>): Price | string =>
  'name' in answer ? answer.name : answer;

const flat = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === 'bigint'
      ? `${inner}`
      : inner && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort())
        : inner,
  );
