import { type Account, type Address, parseAbi, parseSignature } from 'viem';
import { getChainId, readContract, signTypedData } from 'viem/actions';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

const permitAbi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function nonces(address owner) view returns (uint256)',
]);

/** EIP-2612. */
const PERMIT_TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

/**
 * Signs an EIP-2612 permit for the engine: what `permit` brings, so that a deposit needs no approval before. The token's
 * name, version and the signer's nonce are read from it.
 * @throws {TidemarkError}
 */
export async function signPermit(
  client: AnyClient,
  { token, engine, assets, deadline, from, version }: signPermit.Parameters,
): Promise<signPermit.ReturnType> {
  const account = from ?? client.account;
  const owner = typeof account === 'object' ? account.address : (account as Address);
  const read = { address: token, abi: permitAbi } as const;
  return onChain(async () => {
    const [name, tokenVersion, nonce, chainId] = await Promise.all([
      readContract(client, { ...read, functionName: 'name' }),
      version ?? readContract(client, { ...read, functionName: 'version' }),
      readContract(client, { ...read, functionName: 'nonces', args: [owner] }),
      client.chain?.id ?? getChainId(client),
    ]);
    const signature = await signTypedData(client, {
      account,
      domain: { name, version: tokenVersion, chainId, verifyingContract: token },
      types: PERMIT_TYPES,
      primaryType: 'Permit',
      message: { owner, spender: engine, value: assets, nonce, deadline },
    } as never);
    const { r, s, yParity } = parseSignature(signature);
    return { assets, deadline, v: 27 + yParity, r, s };
  });
}

export declare namespace signPermit {
  interface Parameters {
    /** The token: USDC. */
    token: Address;
    /** The engine's address: its proxy. */
    engine: Address;
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Seconds; the last at which it counts. */
    deadline: bigint;
    /** Whose tokens; the client's account when absent. */
    from?: Account | Address;
    /** Of the token's EIP-712 domain; read from it when absent. */
    version?: string;
  }
  interface ReturnType {
    assets: bigint;
    deadline: bigint;
    v: number;
    r: `0x${string}`;
    s: `0x${string}`;
  }
}
