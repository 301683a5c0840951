import {
  type AnyClient,
  derivativesEngineAbi,
  emergencyGuardianAbi,
  encodeSigned,
  getUpdateFee,
  governanceAbi,
  liquidityVaultAbi,
  TidemarkError,
} from '@tidemark/sdk';
import { type Abi, type Address, encodeFunctionData, type Hex } from 'viem';
import type { Action } from '../actions.ts';
import { PRICE_DELAY, PRICE_WINDOW } from '../plan/index.ts';
import type { PriceClient } from '../prices/priceSources.ts';

export interface EncodeOptions {
  client: AnyClient;
  prices: PriceClient;
  engine: Address;
  pyth: Address;
  vault?: Address;
  governor?: Address;
  guardian?: Address;
  feedsOf(markets: readonly number[]): Hex[];
}

/** What a transaction does. */
export interface Call {
  readonly to: Address;
  readonly data: Hex;
  /** Wei: the exact fee of the prices it brings. */
  readonly value: bigint;
  /** The signed prices among the arguments; none when it brings none. */
  readonly update: readonly Hex[];
}

/** An action as a call, with the prices that it needs. @throws {TidemarkError} when there are none, or no chain. */
export async function encode(action: Action, options: EncodeOptions): Promise<Call> {
  const engine = (args: readonly unknown[], priced: Priced = NOTHING, functionName: string = action.kind) =>
    toCall(options.engine, derivativesEngineAbi, functionName, args, priced);
  const present = (markets: readonly number[]) => presentPrices(markets, options);
  switch (action.kind) {
    case 'expire':
      return engine([BigInt(action.market), BigInt(action.count)]);
    case 'accrue':
    case 'advanceParameters':
      return engine([BigInt(action.market)]);
    case 'appraise':
    case 'divideReserves':
      return engine([]);
    case 'collectClaim':
      return engine([action.account]);
    case 'settlePosition':
      return engine([action.account, BigInt(action.market)]);
    case 'settle': {
      const priced = await settlementPrice(action, options);
      return engine([BigInt(action.market), action.batches, priced.update], priced);
    }
    case 'flag': {
      const priced = await present(action.markets);
      return engine([action.account, priced.update], priced);
    }
    case 'liquidate': {
      const priced = await present(action.markets);
      const [account] = action.accounts;
      if (action.accounts.length === 1) return engine([account, priced.update], priced);
      return engine([action.accounts, priced.update], priced, 'liquidateMany');
    }
    case 'commitSigned': {
      const { orders, others } = encodeSigned(action.orders);
      return engine([BigInt(action.market), orders, others]);
    }
    case 'deleverage': {
      const priced = await present(action.markets);
      return engine([BigInt(action.market), priced.update], priced);
    }
    case 'crystallise': {
      const priced = await present([action.market]);
      return engine([action.account, BigInt(action.market), priced.update], priced);
    }
    case 'settleMarket': {
      const priced = await present(action.markets);
      return engine([BigInt(action.market), priced.update], priced);
    }
    case 'updateIndices': {
      const priced = await present(action.markets);
      const bitmap = action.markets.reduce((bits, market) => bits | (1n << BigInt(market)), 0n);
      return engine([bitmap, priced.update], priced);
    }
    case 'settleEpoch': {
      const priced = await present(action.markets);
      return toCall(options.vault as Address, liquidityVaultAbi, 'settleEpoch', [priced.update], priced);
    }
    case 'queueProposal':
      return toCall(options.governor as Address, governanceAbi, 'queue', [action.proposal]);
    case 'executeProposal':
      return toCall(options.governor as Address, governanceAbi, 'execute', [action.proposal]);
    case 'expirePause':
      return toCall(options.guardian as Address, emergencyGuardianAbi, 'expire', []);
  }
}

interface Priced {
  readonly update: readonly Hex[];
  readonly value: bigint;
}
const NOTHING: Priced = { update: [], value: 0n };

function toCall(to: Address, abi: Abi, functionName: string, args: readonly unknown[], priced = NOTHING): Call {
  return { to, data: encodeFunctionData({ abi, functionName, args }), ...priced };
}

/** The price in the window, and what the chain charges to verify it. */
async function settlementPrice(action: Action & { kind: 'settle' }, options: EncodeOptions): Promise<Priced> {
  const { client, prices, pyth, feedsOf } = options;
  const { update, prices: found } = await prices.at(action.committedAt + PRICE_DELAY, feedsOf([action.market]));
  const late = found.find(({ publishTime }) => publishTime > action.committedAt + PRICE_WINDOW);
  if (late) throw new PriceWindowMissedError(action.market, late.publishTime);
  return { update, value: await getUpdateFee(client, { pyth, update }) };
}

async function presentPrices(markets: readonly number[], options: EncodeOptions): Promise<Priced> {
  if (markets.length === 0) return NOTHING;
  const { client, prices, pyth, feedsOf } = options;
  const { update } = await prices.latest(feedsOf(markets));
  return { update, value: await getUpdateFee(client, { pyth, update }) };
}

/** No price was published in a settlement's window: its orders will expire. */
export class PriceWindowMissedError extends TidemarkError {
  override name = 'PriceWindowMissedError';

  constructor(market: number, publishTime: bigint) {
    super(`Market ${market} has no price in the window; the first one after it is of ${publishTime}.`, {
      next: 'Nothing can be done: the orders expire after their minute.',
    });
  }
}
