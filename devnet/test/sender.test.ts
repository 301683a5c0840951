import { type AnyClient, TidemarkError } from '@tidemark/sdk';
import { createClient, type Hex, http, keccak256, parseEther, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Sender } from '../../keeper/src/act/sender.ts';
import { getL1Prices, L1_BLOCK, l1FeeOf, operatorFeeOf } from '../../keeper/src/chain/l1Fee.ts';
import { FeeCapError, NoFundsError } from '../../keeper/src/errors.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { CHAIN_ID, devnetChain } from '../src/chain.ts';
import { setBareChain } from './bareChain.ts';

const GWEI = 10n ** 9n;
let chain: Awaited<ReturnType<typeof setBareChain>>;
let client: AnyClient;
/** A new account each time, with nonces from 0 on. */
let signer: ReturnType<typeof privateKeyToAccount>;
let sender: Sender<string>;
let keys = 0;

const message = { to: ACCOUNTS.admin.address, data: '0x', value: 1n, gas: 100_000n } as const;
const senderOf = () =>
  new Sender<string>({ client, signer, chainId: CHAIN_ID, patience: 3n, depth: 2n, maxFee: 500n * GWEI });
const send = (work: string, data: Hex = '0x') =>
  sender.send({ to: ACCOUNTS.admin.address, data, value: 1n, gas: 100_000n }, work);
const nonce = () => chain.admin.getTransactionCount({ address: signer.address });
const dearer = (baseFee: bigint) => chain.admin.setNextBlockBaseFeePerGas({ baseFeePerGas: baseFee });
const worksOf = ({ included }: Awaited<ReturnType<typeof sender.follow>>) =>
  included.map(({ variant }) => variant.work?.work ?? null);
const isRefusal = (error: unknown) => error instanceof TidemarkError;
async function next() {
  await chain.mine();
  return sender.follow();
}

beforeAll(async () => {
  chain = await setBareChain();
  client = createClient({ chain: devnetChain, transport: http(chain.rpc), cacheTime: 0 }) as AnyClient;
}, 60_000);

beforeEach(async () => {
  signer = privateKeyToAccount(keccak256(toHex(++keys)));
  await chain.admin.setBalance({ address: signer.address, value: parseEther('1') });
  sender = senderOf();
  await chain.admin.setBlockGasLimit({ gasLimit: 60_000_000n });
  await dearer(GWEI);
  await next();
});

afterAll(async () => {
  await chain.end();
});

describe('a sender', { timeout: 60_000 }, () => {
  it('sends several at once, each at its own nonce, and tells each once', async () => {
    await Promise.all(['a', 'b', 'c'].map((work) => send(work)));
    expect(sender.onItsWay).toEqual(['a', 'b', 'c']);
    expect(worksOf(await next()).sort()).toEqual(['a', 'b', 'c']);
    expect(worksOf(await next())).toEqual([]);
    expect(sender.onItsWay).toEqual([]);
    expect(await nonce()).toBe(3);
  });

  it('finds what a base fee keeps out, and replaces it at its nonce', async () => {
    const first = await send('a');
    await send('b');
    await dearer(100n * GWEI);
    const { stuck } = await next();
    expect(stuck.map(({ nonce }) => nonce)).toEqual([0, 1]);
    const by = await sender.send(message, 'a again', { nonce: 0 });
    expect(by).not.toBe(first);
    await sender.cancel(1);
    const after = await next();
    expect(worksOf(after)).toEqual(['a again', null]);
    expect(after.included[0]?.receipt.transactionHash).toBe(by);
    expect(await nonce()).toBe(2);
  });

  it('knows what a node has dropped, and sends it again at its nonce', async () => {
    const dropped = await send('a');
    await chain.admin.dropTransaction({ hash: dropped });
    expect((await next()).stuck).toMatchObject([{ nonce: 0, dropped: true }]);
    const by = await sender.send(message, 'a', { nonce: 0 });
    expect((await next()).included[0]?.receipt.transactionHash).toBe(by);
    expect(await nonce()).toBe(1);
  });

  it('fills the gap below what waits, or sends there', async () => {
    for (const fill of [() => sender.cancel(0), () => send('b')]) {
      signer = privateKeyToAccount(keccak256(toHex(++keys)));
      await chain.admin.setBalance({ address: signer.address, value: parseEther('1') });
      sender = senderOf();
      await next();
      await sender.send(message, 'c', { nonce: 1 });
      expect((await next()).gaps).toEqual([0]);
      await fill();
      expect(worksOf(await next())).toContain('c');
      expect(await nonce()).toBe(2);
    }
  });

  it('sends again at the same nonce what a reorganisation took back', async () => {
    await send('a');
    expect(worksOf(await next())).toEqual(['a']);
    await chain.admin.request({ method: 'anvil_reorg', params: [1, []] } as never);
    expect(await nonce()).toBe(0);
    await sender.follow();
    expect((await next()).stuck).toMatchObject([{ nonce: 0, dropped: true }]);
    await sender.send(message, 'a', { nonce: 0 });
    expect(worksOf(await next())).toEqual(['a']);
    expect(await nonce()).toBe(1);
  });

  it('waits for what an earlier life sent, then uses its nonce up by offering ever more', async () => {
    await send('a');
    // Too little for the first, enough for what cancels it.
    await chain.admin.setBlockGasLimit({ gasLimit: 50_000n });
    await chain.mine();
    sender = senderOf();
    await sender.follow();
    expect(sender.waitsForOthers).toBe(true);
    for (let blocks = 0; blocks < 2; blocks++) expect((await next()).gaps).toEqual([]);
    expect((await next()).gaps).toEqual([0]);
    // Nobody told what was offered.
    let refused = 0;
    while (await sender.fill(0).then(() => false, isRefusal)) {
      expect(++refused).toBeLessThan(8);
      expect((await next()).gaps).toEqual([0]);
    }
    expect(refused).toBeGreaterThan(0);
    expect(worksOf(await next())).toEqual([null]);
    expect(sender.waitsForOthers).toBe(false);
    await chain.admin.setBlockGasLimit({ gasLimit: 60_000_000n });
    await send('b');
    expect(worksOf(await next())).toEqual(['b']);
    expect(await nonce()).toBe(2);
  });

  it('replaces by more what stays out of the blocks for its time', async () => {
    await send('a');
    await chain.admin.setBlockGasLimit({ gasLimit: 50_000n });
    for (let blocks = 0; blocks < 2; blocks++) expect((await next()).stuck).toEqual([]);
    expect((await next()).stuck).toMatchObject([{ nonce: 0, dropped: false }]);
    await sender.cancel(0);
    const after = await next();
    expect(worksOf(after)).toEqual([null]);
    expect(sender.onItsWay).toEqual([]);
  });

  it('goes on where another process has used its nonces', async () => {
    await chain.admin.request({ method: 'anvil_setNonce', params: [signer.address, toHex(5)] } as never);
    await next();
    await send('a');
    expect(worksOf(await next())).toEqual(['a']);
    expect(await nonce()).toBe(6);
  });

  it('refuses to pay more than it was told to', async () => {
    await dearer(400n * GWEI);
    await next();
    await expect(send('a')).rejects.toBeInstanceOf(FeeCapError);
    expect(sender.onItsWay).toEqual([]);
  });

  it('says that it has no funds', async () => {
    await chain.admin.setBalance({ address: signer.address, value: 1_000n });
    await expect(send('a')).rejects.toBeInstanceOf(NoFundsError);
    expect(sender.onItsWay).toEqual([]);
  });

  it('knows to the wei what a transaction costs on an OP Stack chain', async () => {
    const slots = [
      [1, 7n * GWEI],
      [3, (5_227n << 96n) | (1_014_213n << 64n) | 3n],
      [7, 12_345_678n],
      [8, (1_500_000n << 64n) | 77_777n],
    ] as const;
    for (const [index, value] of slots) {
      await chain.admin.setStorageAt({ address: L1_BLOCK, index, value: toHex(value, { size: 32 }) });
    }
    // Text, zeros, what repeats, and what does not.
    const random = keccak256('0x07') + keccak256('0x08').slice(2) + keccak256('0x09').slice(2);
    const contents = ['0x', `0x${'00'.repeat(700)}`, random, `${random}${'ab12'.repeat(200)}${random.slice(2)}`];
    for (const data of contents as Hex[]) {
      const had = await chain.admin.getBalance({ address: signer.address });
      await send('a', data);
      const one = (await next()).included[0] ?? expect.fail('it is not included');
      const { gasUsed, effectiveGasPrice } = one.receipt;
      const prices = await getL1Prices(client);
      const l1Fee = l1FeeOf(one.variant.work?.raw ?? '0x', prices);
      expect(l1Fee).toBeGreaterThan(0n);
      const cost = gasUsed * effectiveGasPrice + l1Fee + operatorFeeOf(gasUsed, prices) + 1n;
      expect(had - (await chain.admin.getBalance({ address: signer.address }))).toBe(cost);
    }
  });
});
