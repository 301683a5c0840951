import { type ContractFunctionArgs, type ContractFunctionName, encodeFunctionData, type Hash } from 'viem';
import { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

type Abi = typeof derivativesEngineAbi;
type Name = ContractFunctionName<Abi, 'nonpayable' | 'payable'>;

/**
 * Does several things on the engine in one transaction, all or none; e.g. permit, then deposit. It takes no ether, so calls
 * that bring prices are not among them.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function multicall(client: AnyClient, { calls, ...tx }: multicall.Parameters): Promise<multicall.ReturnType> {
  const encoded = calls.map((call) => encodeFunctionData({ abi: derivativesEngineAbi, ...call } as never));
  return writeEngine(client, tx, 'multicall', [encoded]);
}

export declare namespace multicall {
  /** A function of the engine and its arguments. */
  type Call = {
    [name in Name]: { functionName: name; args: ContractFunctionArgs<Abi, 'nonpayable' | 'payable', name> };
  }[Name];
  interface Parameters extends WriteParameters {
    calls: readonly Call[];
  }
  type ReturnType = Hash;
}
