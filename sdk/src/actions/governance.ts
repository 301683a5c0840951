import type {
  Account,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  Hash,
} from 'viem';
import { getChainId, readContract, signTypedData } from 'viem/actions';
import { governanceAbi, governanceTokenAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import { type AnyClient, sendCall, type WriteParameters } from './engine.ts';

export type { AnyClient };

/** Where the governor is. */
export interface GovernanceParameters {
  /** The governor's address. */
  governor: Address;
}

/** At which block a view is taken; the newest when absent. */
export interface GovernanceReadParameters extends GovernanceParameters {
  blockNumber?: bigint;
}

/** Who sends, and how. */
export type GovernanceWriteParameters = GovernanceParameters & Omit<WriteParameters, 'engine'>;

/** Which proposal. */
export interface ProposalParameters extends GovernanceReadParameters {
  proposalId: bigint;
}

/** Where the token that votes is. */
export interface TokenParameters {
  /** The governor token's address. */
  token: Address;
}

/** At which block a view is taken; the newest when absent. */
export interface TokenReadParameters extends TokenParameters {
  blockNumber?: bigint;
}

/** Who sends, and how. */
export type TokenWriteParameters = TokenParameters & Omit<WriteParameters, 'engine'>;

/** Who signs, and for which chain. */
export interface BallotSigner {
  /** The client's account when absent. */
  from?: Account | Address;
  /** The client's chain when absent. */
  chainId?: number;
}

type Governance = typeof governanceAbi;
type Token = typeof governanceTokenAbi;
type View<Abi extends Governance | Token> = ContractFunctionName<Abi, 'view' | 'pure'>;
type Write<Abi extends Governance | Token> = ContractFunctionName<Abi, 'nonpayable' | 'payable'>;

/** Reads a view of the governor. @throws {TidemarkError} */
export function readGovernance<const name extends View<Governance>>(
  client: AnyClient,
  { governor, blockNumber }: GovernanceReadParameters,
  functionName: name,
  args: ContractFunctionArgs<Governance, 'view' | 'pure', name>,
): Promise<ContractFunctionReturnType<Governance, 'view' | 'pure', name>> {
  const call = { address: governor, abi: governanceAbi, functionName, args, blockNumber };
  return onChain(() => readContract(client, call as never)) as never;
}

/** Sends a call to the governor; refusals show already when its gas is estimated. @throws {TidemarkError} */
export function writeGovernance<const name extends Write<Governance>>(
  client: AnyClient,
  { governor, ...tx }: GovernanceWriteParameters & { value?: bigint },
  functionName: name,
  args: ContractFunctionArgs<Governance, 'nonpayable' | 'payable', name>,
): Promise<Hash> {
  return sendCall(client, { address: governor, abi: governanceAbi, functionName, args }, tx);
}

/** Reads a view of the governor token. @throws {TidemarkError} */
export function readToken<const name extends View<Token>>(
  client: AnyClient,
  { token, blockNumber }: TokenReadParameters,
  functionName: name,
  args: ContractFunctionArgs<Token, 'view' | 'pure', name>,
): Promise<ContractFunctionReturnType<Token, 'view' | 'pure', name>> {
  const call = { address: token, abi: governanceTokenAbi, functionName, args, blockNumber };
  return onChain(() => readContract(client, call as never)) as never;
}

/** Sends a call to the governor token; refusals show already when its gas is estimated. @throws {TidemarkError} */
export function writeToken<const name extends Write<Token>>(
  client: AnyClient,
  { token, ...tx }: TokenWriteParameters,
  functionName: name,
  args: ContractFunctionArgs<Token, 'nonpayable' | 'payable', name>,
): Promise<Hash> {
  return sendCall(client, { address: token, abi: governanceTokenAbi, functionName, args }, tx);
}

/** Whose address signs. */
export function signerOf(client: AnyClient, { from }: BallotSigner): Address {
  const account = from ?? client.account;
  return typeof account === 'object' ? account.address : (account as Address);
}

/** Signs EIP-712 typed data that is made for a chain. @throws {TidemarkError} */
export async function signBallot(
  client: AnyClient,
  { from, chainId }: BallotSigner,
  typedDataOf: (chainId: number) => object,
): Promise<`0x${string}`> {
  const chain = chainId ?? client.chain?.id ?? (await onChain(() => getChainId(client)));
  const account = from ?? client.account;
  return onChain(() => signTypedData(client, { ...typedDataOf(chain), account } as never));
}
