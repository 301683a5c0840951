import { createRequire } from 'node:module';
import { deployContract } from '@tidemark/deploy';
import { type Abi, type Address, concat, encodeFunctionData, type Hash, type Hex, parseAbi, zeroAddress } from 'viem';
import type { LocalAccount } from 'viem/accounts';
import type { connect } from './chain.ts';

const safeAbi = parseAbi([
  'function setup(address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, address paymentToken, uint256 payment, address paymentReceiver)',
  'function nonce() view returns (uint256)',
  'function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)',
  'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool)',
]);
const factoryAbi = parseAbi([
  'function createProxyWithNonce(address singleton, bytes initializer, uint256 saltNonce) returns (address)',
]);

type Client = ReturnType<typeof connect<LocalAccount>>;

/**
 * Deploys the published contracts of Safe 1.4.1; the singleton is that of rollups.
 * @returns Makes a Safe with a threshold for its owners, which differ from each other Safe's.
 */
export async function deploySafes(client: Client) {
  const publish = async (path: string) => {
    const { contractName: name, abi, bytecode } = artifacts(path);
    return deployContract(client, { name, source: path, abi, bytecode, links: {} }, []);
  };
  const factory = await publish('proxies/SafeProxyFactory');
  const singleton = await publish('SafeL2');
  const handler = await publish('handler/CompatibilityFallbackHandler');
  const make = async (owners: readonly LocalAccount[], threshold: number): Promise<Address> => {
    const initializer = encodeFunctionData({
      abi: safeAbi,
      functionName: 'setup',
      args: [
        owners.map(({ address }) => address),
        BigInt(threshold),
        zeroAddress,
        '0x',
        handler,
        zeroAddress,
        0n,
        zeroAddress,
      ],
    });
    const { request, result } = await client.simulateContract({
      address: factory,
      abi: factoryAbi,
      functionName: 'createProxyWithNonce',
      args: [singleton, initializer, 0n],
    });
    await client.waitForTransactionReceipt({ hash: await client.writeContract(request) });
    return result;
  };
  return { make };
}

/**
 * Has a Safe call a contract.
 * @param client Sends it, and need not be an owner.
 * @param signers As many owners as the Safe asks for.
 */
export async function sendBySafe(
  client: Client,
  safe: Address,
  signers: readonly LocalAccount[],
  { to, data }: { to: Address; data: Hex },
): Promise<Hash> {
  const nonce = await client.readContract({ address: safe, abi: safeAbi, functionName: 'nonce' });
  const call = [to, 0n, data, 0, 0n, 0n, 0n, zeroAddress, zeroAddress] as const;
  const hash = await client.readContract({
    address: safe,
    abi: safeAbi,
    functionName: 'getTransactionHash',
    args: [...call, nonce],
  });
  // A Safe takes signatures in the order of their signers.
  const sorted = [...signers].sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  const signatures = concat(await Promise.all(sorted.map((owner) => owner.sign?.({ hash }) as Promise<Hex>)));
  return client.writeContract({
    address: safe,
    abi: safeAbi,
    functionName: 'execTransaction',
    args: [...call, signatures],
  });
}

const read = createRequire(import.meta.url);
const artifacts = (path: string): { contractName: string; abi: Abi; bytecode: Hex } =>
  read(`@safe-global/safe-contracts/build/artifacts/contracts/${path}.sol/${path.split('/').at(-1)}.json`);
