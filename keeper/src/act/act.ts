import {
  type AnyClient,
  ContractRefusedError,
  derivativesEngineAbi,
  emergencyGuardianAbi,
  encodeSigned,
  getUpdateFee,
  governanceAbi,
  liquidityVaultAbi,
  onChain,
  RpcUnreachableError,
  TidemarkError,
} from '@tidemark/sdk';
import type { Address, Hash, Hex } from 'viem';
import { estimateContractGas, writeContract } from 'viem/actions';
import type { Action } from '../actions.ts';
import { PRICE_DELAY, PRICE_WINDOW } from '../plan/index.ts';
import type { PriceClient } from '../prices/priceSources.ts';

export interface ActorOptions {
  /** With the keeper's account and the chain. */
  client: AnyClient;
  prices: PriceClient;
  engine: Address;
  pyth: Address;
  vault?: Address;
  governor?: Address;
  guardian?: Address;
  feedsOf(markets: readonly number[]): Hex[];
  /** Called right before a transaction leaves. */
  onSending?: (action: Action) => void;
}

/** What came of an action. */
export type Outcome =
  | { status: 'sent'; hash: Hash }
  /** Nothing was sent: another keeper was first, it is not time, or the contracts or services do not permit it. */
  | { status: 'refused'; why: TidemarkError };

/** Pyth's contract says by these that the bytes are wrong: another service may serve better ones. */
const WRONG_BYTES = ['InvalidArgument', 'InvalidUpdateData', 'InvalidUpdateDataSource', 'InvalidWormholeVaa'];

/** Gas of a settlement that cannot be simulated yet: verification, and each order at its dearest. */
const SETTLE_GAS = 1_500_000n;
const SETTLE_GAS_PER_ORDER = 400_000n;

/**
 * Simulates an action and sends it with the exact fee of the prices it brings. A refusal is an outcome: who loses a race
 * has lost nothing.
 * @throws {RpcUnreachableError} when the chain cannot be reached.
 */
export async function act(action: Action, options: ActorOptions): Promise<Outcome> {
  let call: Call | undefined;
  try {
    call = await encode(action, options);
    return { status: 'sent', hash: await send(action, call, options) };
  } catch (error) {
    if (call?.update && error instanceof ContractRefusedError && WRONG_BYTES.includes(error.error))
      options.prices.distrust(call.update, error);
    if (error instanceof TidemarkError && !(error instanceof RpcUnreachableError))
      return { status: 'refused', why: error };
    throw error;
  }
}

interface Call {
  address: Address;
  abi: readonly unknown[];
  functionName: string;
  args: readonly unknown[];
  value?: bigint;
  /** The signed prices among the arguments, if any. */
  update?: readonly Hex[];
}

async function encode(action: Action, options: ActorOptions): Promise<Call> {
  const engine = { address: options.engine, abi: derivativesEngineAbi, functionName: action.kind };
  switch (action.kind) {
    case 'expire':
      return { ...engine, args: [BigInt(action.market), BigInt(action.count)] };
    case 'accrue':
    case 'advanceParameters':
      return { ...engine, args: [BigInt(action.market)] };
    case 'appraise':
      return { ...engine, args: [] };
    case 'collectClaim':
      return { ...engine, args: [action.account] };
    case 'settlePosition':
      return { ...engine, args: [action.account, BigInt(action.market)] };
    case 'settle': {
      const { update, value } = await settlementPrice(action, options);
      return { ...engine, args: [BigInt(action.market), action.batches, update], value, update };
    }
    case 'flag': {
      const { update, value } = await presentPrices(action.markets, options);
      return { ...engine, args: [action.account, update], value, update };
    }
    case 'liquidate': {
      const { update, value } = await presentPrices(action.markets, options);
      const [account] = action.accounts;
      if (action.accounts.length === 1) return { ...engine, args: [account, update], value, update };
      return { ...engine, functionName: 'liquidateMany', args: [action.accounts, update], value, update };
    }
    case 'commitSigned': {
      const { orders, others } = encodeSigned(action.orders);
      return { ...engine, args: [BigInt(action.market), orders, others] };
    }
    case 'deleverage': {
      const { update, value } = await presentPrices(action.markets, options);
      return { ...engine, args: [BigInt(action.market), update], value, update };
    }
    case 'crystallise': {
      const { update, value } = await presentPrices([action.market], options);
      return { ...engine, args: [action.account, BigInt(action.market), update], value, update };
    }
    case 'settleMarket': {
      const { update, value } = await presentPrices([action.market], options);
      return { ...engine, args: [BigInt(action.market), update], value, update };
    }
    case 'updateIndices': {
      const { update, value } = await presentPrices(action.markets, options);
      const bitmap = action.markets.reduce((bits, market) => bits | (1n << BigInt(market)), 0n);
      return { ...engine, args: [bitmap, update], value, update };
    }
    case 'settleEpoch': {
      const { update, value } = await presentPrices(action.markets, options);
      const vault = options.vault as Address;
      return { address: vault, abi: liquidityVaultAbi, functionName: 'settleEpoch', args: [update], value, update };
    }
    case 'queueProposal':
    case 'executeProposal': {
      const functionName = action.kind === 'queueProposal' ? 'queue' : 'execute';
      return { address: options.governor as Address, abi: governanceAbi, functionName, args: [action.proposal] };
    }
    case 'expirePause':
      return { address: options.guardian as Address, abi: emergencyGuardianAbi, functionName: 'expire', args: [] };
  }
}

/** The price in the window, and what the chain charges to verify it. */
async function settlementPrice(action: Action & { kind: 'settle' }, { client, prices, pyth, feedsOf }: ActorOptions) {
  const { update, prices: found } = await prices.at(action.committedAt + PRICE_DELAY, feedsOf([action.market]));
  const late = found.find(({ publishTime }) => publishTime > action.committedAt + PRICE_WINDOW);
  if (late) throw new PriceWindowMissedError(action.market, late.publishTime);
  return { update, value: await getUpdateFee(client, { pyth, update }) };
}

async function presentPrices(markets: readonly number[], { client, prices, pyth, feedsOf }: ActorOptions) {
  if (markets.length === 0) return { update: [], value: 0n };
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

async function send(action: Action, { update: _, ...call }: Call, { client, onSending }: ActorOptions): Promise<Hash> {
  const request = { ...call, account: client.account, chain: client.chain };
  const follows = action.kind === 'settle' && action.follows;
  const gas = follows
    ? SETTLE_GAS + SETTLE_GAS_PER_ORDER * BigInt(action.batches.flat().length)
    : ((await onChain(() => estimateContractGas(client, request as never))) * 3n) / 2n;
  onSending?.(action);
  return onChain(() => writeContract(client, { ...request, gas } as never));
}

/** Whether an action that brings several markets' prices may do better for each of them alone. */
export function splitIndices(action: Action, { why }: Outcome & { status: 'refused' }): Action[] {
  if (action.kind !== 'updateIndices' || action.markets.length < 2 || !(why instanceof ContractRefusedError)) return [];
  return action.markets.map((market) => ({ ...action, key: `updateIndices ${market}`, markets: [market] }));
}
