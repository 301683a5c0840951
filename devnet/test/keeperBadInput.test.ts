import { ROLES, startKeeper } from '@tidemark/keeper';
import { RpcUnreachableError, type TidemarkError, WrongChainError } from '@tidemark/sdk';
import type { Address } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoContractError, NoFundsError, PublicKeyRefusedError } from '../../keeper/src/errors.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { setBareChain } from './bareChain.ts';
import { freePort } from './stage.ts';

/** Code is all it has. */
const ENGINE: Address = '0x00000000000000000000000000000000000000e1';
const EMPTY: Address = '0x00000000000000000000000000000000000000e2';

let chain: Awaited<ReturnType<typeof setBareChain>>;

beforeAll(async () => {
  chain = await setBareChain();
  await chain.admin.setCode({ address: ENGINE, bytecode: '0x00' });
}, 60_000);

afterAll(async () => {
  await chain.end();
});

type Options = Parameters<typeof startKeeper>[0];

/** Why a keeper does not start. */
async function refusal(changes: Partial<Options>): Promise<TidemarkError> {
  const options: Options = {
    rpcs: [chain.rpc],
    engine: ENGINE,
    prices: [{ url: 'http://127.0.0.1:1' }],
    signer: ACCOUNTS.keeper,
    atLoss: ROLES,
    ...changes,
  };
  const error = await startKeeper(options).then(
    () => expect.fail('it started'),
    (thrown) => thrown,
  );
  expect(error.line).not.toContain('\n');
  return error;
}

/** An RPC of another chain, as far as it is asked. */
async function otherChain<result>(chainId: number, use: (rpc: string) => Promise<result>): Promise<result> {
  const before = await chain.admin.getChainId();
  const set = (id: number) => chain.admin.request({ method: 'anvil_setChainId', params: [id] } as never);
  await set(chainId);
  try {
    return await use(chain.rpc);
  } finally {
    await set(before);
  }
}

describe('a keeper does not start', { timeout: 60_000 }, () => {
  it('with a key that everybody has, on a chain that is no devnet', async () => {
    const error = await otherChain(10, () => refusal({}));
    expect(error).toBeInstanceOf(PublicKeyRefusedError);
    expect(error.line).toContain(`The key of ${ACCOUNTS.keeper.address} is public, and chain 10 is not a devnet.`);
  });

  it('on another chain than it was told', async () => {
    const error = await refusal({ chainId: 10 });
    expect(error).toBeInstanceOf(WrongChainError);
    expect(error.line).toContain(`The RPC at ${chain.rpc} is of chain 901, not of chain 10.`);
  });

  it('with RPCs of two chains', async () => {
    const other = await setBareChain();
    await other.admin.request({ method: 'anvil_setChainId', params: [902] } as never);
    const error = await refusal({ rpcs: [chain.rpc, other.rpc] });
    await other.end();
    expect(error).toBeInstanceOf(WrongChainError);
    expect(error.line).toContain(`The RPC at ${other.rpc} is of chain 902, not of chain 901.`);
  });

  it.each(['engine', 'vault', 'governor', 'guardian'])(
    'where no contract is at the address of the %s',
    async (what) => {
      const error = await refusal({ [what]: EMPTY });
      expect(error).toBeInstanceOf(NoContractError);
      expect(error.line).toContain(`No contract is at ${EMPTY}, the ${what}, on chain 901.`);
    },
  );

  it('without ether', async () => {
    const signer = privateKeyToAccount(generatePrivateKey());
    const error = await refusal({ signer });
    expect(error).toBeInstanceOf(NoFundsError);
    expect(error.line).toContain(`The keeper's account ${signer.address} has too little ether`);
  });

  it('without an RPC that answers, and says so of none of them before', async () => {
    const rpcs = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const told: unknown[] = [];
    const error = await refusal({ rpcs, onEvent: (event) => told.push(event) });
    expect(error).toBeInstanceOf(RpcUnreachableError);
    expect(error.line).toContain(`The chain's RPC at ${rpcs[0]} does not answer.`);
    expect(told).toEqual([]);
  });
});
