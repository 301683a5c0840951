import type {
  Account,
  Address,
  Chain,
  Client,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  Hash,
  Transport,
  WriteContractParameters,
} from 'viem';
import { readContract, writeContract } from 'viem/actions';
import { derivativesEngineAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';

/** Any viem client; writing needs its account, or one among the parameters. */
export type AnyClient = Client<Transport, Chain | undefined, Account | undefined>;

/** Where the exchange is. */
export interface EngineParameters {
  /** The engine's address: its proxy. */
  engine: Address;
}

/** At which block a view is taken; the newest when absent. */
export interface ReadParameters extends EngineParameters {
  blockNumber?: bigint;
}

/** Who sends, and how. */
export interface WriteParameters extends EngineParameters {
  /** Sender; the client's account when absent. */
  from?: Account | Address;
  /** Gas limit; estimated when absent. */
  gas?: bigint;
  nonce?: number;
}

/** A call that brings signed prices. */
export interface PricedParameters extends WriteParameters {
  /** Signed updates, as a price service gives them; empty where the stored prices are young enough. */
  update: readonly `0x${string}`[];
  /** Wei: the update's exact fee, see `getUpdateFee`. */
  value?: bigint;
}

type Abi = typeof derivativesEngineAbi;
type Write = ContractFunctionName<Abi, 'nonpayable' | 'payable'>;
type View = ContractFunctionName<Abi, 'view'>;

/** Reads a view of the engine. @throws {TidemarkError} */
export function readEngine<const name extends View>(
  client: AnyClient,
  { engine, blockNumber }: ReadParameters,
  functionName: name,
  args: ContractFunctionArgs<Abi, 'view', name>,
): Promise<ContractFunctionReturnType<Abi, 'view', name>> {
  const call = { address: engine, abi: derivativesEngineAbi, functionName, args, blockNumber };
  return onChain(() => readContract(client, call as never)) as Promise<ContractFunctionReturnType<Abi, 'view', name>>;
}

/** Sends a call to the engine; refusals show already when its gas is estimated. @throws {TidemarkError} */
export function writeEngine<const name extends Write>(
  client: AnyClient,
  { engine, ...tx }: WriteParameters & { value?: bigint },
  functionName: name,
  args: ContractFunctionArgs<Abi, 'nonpayable' | 'payable', name>,
): Promise<Hash> {
  return sendCall(client, { address: engine, abi: derivativesEngineAbi, functionName, args }, tx);
}

/** Sends a call to a contract of the exchange. @throws {TidemarkError} */
export function sendCall(
  client: AnyClient,
  target: { address: Address; abi: unknown; functionName: string; args: unknown },
  { from, gas, nonce, value }: Omit<WriteParameters, 'engine'> & { value?: bigint },
): Promise<Hash> {
  const options = {
    ...(gas !== undefined && { gas }),
    ...(nonce !== undefined && { nonce }),
    ...(value !== undefined && { value }),
  };
  const call = { ...target, account: from ?? client.account, chain: client.chain ?? null, ...options };
  return onChain(() => writeContract(client, call as unknown as WriteContractParameters));
}
