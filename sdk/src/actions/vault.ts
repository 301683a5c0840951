import type { Address, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType, Hash } from 'viem';
import { readContract } from 'viem/actions';
import { liquidityVaultAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import { type AnyClient, sendCall, type WriteParameters } from './engine.ts';

export type { AnyClient };

/** Where the liquidity vault is. */
export interface VaultParameters {
  /** The vault's address: its proxy. */
  vault: Address;
}

/** At which block a view is taken; the newest when absent. */
export interface VaultReadParameters extends VaultParameters {
  blockNumber?: bigint;
}

/** Who sends, and how. */
export type VaultWriteParameters = VaultParameters & Omit<WriteParameters, 'engine'>;

/** Which request. */
export interface RequestParameters extends VaultReadParameters {
  /** Its epoch, as the request returned it. */
  requestId: bigint;
  /** Whose request it is. */
  controller: Address;
}

/** Who takes what a request gives. */
export interface ClaimParameters extends VaultWriteParameters {
  /** Its epoch, as the request returned it. */
  requestId: bigint;
  /** Receives the shares or the USDC. */
  to: Address;
  /** Whose request it is: the sender, or who made the sender its operator. */
  controller: Address;
}

type Abi = typeof liquidityVaultAbi;
type Write = ContractFunctionName<Abi, 'nonpayable' | 'payable'>;
type View = ContractFunctionName<Abi, 'view'>;

/** Reads a view of the vault. @throws {TidemarkError} */
export function readVault<const name extends View>(
  client: AnyClient,
  { vault, blockNumber }: VaultReadParameters,
  functionName: name,
  args: ContractFunctionArgs<Abi, 'view', name>,
): Promise<ContractFunctionReturnType<Abi, 'view', name>> {
  const call = { address: vault, abi: liquidityVaultAbi, functionName, args, blockNumber };
  return onChain(() => readContract(client, call as never)) as Promise<ContractFunctionReturnType<Abi, 'view', name>>;
}

/** Sends a call to the vault; refusals show already when its gas is estimated. @throws {TidemarkError} */
export function writeVault<const name extends Write>(
  client: AnyClient,
  { vault, ...tx }: VaultWriteParameters & { value?: bigint },
  functionName: name,
  args: ContractFunctionArgs<Abi, 'nonpayable' | 'payable', name>,
): Promise<Hash> {
  return sendCall(client, { address: vault, abi: liquidityVaultAbi, functionName, args }, tx);
}
