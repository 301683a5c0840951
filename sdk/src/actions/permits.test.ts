import {
  concat,
  createClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeFunctionResult,
  type Hex,
  hashTypedData,
  keccak256,
  parseAbi,
  parseTransaction,
  recoverAddress,
  stringToHex,
  type TransactionSerialized,
  toHex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeEach, describe, expect, it } from 'vitest';
import { derivativesEngineAbi } from '../abi/index.ts';
import { accountId } from '../accounts.ts';
import { depositWithPermit } from './depositWithPermit.ts';
import { depositWithPermit2, PERMIT2, permit2TypedData } from './depositWithPermit2.ts';
import { signPermit } from './signPermit.ts';

const owner = privateKeyToAccount(keccak256(stringToHex('owner')));
const account = accountId(owner.address);
const engine = '0x00000000000000000000000000000000000000AA';
const token = '0x00000000000000000000000000000000000000bb';
const assets = 5_000_000n;
const deadline = 1_800_000_000n;
const tokenAbi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function nonces(address owner) view returns (uint256)',
]);
const results = { name: 'USD Coin', version: '2', nonces: 7n };

/** What was sent to the chain. */
let sent: Hex[];

/** A chain that knows the token alone. */
const client = createClient({
  account: owner,
  transport: custom({
    request: async ({ method, params }) => {
      switch (method) {
        case 'eth_chainId':
          return '0xa';
        case 'eth_call': {
          const { functionName } = decodeFunctionData({ abi: tokenAbi, data: params[0].data });
          return encodeFunctionResult({ abi: tokenAbi, functionName, result: results[functionName] } as never);
        }
        case 'eth_sendRawTransaction':
          sent.push(params[0]);
          return toHex(1n, { size: 32 });
        case 'eth_getTransactionCount':
          return '0x0';
        case 'eth_getBlockByNumber':
          return { baseFeePerGas: '0x1', number: '0x1', timestamp: '0x1', transactions: [] };
        case 'eth_maxPriorityFeePerGas':
          return '0x1';
        default:
          return expect.fail(method);
      }
    },
  }),
});

const word = (value: bigint | Hex): Hex => toHex(BigInt(value), { size: 32 });
const struct = (type: string, ...words: (bigint | Hex)[]): Hex =>
  keccak256(concat([keccak256(stringToHex(type)), ...words.map(word)]));
const digest = (domain: Hex, hash: Hex): Hex => keccak256(concat(['0x1901', domain, hash]));

/** The call of the only transaction sent. */
function callSent() {
  expect(sent).toHaveLength(1);
  const { to, data = '0x' } = parseTransaction(sent[0] as TransactionSerialized);
  expect(to?.toLowerCase()).toBe(engine.toLowerCase());
  return decodeFunctionData({ abi: derivativesEngineAbi, data });
}

beforeEach(() => {
  sent = [];
});

describe('a permit', () => {
  const permitDigest = digest(
    struct(
      'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
      keccak256(stringToHex('USD Coin')),
      keccak256(stringToHex('2')),
      10n,
      token,
    ),
    struct(
      'Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)',
      owner.address,
      engine,
      assets,
      7n,
      deadline,
    ),
  );

  it('is signed as EIP-2612 says, for the token as it names itself', async () => {
    const { v, r, s, ...rest } = await signPermit(client, { token, engine, assets, deadline });
    expect(rest).toEqual({ assets, deadline });
    const signature = { r, s, v: BigInt(v) };
    expect(await recoverAddress({ hash: permitDigest, signature })).toBe(owner.address);
  });

  it('goes out with its deposit in one transaction', async () => {
    await depositWithPermit(client, { engine, token, account, assets, deadline, gas: 300_000n });
    const { functionName, args } = callSent();
    expect(functionName).toBe('multicall');
    const calls = (args as [Hex[]])[0].map((data) => decodeFunctionData({ abi: derivativesEngineAbi, data }));
    expect(calls.map((call) => call.functionName)).toEqual(['permit', 'deposit']);
    const [value, until, v, r, s] = (calls[0]?.args ?? []) as unknown as [bigint, bigint, number, Hex, Hex];
    expect([value, until]).toEqual([assets, deadline]);
    expect(await recoverAddress({ hash: permitDigest, signature: { r, s, v: BigInt(v) } })).toBe(owner.address);
    expect(calls[1]?.args).toEqual([account, assets]);
  });
});

describe('a deposit by Permit2', () => {
  const permissions = 'TokenPermissions(address token,uint256 amount)';
  const hash = digest(
    keccak256(
      encodeAbiParameters(
        [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }],
        [
          keccak256(stringToHex('EIP712Domain(string name,uint256 chainId,address verifyingContract)')),
          keccak256(stringToHex('Permit2')),
          10n,
          PERMIT2,
        ],
      ),
    ),
    struct(
      `PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)${permissions}`,
      struct(permissions, token, assets),
      engine,
      3n,
      deadline,
    ),
  );

  it('signs what Permit2 hashes', () => {
    const typedData = permit2TypedData({ chainId: 10, token, engine, assets, nonce: 3n, deadline });
    expect(hashTypedData(typedData)).toBe(hash);
  });

  it('sends the amount signed and the signature', async () => {
    await depositWithPermit2(client, { engine, token, account, assets, permitNonce: 3n, deadline, gas: 300_000n });
    const { functionName, args } = callSent();
    const [credited, amount, nonce, until, signature] = args as [Hex, bigint, bigint, bigint, Hex];
    expect([functionName, credited, amount, nonce, until]).toEqual([
      'depositWithPermit2',
      account,
      assets,
      3n,
      deadline,
    ]);
    expect(await recoverAddress({ hash, signature })).toBe(owner.address);
  });
});
