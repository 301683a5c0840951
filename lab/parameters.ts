import { MARKETS } from '@tidemark/deploy';
import { toLine } from '../devnet/src/errors.ts';
import { type MarketConfig, RiskParameters } from '../sdk/src/math/index.ts';
import { marketOf } from './market.ts';
import type { Period } from './periods.ts';

/**
 * What the liquidations of a replay depend on. Its accounts are too small for the skew scale and the slope, and nothing in
 * it trades, pays funding or waits for the market's meter.
 */
const REPLAYED = [
  'initialMarginBps',
  'maintenanceMarginBps',
  'penaltyBps',
] as const satisfies readonly (keyof MarketConfig)[];

/** A market's parameters as they are proposed. */
export interface Proposed {
  readonly symbol: string;
  /** As they are deployed. */
  readonly present: MarketConfig;
  readonly config: MarketConfig;
  /** The fields that differ. */
  readonly changed: readonly (keyof MarketConfig)[];
}

/** What is to be replayed cannot be; the message is a line. */
export class ParametersInvalidError extends Error {
  override name = 'ParametersInvalidError';
}

/**
 * Proposed parameters by symbol and field as in the engine, e.g. `{"ETH": {"maintenanceMarginBps": 700}}`; other fields
 * stay as they are deployed.
 * @param periods Of which one at least has to have each market.
 * @throws {ParametersInvalidError} When it is not of that form, leaves the hard bounds, changes nothing of a market, or
 * changes what a replay does not depend on.
 */
export function readParameters(text: string, periods: readonly Period[]): Proposed[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new ParametersInvalidError(`The parameters are no JSON: ${toLine(error)}`);
  }
  const markets = Object.entries(objectOf(given, 'The parameters'));
  if (markets.length === 0) throw new ParametersInvalidError('The parameters name no market.');
  return markets.map(([symbol, fields]) => {
    if (!Object.hasOwn(MARKETS, symbol))
      throw new ParametersInvalidError(`There is no market ${quoted(symbol)}: ${Object.keys(MARKETS).join(', ')}.`);
    if (!periods.some(({ symbols }) => symbols.includes(symbol)))
      throw new ParametersInvalidError(`${symbol} is in none of the periods: ${periods.map(nameOf).join(', ')}.`);
    return proposedOf(symbol, objectOf(fields, `What changes of ${symbol}`));
  });
}

function proposedOf(symbol: string, fields: object): Proposed {
  const present = marketOf(symbol).config;
  const config = { ...present };
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(present, name))
      throw new ParametersInvalidError(`${symbol} has no parameter ${quoted(name)}: ${REPLAYED.join(', ')}.`);
    const field = REPLAYED.find((one) => one === name);
    if (!field)
      throw new ParametersInvalidError(
        `The replay does not depend on ${symbol}'s ${name}, but on ${REPLAYED.join(', ')}: leave it out.`,
      );
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ParametersInvalidError(`${symbol}'s ${name} has to be a whole number.`);
    config[field] = BigInt(value);
  }
  try {
    RiskParameters.validate(config, 0n);
  } catch (error) {
    throw new ParametersInvalidError(`${symbol}: ${toLine(error)}`);
  }
  const changed = REPLAYED.filter((name) => config[name] !== present[name]);
  if (changed.length === 0) throw new ParametersInvalidError(`${symbol}'s parameters are so already: leave it out.`);
  return { symbol, present, config, changed };
}

function objectOf(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ParametersInvalidError(`${what}: give an object, as in {"ETH": {"maintenanceMarginBps": 700}}.`);
}

const nameOf = ({ name }: Period) => name;
/** A stranger's name, on one line. */
const quoted = (name: string) => JSON.stringify(name.slice(0, 40));
