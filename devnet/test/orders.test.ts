import {
  accountId,
  announce,
  approveBuilder,
  cancelNonces,
  closeAll,
  commit,
  commitSigned,
  deposit,
  depositWithPermit,
  getAccount,
  getAnnouncedOrders,
  getAsset,
  getBuilderFee,
  getDelegation,
  getMarket,
  getNonces,
  getOrderOutcomes,
  getOrdersLeftOut,
  getPosition,
  getUpdateFee,
  ladder,
  limitOrder,
  marketOrder,
  momentAt,
  multicall,
  type Order,
  type OrderFields,
  orderOf,
  Permission,
  parseEngineEvents,
  previewOrder,
  Refusal,
  recoverOrderSigner,
  type SignedOrder,
  setDelegate,
  settle,
  signOrder,
  signOrders,
  stopLoss,
  withdraw,
} from '@tidemark/sdk';
import { type Hash, type Hex, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { CHAIN_ID, connect } from '../src/chain.ts';
import { type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const UNIT = 10n ** 12n;
const GAS = 3_000_000n;
const [trader, other, builder] = ACCOUNTS.traders;
const account = accountId(trader.address);

let stage: Stage;
/** The trader's, and that of somebody who holds nothing but what the trader has signed. */
let client: ReturnType<typeof connect<typeof trader>>;
let stranger: ReturnType<typeof connect<typeof ACCOUNTS.keeper>>;
let delegate: ReturnType<typeof connect<typeof ACCOUNTS.delegate>>;

const at = () => ({ engine: stage.deployment.engine });
const where = () => ({ ...at(), chainId: CHAIN_ID });
const position = () => getPosition(stage.admin, { ...at(), account, market: ETH });
const margin = async () => (await getAccount(stage.admin, { ...at(), account })).margin;
const sign = (order: OrderFields) => signOrder(client, { ...at(), market: ETH, order });
const buy = (tenths: bigint, more: Partial<OrderFields> = {}) => ({
  ...marketOrder({ account, sizeDelta: (tenths * UNIT) / 10n }),
  ...more,
});

/** Includes a transaction. @returns Its logs. */
async function included(sending: Promise<Hash>) {
  const hash = await sending;
  await stage.mine();
  const { logs, status } = await stage.admin.getTransactionReceipt({ hash });
  expect(status).toBe('success');
  return logs;
}

const bring = (orders: readonly SignedOrder[]) =>
  included(commitSigned(stranger, { ...at(), market: ETH, orders, gas: GAS }));

/** Settles what was committed in the last block. @returns What became of each. */
async function settled(orders: readonly Order[]) {
  const committedAt = stage.now;
  await stage.mine();
  const { prices, deployment } = stage;
  const [eth] = deployment.markets;
  const answer = await fetch(`${prices}/v2/updates/price/${committedAt + 2n}?ids[]=${eth?.feedId}&encoding=hex`);
  const { binary } = (await answer.json()) as { binary: { data: string[] } };
  const update = binary.data.map((digits): Hex => `0x${digits}`);
  const value = await getUpdateFee(stage.admin, { pyth: deployment.pyth, update });
  const settling = settle(stranger, { ...at(), market: ETH, batches: [orders], update, value, gas: GAS });
  return getOrderOutcomes({ ...at(), logs: await included(settling) });
}

const words = (orders: readonly SignedOrder[]) => orders.map(({ order }) => order);

beforeAll(async () => {
  stage = await setStage(waveSource);
  client = connect(stage.rpc, trader);
  stranger = connect(stage.rpc, ACCOUNTS.keeper);
  delegate = connect(stage.rpc, ACCOUNTS.delegate);
  const first = await included(commit(client, { ...at(), market: ETH, orders: [buy(10n)], gas: GAS }));
  expect(parseEngineEvents({ ...at(), logs: first })).toMatchObject([{ eventName: 'BatchCommitted' }]);
  expect(await settled([orderOf(buy(10n))])).toMatchObject([{ status: 'filled', sizeDelta: UNIT }]);
}, 120_000);

afterAll(async () => {
  await stage.end();
});

describe('a signed order', () => {
  it('is committed by a stranger and fills as previewed', async () => {
    const order = buy(1n, { nonce: 1n, deadline: stage.now + 100n });
    const signed = await sign(order);
    expect(await recoverOrderSigner({ ...where(), ...signed })).toBe(trader.address);
    await bring([signed]);
    expect(await getNonces(stage.admin, { ...at(), account, word: 0n })).toBe(2n);
    const time = stage.now + 2n;
    const { price: digits } = waveSource.quoteAt('ETH', Number(time)) as { price: bigint };
    const mid = digits * 10n ** 10n;
    const price = { mid, lo: mid, hi: mid, halfWidth: 0n, publishTime: time, state: 0 };
    const { riskManager } = stage.deployment;
    const [preview] = await previewOrder(stage.admin, { riskManager, market: ETH, order, price });
    expect(preview).toMatchObject({ failure: 0, sizeDelta: UNIT / 10n });
    expect(await settled([signed.order])).toMatchObject([{ status: 'filled', sizeDelta: UNIT / 10n }]);
  });

  it('counts once, and its nonce can be cancelled', async () => {
    const [used, fresh] = [await sign(buy(1n, { nonce: 1n })), await sign(buy(1n, { nonce: 2n }))];
    await included(cancelNonces(client, { ...at(), account, word: 0n, nonces: 4n, gas: GAS }));
    const both = commitSigned(stranger, { ...at(), market: ETH, orders: [used, fresh] });
    await expect(both).rejects.toMatchObject({ error: 'OrderRefused', args: [Refusal.NonceUsed, 2n, 0n] });
  });

  it('that is refused is left out, and the others are taken', async () => {
    const good = await sign(buy(1n, momentAt(stage.now)));
    const forged = { ...(await sign(buy(1n, { nonce: 3n }))), order: orderOf(buy(9n, { nonce: 3n })) };
    const logs = await bring([forged, good]);
    expect(getOrdersLeftOut({ ...at(), logs })).toMatchObject([{ account, nonce: 3n, reason: 'SignatureInvalid' }]);
    expect(await settled([good.order])).toMatchObject([{ status: 'filled' }]);
  });

  it('stands for a ladder, whose rungs are committed in parts', async () => {
    const { index } = await getMarket(stage.admin, { ...at(), market: ETH });
    const rungs = ladder({ account, sizeDelta: UNIT, from: index * 2n, to: index * 3n, rungs: 4, nonce: 10n });
    const signed = await signOrders(client, { ...at(), orders: rungs.map((order) => ({ market: ETH, order })) });
    const [one, two, three, four] = signed as [SignedOrder, SignedOrder, SignedOrder, SignedOrder];
    for (const part of [
      [four, two],
      [one, three],
    ]) {
      await bring(part);
      const outcomes = await settled(words(part));
      expect(outcomes.map(({ status }) => status)).toEqual(['filled', 'filled']);
    }
  });

  it('whose trigger is not met is refused', async () => {
    const far = await sign(limitOrder({ account, sizeDelta: UNIT, price: 10n ** 18n, nonce: 20n }));
    const early = commitSigned(stranger, { ...at(), market: ETH, orders: [far] });
    await expect(early).rejects.toMatchObject({ error: 'OrderRefused', retryable: true });
  });

  it('closes all of the position that it is attached to, and dies with it', async () => {
    const held = await position();
    const attached = { size: held.size, generation: BigInt(held.generation) };
    const stop = await sign(stopLoss({ account, position: attached, price: 10n ** 26n, nonce: 30n }));
    await bring([stop]);
    expect(await settled([stop.order])).toMatchObject([{ status: 'filled', sizeDelta: -held.size }]);
    expect((await position()).size).toBe(0n);
    const late = await sign(closeAll({ account, position: attached, nonce: 31n }));
    const committing = commitSigned(stranger, { ...at(), market: ETH, orders: [late] });
    const args = [Refusal.PositionEnded, attached.generation + 1n, attached.generation];
    await expect(committing).rejects.toMatchObject({ error: 'OrderRefused', args });
  });

  it('can be left on the chain for anybody', async () => {
    const from = stage.block + 1n;
    const left = [await sign(buy(1n, { nonce: 40n }))];
    await included(announce(client, { ...at(), market: ETH, orders: left, gas: GAS }));
    const found = await getAnnouncedOrders(stage.admin, { ...at(), fromBlock: from, toBlock: stage.block });
    expect(found).toEqual(left);
    await bring(found);
    expect(await settled(words(found))).toMatchObject([{ status: 'filled' }]);
  });
});

describe('a delegate', () => {
  it('commits and signs for the owner as far as it may', async () => {
    const names = { owner: trader.address, delegate: ACCOUNTS.delegate.address };
    const limits = { expiry: stage.now + 1_000n, markets: 1n, permissions: Permission.Reduce, dailyLimit: 10_000n };
    const delegation = { ...limits, delegate: names.delegate };
    await included(setDelegate(client, { ...at(), ...delegation, gas: GAS }));
    expect(await getDelegation(stage.admin, { ...at(), ...names })).toEqual({ ...limits, spent: 0n, day: 0n });
    const opening = commit(delegate, { ...at(), market: ETH, orders: [buy(1n)] });
    const args = [Refusal.DelegateNotPermitted, Permission.Reduce, Permission.Open];
    await expect(opening).rejects.toMatchObject({ error: 'OrderRefused', args });
    const half = marketOrder({ account, sizeDelta: -UNIT / 20n, reduceOnly: true });
    await included(commit(delegate, { ...at(), market: ETH, orders: [half], gas: GAS }));
    expect(await settled([orderOf(half)])).toMatchObject([{ status: 'filled' }]);
    const rest = await signOrder(delegate, { ...at(), market: ETH, order: { ...half, nonce: 50n } });
    expect(await recoverOrderSigner({ ...where(), ...rest })).toBe(names.delegate);
    await bring([rest]);
    expect(await settled([rest.order])).toMatchObject([{ status: 'filled' }]);
    const { spent } = await getDelegation(stage.admin, { ...at(), ...names });
    expect(spent).toBeGreaterThan(0n);
  });
});

describe('a builder', () => {
  it('charges what the owner has approved', async () => {
    const names = { owner: trader.address, builder: builder.address };
    const order = buy(1n, { builder: { address: builder.address, fee: 20n } });
    const committing = commit(client, { ...at(), market: ETH, orders: [order] });
    await expect(committing).rejects.toMatchObject({ args: [Refusal.BuilderNotApproved, 20n, 0n] });
    await included(approveBuilder(client, { ...at(), builder: builder.address, maxFee: 20n, gas: GAS }));
    expect(await getBuilderFee(stage.admin, { ...at(), ...names })).toBe(20n);
    const earned = async () => (await getAccount(stage.admin, { ...at(), account: accountId(builder.address) })).margin;
    const before = await earned();
    await included(commit(client, { ...at(), market: ETH, orders: [order], gas: GAS }));
    expect(await settled([orderOf(order)])).toMatchObject([{ status: 'filled' }]);
    expect(await earned()).toBeGreaterThan(before);
  });
});

describe('several calls in one', () => {
  it('happen together', async () => {
    const before = await margin();
    const theirs = accountId(other.address);
    const calls = [
      { functionName: 'cancelNonces', args: [account, 1n, 1n] },
      { functionName: 'approveBuilder', args: [other.address, 5n] },
    ] as const;
    await included(multicall(client, { ...at(), calls, gas: GAS }));
    expect(await getNonces(stage.admin, { ...at(), account, word: 1n })).toBe(1n);
    expect(await getBuilderFee(stage.admin, { ...at(), owner: trader.address, builder: other.address })).toBe(5n);
    const mixed = [calls[0], { functionName: 'cancelNonces', args: [theirs, 1n, 1n] }] as const;
    await expect(multicall(client, { ...at(), calls: mixed })).rejects.toMatchObject({ error: 'NotAccountOwner' });
    expect(await margin()).toBe(before);
  });

  it('are a permit and a deposit, without an approval', async () => {
    const token = await getAsset(stage.admin, at());
    const approve = parseAbi(['function approve(address spender, uint256 assets) returns (bool)']);
    const none = {
      address: token,
      abi: approve,
      functionName: 'approve',
      args: [stage.deployment.engine, 0n],
    } as const;
    await included(client.writeContract(none));
    const theirs = connect(stage.rpc, other);
    const assets = 5_000_000n;
    const paid = { account: accountId(other.address), assets, to: trader.address, update: [] };
    await included(withdraw(theirs, { ...at(), ...paid, gas: GAS }));
    const before = await margin();
    const deadline = 2n ** 64n;
    await included(depositWithPermit(client, { ...at(), token, account, assets, deadline, gas: GAS }));
    expect(await margin()).toBe(before + assets * 10n ** 12n);
    await expect(deposit(client, { ...at(), account, assets: 1n })).rejects.toThrow();
  });
});
