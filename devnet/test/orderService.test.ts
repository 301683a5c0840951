import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Keeper, OrderBook, ROLES, startKeeper } from '@tidemark/keeper';
import { type RunningOrderService, startOrderService } from '@tidemark/orders';
import {
  accountId,
  announce,
  cancelNonces,
  commit,
  commitSigned,
  compactSignature,
  deposit,
  getMarket,
  getOrderOutcomes,
  getPosition,
  getUpdateFee,
  type KeptOrder,
  limitOrder,
  marketOrder,
  momentAt,
  type Order,
  type OrderFields,
  OrderServiceClient,
  type OrderServiceEvent,
  orderIdOf,
  orderOf,
  orderTypedData,
  Permission,
  type SignedOrder,
  scheduleSettlement,
  setDelegate,
  setReduceOnly,
  settle,
  settleMarket,
  signCancellation,
  signOrder,
  signOrders,
  stopLoss,
  stopOrder,
} from '@tidemark/sdk';
import type { Address, Hash, Hex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { CHAIN_ID, connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { chainlinkFeeder, fedAggregators } from '../src/feeder.ts';
import { asTimelock } from './asTimelock.ts';
import { freePort, type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

// Signed orders from their owners to their fills, through an order service on a real chain.

const [ETH, BTC] = [0n, 1n];
const UNIT = 10n ** 12n;
const GAS = 3_000_000n;
const [trader, other] = ACCOUNTS.traders;
const account = accountId(trader.address);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-orders-'));
const RATE = { perSecond: 1_000, burst: 10_000 };
const LIMITS = { perAccount: 20, total: 1_000 };

let stage: Stage;
let service: RunningOrderService;
let orders: OrderServiceClient;
let owner: ReturnType<typeof connect<typeof trader>>;
let keeper: ReturnType<typeof connect<typeof ACCOUNTS.keeper>>;
let feed: (now: number) => Promise<unknown>;
const keepers: Keeper[] = [];
const books: OrderBook[] = [];
const streams: AbortController[] = [];
const children: ChildProcess[] = [];
let nonces = 0n;

const at = () => ({ engine: stage.deployment.engine });
const domain = () => ({ ...at(), chainId: CHAIN_ID });
const next = () => ++nonces;
const index = async () => (await getMarket(stage.admin, { ...at(), market: ETH })).index;
const sign = (order: OrderFields, market = ETH) => signOrder(owner, { ...at(), market, order });
/** Never met: a buy at a hundredth of a cent. */
const far = (more: Partial<OrderFields> = {}) => ({
  ...limitOrder({ account, sizeDelta: UNIT / 10n, price: 10n ** 14n }),
  nonce: next(),
  ...more,
});
/** Met at any time. */
const near = async (more: Partial<OrderFields> = {}) => ({
  ...stopOrder({ account, sizeDelta: UNIT / 10n, price: (await index()) / 2n }),
  nonce: next(),
  ...more,
});
const refusal = (status: number, code: string, more: object = {}) => ({
  name: 'OrderServiceRefusedError',
  status,
  code,
  next: expect.stringMatching(/\.$/),
  ...more,
});

/** A block, and that the service and the books have learned from it. */
async function block(seconds?: bigint): Promise<void> {
  await stage.mine(seconds);
  await Promise.all([service.reached(stage.block), ...books.map((book) => book.reached(stage.block))]);
}

async function included(sending: Promise<Hash>) {
  const hash = await sending;
  await block();
  const { logs, status } = await stage.admin.getTransactionReceipt({ hash });
  expect(status).toBe('success');
  return logs;
}

const bring = (signed: readonly SignedOrder[]) =>
  included(commitSigned(keeper, { ...at(), market: ETH, orders: signed, gas: GAS }));

async function priceAt(publishTime: bigint, market = ETH) {
  const { prices, deployment } = stage;
  const { feedId } = deployment.markets[Number(market)] as (typeof deployment.markets)[number];
  const answer = await fetch(`${prices}/v2/updates/price/${publishTime}?ids[]=${feedId}&encoding=hex`);
  const { binary } = (await answer.json()) as { binary: { data: string[] } };
  const update = binary.data.map((digits): Hex => `0x${digits}`);
  return { update, value: await getUpdateFee(stage.admin, { pyth: deployment.pyth, update }) };
}

/** Settles what was committed in the last block. */
async function settled(batch: readonly Order[]) {
  const committedAt = stage.now;
  await block();
  const price = await priceAt(committedAt + 2n);
  const settling = settle(keeper, { ...at(), market: ETH, batches: [batch], ...price, gas: GAS });
  return getOrderOutcomes({ ...at(), logs: await included(settling) });
}

async function bookOf(services: readonly string[], startBlock = 0n): Promise<OrderBook> {
  const { engine } = stage.deployment;
  const quick = services.map((url) => ({ url, retries: [10, 50] as const }));
  const book = await OrderBook.open({ client: stage.admin, engine, services: quick, startBlock, pollMs: 10 });
  books.push(book);
  return book;
}

/** What a stream tells, one after the other. */
function stream() {
  const ending = new AbortController();
  streams.push(ending);
  const events = orders.stream({ signal: ending.signal });
  return async (): Promise<OrderServiceEvent> => (await events.next()).value as OrderServiceEvent;
}

/** The price of a time, USD, 18 decimals. */
const quoteAt = (time: bigint) => (waveSource.quoteAt('ETH', Number(time)) as { price: bigint }).price * 10n ** 10n;

/** A stop that buys and a limit that sells, which the price meets some blocks later, on a rise that lasts for minutes. */
async function rising() {
  while (!(quoteAt(stage.now) < quoteAt(stage.now + 90n) && quoteAt(stage.now + 90n) < quoteAt(stage.now + 180n))) {
    await feed(Number(stage.now));
    await stage.mine(30n);
  }
  await feed(Number(stage.now));
  await block();
  const trigger = quoteAt(stage.now + 12n);
  const stop = await sign({ ...stopOrder({ account, sizeDelta: UNIT / 10n, price: trigger }), nonce: next() });
  const terms = { account, sizeDelta: -UNIT / 10n, limitPrice: (trigger * 99n) / 100n, nonce: next() };
  const limit = await sign({ ...terms, trigger: { price: trigger, above: true } });
  return { isMet: async () => quoteAt(stage.now) >= trigger, stop, limit };
}

/** Runs a keeper that commits and settles what a book shows. */
async function keeperOf(book: OrderBook) {
  let reached = -1n;
  let wake = () => {};
  const since = stage.block;
  const { rpc, deployment } = stage;
  const running = await startKeeper({
    rpcs: [rpc],
    engine: deployment.engine,
    prices: [{ url: stage.prices }],
    signer: ACCOUNTS.keeper,
    roles: ['settler', 'trigger', 'prices'],
    atLoss: ROLES,
    orders: book,
    pollMs: 5,
    onEvent(event) {
      if (event.event !== 'turn') return;
      reached = event.block;
      wake();
    },
  });
  keepers.push(running);
  return {
    /** Makes blocks, each with everything that it makes the feeder and the keeper do, until something is so. */
    async until(isSo: () => Promise<boolean>, check = async () => {}): Promise<void> {
      for (let blocks = 0; !(await isSo()); blocks++) {
        expect(blocks).toBeLessThan(20);
        await check();
        await feed(Number(stage.now));
        await block();
        while (reached < stage.block) await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async outcomes() {
      const logs = await stage.admin.getLogs({ address: deployment.engine, fromBlock: since, toBlock: stage.block });
      return getOrderOutcomes({ ...at(), logs });
    },
  };
}

const waits = (book: OrderBook, signed: SignedOrder) =>
  expect.poll(() => book.list().map(orderIdOf), { interval: 10, timeout: 10_000 }).toContain(orderIdOf(signed));
const kept = async () => (await orders.list({ account })).map(({ id }) => id);

beforeAll(async () => {
  stage = await setStage(waveSource);
  [owner, keeper] = [connect(stage.rpc, trader), connect(stage.rpc, ACCOUNTS.keeper)];
  feed = chainlinkFeeder(connect(stage.rpc, ACCOUNTS.feeder), waveSource, fedAggregators(stage.state), stage.faults);
  const { rpc, deployment } = stage;
  const settings = { rpc, engine: deployment.engine, database: { folder }, pollMs: 10, rate: RATE, limits: LIMITS };
  service = await startOrderService({ ...settings, port: 0 });
  orders = new OrderServiceClient({ url: `http://127.0.0.1:${service.port}`, retries: [10, 50], timeout: 60_000 });
  const opening = marketOrder({ account, sizeDelta: UNIT });
  await included(commit(owner, { ...at(), market: ETH, orders: [opening], gas: GAS }));
  expect(await settled([orderOf(opening)])).toMatchObject([{ status: 'filled' }]);
}, 240_000);

afterEach(async () => {
  for (const ending of streams.splice(0)) ending.abort();
  for (const running of keepers.splice(0)) await running.stop();
  for (const book of books.splice(0)) await book.close();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await service?.close();
  await stage?.end();
  rmSync(folder, { recursive: true, force: true });
});

describe('an order that is placed', { timeout: 60_000 }, () => {
  it('with a bad signature is refused', async () => {
    const signed = await sign(far());
    const forged = { ...signed, order: { ...signed.order, terms: signed.order.terms + 1n } };
    const whose = expect.stringContaining(`neither the owner ${trader.address.toLowerCase()} nor a delegate`);
    const why = refusal(422, 'SignatureInvalid', { place: 0, limit: BigInt(trader.address), shortMessage: whose });
    await expect(orders.place([forged])).rejects.toMatchObject(why);
    await expect(orders.place([{ ...signed, signature: '0x' }])).rejects.toMatchObject(
      refusal(422, 'SignatureInvalid'),
    );
    expect(await kept()).toEqual([]);
  });

  it('when it has expired is refused', async () => {
    const deadline = stage.now - 1n;
    const why = refusal(422, 'DeadlinePassed', { actual: stage.now, limit: deadline });
    await expect(orders.place([await sign(far({ deadline }))])).rejects.toMatchObject(why);
  });

  it('again is known while it waits, and refused once it was cancelled or used', async () => {
    const signed = await sign(far());
    const [first] = await orders.place([signed]);
    expect(first).toMatchObject({ id: orderIdOf(signed), status: 'waiting' });
    expect(await orders.place([signed])).toEqual([first]);
    expect(await kept()).toEqual([first?.id]);
    const cancelling = { owner: trader.address, orders: [orderIdOf(signed)], expiry: stage.now + 60n };
    const cancellation = await signCancellation(owner, { ...domain(), ...cancelling });
    expect(await orders.cancel(cancellation)).toMatchObject([{ status: 'gone', reason: 'cancelled' }]);
    await expect(orders.place([signed])).rejects.toMatchObject(refusal(409, 'Cancelled'));
    const used = await sign(await near());
    await bring([used]);
    expect(await settled([used.order])).toMatchObject([{ status: 'filled' }]);
    await expect(orders.place([used])).rejects.toMatchObject(refusal(422, 'NonceUsed'));
    expect(await kept()).toEqual([]);
  });

  it('with a nonce that is cancelled, or that another order waits with, is refused', async () => {
    const [cancelled, taken] = [next(), next()];
    await included(cancelNonces(owner, { ...at(), account, word: 0n, nonces: 1n << cancelled, gas: GAS }));
    const late = await sign(far({ nonce: cancelled }));
    await expect(orders.place([late])).rejects.toMatchObject(refusal(422, 'NonceUsed', { actual: cancelled }));
    await orders.place([await sign(far({ nonce: taken }))]);
    const second = await sign(far({ nonce: taken, limitPrice: 1n }));
    await expect(orders.place([second])).rejects.toMatchObject(refusal(409, 'NonceTaken'));
    await included(cancelNonces(owner, { ...at(), account, word: 0n, nonces: 1n << taken, gas: GAS }));
    expect(await kept()).toEqual([]);
  });

  it('with too little margin is refused with what there is and what is needed', async () => {
    const signed = await sign(far({ sizeDelta: 1_000_000n * UNIT }));
    const error = await orders.place([signed]).catch((thrown) => thrown);
    expect(error).toMatchObject(refusal(422, 'MarginTooLow'));
    expect(error.actual).toBeGreaterThan(0n);
    expect(error.limit).toBeGreaterThan(error.actual);
  });

  it('for an unknown market, for the moment, or by another account’s owner is refused', async () => {
    await expect(orders.place([await sign(far(), 9n)])).rejects.toMatchObject(refusal(422, 'UnknownMarket'));
    const { nonce: _, ...moment } = { ...marketOrder({ account, sizeDelta: UNIT }), ...momentAt(stage.now) };
    await expect(orders.place([await sign(moment)])).rejects.toMatchObject(refusal(422, 'CannotWait'));
    const others = await sign(far({ account: accountId(ACCOUNTS.delegate.address) }));
    await expect(orders.place([others])).rejects.toMatchObject(refusal(422, 'SignatureInvalid'));
  });

  it('with a builder that is not approved is refused', async () => {
    const builder = { address: ACCOUNTS.delegate.address, fee: 20n };
    const why = refusal(422, 'BuilderNotApproved', { actual: 20n, limit: 0n });
    await expect(orders.place([await sign(far({ builder }))])).rejects.toMatchObject(why);
  });

  it('with nothing to reduce, or attached to another life of the position, is refused', async () => {
    const { size, generation } = await getPosition(stage.admin, { ...at(), account, market: ETH });
    const reducing = await sign(far({ reduceOnly: true }));
    await expect(orders.place([reducing])).rejects.toMatchObject(refusal(422, 'NothingToReduce'));
    const position = { size, generation: BigInt(generation) + 1n };
    const attached = await sign(stopLoss({ account, position, price: 1n, nonce: next() }));
    await expect(orders.place([attached])).rejects.toMatchObject(refusal(422, 'PositionEnded'));
    const sound = await sign(
      stopLoss({ account, position: { ...position, generation: BigInt(generation) }, price: 1n, nonce: next() }),
    );
    await expect(orders.place([sound])).resolves.toMatchObject([{ status: 'waiting' }]);
  });

  it('to open in a market that only reduces is refused', async () => {
    const timelock = await asTimelock(stage);
    await included(setReduceOnly(timelock, { ...at(), market: ETH, on: true, gas: GAS }));
    const why = refusal(422, 'OpeningPaused', { retryable: true });
    await expect(orders.place([await sign(far())])).rejects.toMatchObject(why);
    const exit = limitOrder({
      account,
      sizeDelta: -UNIT,
      price: (await index()) * 2n,
      reduceOnly: true,
      nonce: next(),
    });
    await expect(orders.place([await sign(exit)])).resolves.toMatchObject([{ status: 'waiting' }]);
    await included(setReduceOnly(timelock, { ...at(), market: ETH, on: false, gas: GAS }));
  });

  it('among others is taken with all of them or not at all', async () => {
    const fields = [far(), far({ sizeDelta: 1_000_000n * UNIT }), far()];
    const bundle = (chosen: readonly OrderFields[]) =>
      signOrders(owner, { ...at(), orders: chosen.map((order) => ({ market: ETH, order })) });
    const before = await kept();
    await expect(orders.place(await bundle(fields))).rejects.toMatchObject(refusal(422, 'MarginTooLow', { place: 1 }));
    expect(await kept()).toEqual(before);
    const [one, , three] = fields as [OrderFields, OrderFields, OrderFields];
    const taken = await orders.place(await bundle([one, three]));
    expect(await kept()).toEqual([...before, ...taken.map(({ id }) => id)]);
  });

  it('beyond the room of its account is refused', async () => {
    const client = connect(stage.rpc, other);
    const theirs = accountId(other.address);
    const many = Array.from({ length: LIMITS.perAccount + 1 }, (_, i) =>
      far({ account: theirs, nonce: BigInt(i + 1) }),
    );
    const signed = await signOrders(client, { ...at(), orders: many.map((order) => ({ market: ETH, order })) });
    await expect(orders.place(signed)).rejects.toMatchObject(refusal(409, 'AccountFull', { place: LIMITS.perAccount }));
    expect(await orders.place(signed.slice(1))).toHaveLength(LIMITS.perAccount);
    await expect(orders.place(signed.slice(0, 1))).rejects.toMatchObject(refusal(409, 'AccountFull'));
    expect(await orders.list({ account: theirs })).toHaveLength(LIMITS.perAccount);
  });

  it('by a delegate, or by a contract, is taken as far as they may', async () => {
    const { address } = ACCOUNTS.faucet;
    const delegate = connect(stage.rpc, ACCOUNTS.faucet);
    const byDelegate = (order: OrderFields) => signOrder(delegate, { ...at(), market: ETH, order });
    const [opening, exit] = [
      await byDelegate(far()),
      await byDelegate(far({ sizeDelta: -UNIT / 10n, reduceOnly: true, trigger: { price: 1n, above: false } })),
    ];
    await expect(orders.place([opening])).rejects.toMatchObject(refusal(422, 'SignatureInvalid'));
    const limits = { expiry: stage.now + 10_000n, markets: 1n, permissions: Permission.Reduce, dailyLimit: 10_000n };
    await included(setDelegate(owner, { ...at(), delegate: address, ...limits, gas: GAS }));
    await expect(orders.place([opening])).rejects.toMatchObject(refusal(422, 'DelegateNotPermitted'));
    await expect(orders.place([exit])).resolves.toMatchObject([{ status: 'waiting' }]);

    const wallet: Address = '0x00000000000000000000000000000000000c0de5';
    const theirs = accountId(wallet);
    const assets = 1_000n * 10n ** 6n;
    const { usdc } = stage.deployment;
    const minting = { address: usdc, abi: tokenAbi, functionName: 'mint', args: [trader.address, assets] } as const;
    await included(connect(stage.rpc, ACCOUNTS.faucet).writeContract({ ...minting, gas: GAS }));
    await included(deposit(owner, { ...at(), account: theirs, assets, gas: GAS }));
    const words = { market: ETH, order: orderOf(far({ account: theirs })) };
    const byContract: SignedOrder = { ...words, signature: '0x1234' };
    await expect(orders.place([byContract])).rejects.toMatchObject(refusal(422, 'SignatureInvalid'));
    // Returns what EIP-1271 asks for, whatever is signed.
    await stage.admin.setCode({ address: wallet, bytecode: '0x631626ba7e60e01b5f5260205ff3' });
    await expect(orders.place([byContract])).resolves.toMatchObject([{ status: 'waiting' }]);
    expect(compactSignature(await owner.signTypedData(orderTypedData({ ...domain(), ...words })))).toHaveLength(130);
  });
});

describe('an order that waits', { timeout: 60_000 }, () => {
  it('is streamed, committed, filled and gone', async () => {
    const tell = stream();
    expect(await tell()).toMatchObject({ event: 'snapshot' });
    const book = await bookOf([orders.url]);
    const signed = await sign(await near());
    const { id } = (await orders.place([signed]))[0] as KeptOrder;
    expect(await tell()).toMatchObject({ event: 'placed', order: { id, status: 'waiting' } });
    await waits(book, signed);
    const due = book.list().filter((order) => orderIdOf(order) === id);
    await bring(due);
    expect(await tell()).toEqual({ event: 'committed', id });
    expect(book.list().map(orderIdOf)).not.toContain(id);
    expect(await settled([signed.order])).toMatchObject([{ status: 'filled' }]);
    expect(await tell()).toEqual({ event: 'gone', id, reason: 'filled' });
    expect(await orders.get(id)).toMatchObject({ status: 'gone', reason: 'filled' });
  });

  it('waits again when it is released', async () => {
    const tell = stream();
    await tell();
    const book = await bookOf([orders.url]);
    // On the side that the price leaves before the settlement.
    const quote = (time: bigint) => (waveSource.quoteAt('ETH', Number(time)) as { price: bigint }).price;
    const price = await index();
    const above = quote(stage.now + 4n) * 10n ** 10n < price;
    const signed = await sign({ ...(await near()), trigger: { price, above } });
    const { id } = (await orders.place([signed]))[0] as KeptOrder;
    await tell();
    await waits(book, signed);
    await bring([signed]);
    expect(await tell()).toEqual({ event: 'committed', id });
    expect(await settled([signed.order])).toMatchObject([{ status: 'released' }]);
    expect(await tell()).toMatchObject({ event: 'placed', order: { id, status: 'waiting' } });
    expect(book.list().map(orderIdOf)).toContain(id);
  });

  it('waits again when the block of its commit is lost', async () => {
    const signed = await sign(await near());
    await orders.place([signed]);
    await block();
    const book = await bookOf([orders.url]);
    await waits(book, signed);
    const back = await stage.keep();
    await bring([signed]);
    const id = orderIdOf(signed);
    expect(await orders.get(id)).toMatchObject({ status: 'committed' });
    await back();
    // Another block than the one that was lost, and one more.
    await stage.mine(3n);
    await block();
    await expect.poll(async () => (await orders.get(id)).status, { interval: 10 }).toBe('waiting');
    await waits(book, signed);
  });

  it('goes with its deadline, and with a cancellation that its owner signed', async () => {
    const book = await bookOf([orders.url]);
    const [short, other] = [await sign(far({ deadline: stage.now + 2n })), await sign(far())];
    const [, second] = await orders.place([short, other]);
    await waits(book, other);
    await block();
    await block();
    expect(await orders.get(orderIdOf(short))).toMatchObject({ reason: 'deadline passed' });
    expect(book.list().map(orderIdOf)).not.toContain(orderIdOf(short));
    const ids = [second?.id as Hex];
    const cancelling = { ...domain(), owner: trader.address, orders: ids };
    const stranger = { ...cancelling, owner: ACCOUNTS.keeper.address };
    const expiry = stage.now + 60n;
    const forged = { ...(await signCancellation(keeper, { ...cancelling, expiry })), owner: trader.address };
    await expect(orders.cancel(forged)).rejects.toMatchObject(refusal(422, 'SignatureInvalid'));
    const theirs = await signCancellation(keeper, { ...stranger, expiry });
    await expect(orders.cancel(theirs)).rejects.toMatchObject(refusal(404, 'OrderUnknown'));
    for (const wrong of [stage.now - 1n, stage.now + 601n]) {
      const late = await signCancellation(owner, { ...cancelling, expiry: wrong });
      await expect(orders.cancel(late)).rejects.toMatchObject(refusal(422, 'CancellationExpired'));
    }
    await orders.cancel(await signCancellation(owner, { ...cancelling, expiry }));
    await expect.poll(() => book.list().map(orderIdOf), { interval: 10 }).not.toContain(second?.id);
  });

  it('is not lost when the service is killed', async () => {
    const own = mkdtempSync(join(tmpdir(), 'tidemark-killed-'));
    const { engine } = stage.deployment;
    const port = await freePort();
    const command = ['--import', 'tsx', 'orders/src/main.ts', '--rpc', stage.rpc, '--engine', engine];
    const child = spawn(process.execPath, [...command, '--folder', own, '--port', `${port}`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const mortal = new OrderServiceClient({ url: `http://127.0.0.1:${port}`, timeout: 30_000 });
    const signed = await sign(far());
    await mortal.place([signed]);
    const killed = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await killed;
    const again = await startOrderService({ rpc: stage.rpc, engine, database: { folder: own }, port });
    expect((await mortal.list({ owner: trader.address })).map(({ id }) => id)).toEqual([orderIdOf(signed)]);
    await again.close();
    rmSync(own, { recursive: true, force: true });
  }, 180_000);

  it('can be left on the chain when no service answers', async () => {
    const book = await bookOf([`http://127.0.0.1:${await freePort()}`], stage.block + 1n);
    const [signed, forged] = [await sign(await near()), await sign(await near())];
    const wrong = { ...forged, order: { ...forged.order, terms: forged.order.terms + 1n } };
    const left = [wrong, signed];
    await included(announce(owner, { ...at(), market: ETH, orders: left, gas: GAS }));
    expect(book.list()).toEqual([signed]);
    // The service takes it in as well, by the same checks.
    await expect.poll(kept, { interval: 10 }).toContain(orderIdOf(signed));
    expect(await kept()).not.toContain(orderIdOf(wrong));
    await bring(book.list());
    expect(book.list()).toEqual([]);
    expect(await settled([signed.order])).toMatchObject([{ status: 'filled' }]);
  });

  it('is filled by a keeper that follows the service, and not before its price is there', async () => {
    const book = await bookOf([orders.url]);
    const { isMet, stop, limit } = await rising();
    const run = await keeperOf(book);
    const tell = stream();
    await tell();
    const ids = (await orders.place([stop, limit])).map(({ id }) => id);
    await waits(book, limit);
    const known = () => Promise.all(ids.map((id) => orders.get(id)));
    await run.until(isMet, async () => {
      expect(await known()).toMatchObject([{ status: 'waiting' }, { status: 'waiting' }]);
    });
    await run.until(async () => (await known()).every(({ status }) => status === 'gone'));
    const told = new Map<Hex, OrderServiceEvent[]>(ids.map((id) => [id, []]));
    while ([...told.values()].some((events) => events.at(-1)?.event !== 'gone')) {
      const event = await tell();
      if ('id' in event) told.get(event.id)?.push(event);
    }
    for (const [id, events] of told) {
      expect(events).toEqual([
        { event: 'committed', id },
        { event: 'gone', id, reason: 'filled' },
      ]);
    }
  });

  it('is filled by a keeper to whom no service answers, when it was left on the chain', async () => {
    const book = await bookOf([`http://127.0.0.1:${await freePort()}`], stage.block + 1n);
    const { isMet, stop, limit } = await rising();
    await included(announce(owner, { ...at(), market: ETH, orders: [stop, limit], gas: GAS }));
    const run = await keeperOf(book);
    await run.until(isMet, async () => expect(book.list()).toEqual([stop, limit]));
    await run.until(async () => (await run.outcomes()).length === 2);
    const filled = [UNIT / 10n, -UNIT / 10n].map((sizeDelta) => ({ status: 'filled', sizeDelta }));
    expect(await run.outcomes()).toMatchObject(filled);
    expect(book.list()).toEqual([]);
  });

  it('goes with its market, which takes none any more', async () => {
    const placed = await sign(far(), BTC);
    const late = await sign(far(), BTC);
    await orders.place([placed]);
    const timelock = await asTimelock(stage);
    const end = stage.now + 86_400n + 10n;
    await included(scheduleSettlement(timelock, { ...at(), market: BTC, at: Number(end), gas: GAS }));
    await stage.mine(end - stage.now);
    await feed(Number(stage.now));
    await stage.mine();
    const price = await priceAt(stage.now, BTC);
    await included(settleMarket(keeper, { ...at(), market: BTC, ...price, gas: GAS }));
    expect(await orders.get(orderIdOf(placed))).toMatchObject({ status: 'gone', reason: 'market closed' });
    const why = refusal(422, 'MarketSettled', { shortMessage: 'Market 1 has ended.' });
    await expect(orders.place([late])).rejects.toMatchObject(why);
  });
});
