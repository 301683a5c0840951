import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type KeeperOptions, ROLES } from '@tidemark/keeper';
import { accountId, commit, getPosition, getQueue, marketOrder, parseEngineEvents } from '@tidemark/sdk';
import { toHex } from 'viem';
import { getLogs } from 'viem/actions';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { L1_BLOCK } from '../../keeper/src/chain/l1Fee.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { type Gate, startGate } from './gate.ts';
import { freePort, type Stage, setStage } from './stage.ts';
import { type Watched, watch } from './watched.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const UNIT = 10n ** 11n;
const GWEI = 10n ** 9n;
const USD = 10n ** 18n;
const [trader] = ACCOUNTS.traders;
const account = accountId(trader.address);
const signer = ACCOUNTS.keeper;

let stage: Stage;
let running: Watched[] = [];
const gates: Gate[] = [];

async function keep(changes: Partial<KeeperOptions> = {}): Promise<Watched> {
  const { engine } = stage.deployment;
  const options = { rpcs: [stage.rpc], engine, prices: [{ url: stage.prices }], signer, roles: ['settler'] as const };
  const watched = await watch({ ...options, ...changes });
  running.push(watched);
  return watched;
}

async function gate(): Promise<Gate> {
  const opened = await startGate(stage.rpc);
  gates.push(opened);
  return opened;
}

/** A block, and everything it makes keepers do. */
async function next(): Promise<void> {
  await stage.mine();
  await Promise.all(running.map(({ turn }) => turn(stage.block)));
}

const at = () => ({ engine: stage.deployment.engine, market: ETH });
const waiting = async () => {
  const { head, tail } = await getQueue(stage.admin, at());
  return tail - head;
};
const position = async () => (await getPosition(stage.admin, { ...at(), account })).size;
const commitOne = (by = trader) => {
  const orders = [marketOrder({ account: accountId(by.address), sizeDelta: UNIT })];
  return commit(connect(stage.rpc, by), { ...at(), orders, gas: 500_000n });
};
const nonceOf = (blockTag: 'latest' | 'pending') =>
  stage.admin.getTransactionCount({ address: signer.address, blockTag });
const dearer = (baseFeePerGas: bigint) => stage.admin.setNextBlockBaseFeePerGas({ baseFeePerGas });
const isSettlement = ({ action }: { action: { kind: string } }) => action.kind === 'settle';

/** How often orders filled after a block. */
async function fillsAfter(block: bigint): Promise<number> {
  const { engine } = stage.deployment;
  const logs = await getLogs(stage.admin, { address: engine, fromBlock: block + 1n, toBlock: 'latest' });
  return parseEngineEvents({ engine, logs }).filter(({ eventName }) => eventName === 'OrderFilled').length;
}

/** Mines until nothing waits any more. */
async function untilSettled(): Promise<void> {
  for (let blocks = 0; (await waiting()) > 0; blocks++) {
    expect(blocks, 'blocks until the order settles').toBeLessThan(12);
    await next();
  }
}

/** Commits an order and mines until it can be settled. */
async function commitAndWait(): Promise<void> {
  await commitOne();
  await next();
  await next();
}

beforeAll(async () => {
  stage = await setStage(waveSource);
}, 120_000);

afterEach(async () => {
  await Promise.all(running.map(({ keeper }) => keeper.stop()));
  running = [];
  await Promise.all(gates.splice(0).map((one) => one.end()));
  await stage.admin.request({ method: 'anvil_dropAllTransactions' } as never);
  await dearer(GWEI);
  // What is left expires and is taken out of the queue.
  const watched = await keep({ atLoss: ROLES });
  await stage.mine(70n);
  await watched.turn(stage.block);
  await untilSettled();
  await watched.keeper.stop();
  running = [];
});

afterAll(async () => {
  await stage.end();
});

describe('what a keeper is paid', { timeout: 120_000 }, () => {
  it('is held against what it costs: what brings more is done, and told with both', async () => {
    await dearer(GWEI / 1_000n);
    const { event, all } = await keep();
    await commitOne();
    await next();
    await dearer(GWEI / 1_000n);
    await next();
    await untilSettled();
    const { reward, gasUsed, l2Fee, l1Fee, hash } = await event('included', isSettlement);
    const { keeperFeeCents } = await getQueue(stage.admin, at());
    expect(reward).toBe((BigInt(keeperFeeCents) * USD) / 100n);
    const receipt = await stage.admin.getTransactionReceipt({ hash });
    expect([gasUsed, l2Fee, l1Fee]).toEqual([receipt.gasUsed, receipt.gasUsed * receipt.effectiveGasPrice, 0n]);
    expect(all('unprofitable')).toEqual([]);
  });

  it('is not enough when gas is dear: nothing is sent, and it is told once', async () => {
    const { all } = await keep();
    const nonce = await nonceOf('pending');
    await dearer(200n * GWEI);
    await commitOne().catch(() => undefined);
    await stage.mine();
    await dearer(200n * GWEI);
    await commitAndWait();
    for (let blocks = 0; blocks < 3; blocks++) {
      await dearer(200n * GWEI);
      await next();
    }
    const told = all('unprofitable');
    expect(told.map(({ action }) => action.kind)).toEqual(['settle']);
    expect(told[0]?.cost).toBeGreaterThan(told[0]?.reward ?? 0n);
    expect(told[0]?.reward).toBeGreaterThan(0n);
    expect(await nonceOf('pending')).toBe(nonce);
  });

  it('does not matter to a role that was told so', async () => {
    const from = stage.block;
    const { all } = await keep({ atLoss: ['settler'], maxFee: 1_000n * GWEI });
    await commitOne();
    await next();
    await dearer(200n * GWEI);
    await next();
    await untilSettled();
    expect(all('unprofitable')).toEqual([]);
    expect(await fillsAfter(from)).toBe(1);
  });

  it('is held against L1’s price too', async () => {
    const set = (index: number, value: bigint) =>
      stage.admin.setStorageAt({ address: L1_BLOCK, index, value: toHex(value, { size: 32 }) });
    // A hundred gwei of L1, and scalars of a hundred: dollars for each byte.
    await set(1, 100n * GWEI);
    await set(3, 100_000_000n << 96n);
    await dearer(GWEI / 1_000n);
    const { event } = await keep();
    const nonce = await nonceOf('pending');
    await commitAndWait();
    await next();
    const { cost } = await event('unprofitable');
    expect(cost).toBeGreaterThan(100n * USD);
    expect(await nonceOf('pending')).toBe(nonce);
    await set(1, 0n);
    await set(3, 0n);
  });
});

describe('a dry run', { timeout: 120_000 }, () => {
  it('sends nothing, and tells what it would send', async () => {
    const { event, all } = await keep({ dryRun: true, atLoss: ROLES, roles: ROLES });
    const nonce = await nonceOf('pending');
    await commitAndWait();
    await next();
    const { reward, cost } = await event('would', isSettlement);
    expect(reward).toBeGreaterThan(0n);
    expect(cost).toBeGreaterThan(0n);
    expect([...all('sending'), ...all('sent')]).toEqual([]);
    expect(await nonceOf('pending')).toBe(nonce);
  });
});

describe('a role that is off', { timeout: 120_000 }, () => {
  it('does nothing', async () => {
    const { all } = await keep({ roles: ['prices'] });
    await commitAndWait();
    await next();
    const kinds = all('sent').map(({ action }) => action.kind);
    expect(kinds).toContain('updateIndices');
    expect(kinds).not.toContain('settle');
    expect(await waiting()).toBe(1);
  });
});

describe('a transaction', { timeout: 120_000 }, () => {
  it('that a base fee keeps out is replaced by one that offers more, and fills once', async () => {
    const from = stage.block;
    const held = await position();
    const { event } = await keep({ atLoss: ROLES });
    await commitAndWait();
    const sent = await event('sent', isSettlement);
    await dearer(100n * GWEI);
    await next();
    const replaced = await event('replaced');
    expect(replaced).toMatchObject({ hash: sent.hash, cancelled: false, action: { kind: 'settle' } });
    await untilSettled();
    await next();
    expect((await event('included', isSettlement)).hash).toBe(replaced.by);
    expect(await fillsAfter(from)).toBe(1);
    expect(await position()).toBe(held + UNIT);
  });

  it('that a base fee keeps out is given up when it would not pay any more', async () => {
    await dearer(GWEI / 1_000n);
    const { event, all } = await keep({ maxFee: 1_000n * GWEI });
    await commitOne();
    await dearer(GWEI / 1_000n);
    await next();
    await dearer(GWEI / 1_000n);
    await next();
    await event('sent', isSettlement);
    await dearer(300n * GWEI);
    await next();
    await event('unprofitable', isSettlement);
    expect(all('sent').filter(isSettlement)).toHaveLength(1);
    expect(await nonceOf('pending')).toBe(await nonceOf('latest'));
  });

  it('that a node has dropped is sent again, and fills once', async () => {
    const from = stage.block;
    const { event, all } = await keep({ atLoss: ROLES });
    await commitAndWait();
    const { hash } = await event('sent', isSettlement);
    await stage.admin.dropTransaction({ hash });
    await untilSettled();
    await next();
    expect(all('replaced')).toMatchObject([{ hash, cancelled: false }]);
    expect((await event('included', isSettlement)).hash).toBe(all('replaced')[0]?.by);
    expect(all('reverted')).toEqual([]);
    expect(await fillsAfter(from)).toBe(1);
  });

  it('of a life that was ended is not sent a second time beside it', async () => {
    const from = stage.block;
    const first = await keep({ atLoss: ROLES });
    await commitAndWait();
    await first.event('sent', isSettlement);
    await first.keeper.stop();
    running = [];
    const { all } = await keep({ atLoss: ROLES });
    await untilSettled();
    await next();
    expect(all('sent').filter(isSettlement)).toEqual([]);
    expect(await fillsAfter(from)).toBe(1);
  });
});

describe('a queue behind an outage', { timeout: 120_000 }, () => {
  it.each([
    { seconds: 2n, over: 2n },
    { seconds: 3n, over: 3n },
  ])('is worked off at once, with the next block $seconds s later: $over batches expire', async ({ seconds, over }) => {
    const since = stage.block;
    for (let i = 0; i < 22; i++) {
      await commitOne(ACCOUNTS.traders[i % ACCOUNTS.traders.length]);
      await stage.mine(3n);
    }
    // The oldest three are 64 s, 61 s and 58 s old now.
    await stage.mine(1n);
    const watched = await keep({ atLoss: ROLES });
    await watched.turn(stage.block);
    for (let blocks = 0; (await waiting()) > 0; blocks++) {
      expect(blocks, 'blocks until nothing waits').toBeLessThan(8);
      await stage.mine(seconds);
      await watched.turn(stage.block);
    }
    const logs = await getLogs(stage.admin, { address: at().engine, fromBlock: since + 1n, toBlock: 'latest' });
    const expired = parseEngineEvents({ engine: at().engine, logs }).flatMap((one) =>
      one.eventName === 'BatchesExpired' ? [one.args.to - one.args.from] : [],
    );
    expect(expired).toEqual([over]);
  });
});

describe('several RPCs', { timeout: 120_000 }, () => {
  it('are asked in their order: the first is lost and back, each told once, and the keeper goes on', async () => {
    const first = await gate();
    const { event, all } = await keep({ rpcs: [first.url, stage.rpc], atLoss: ROLES });
    const from = stage.block;
    first.close();
    await commitAndWait();
    await untilSettled();
    expect((await event('rpc-lost')).rpc).toBe(first.url);
    expect(await fillsAfter(from)).toBe(1);
    first.open();
    expect((await event('rpc-back')).rpc).toBe(first.url);
    expect(all('rpc-lost')).toHaveLength(1);
    expect(all('trouble')).toEqual([]);
  });

  it('that come back as another chain’s are passed over', async () => {
    const port = await freePort();
    const { event, all } = await keep({ rpcs: [`http://127.0.0.1:${port}`, stage.rpc], atLoss: ROLES });
    await event('rpc-lost');
    const other = await startOther(port);
    for (let times = 0; times < 2; times++) await other.asked();
    await next();
    expect(all('rpc-back')).toEqual([]);
    expect(other.methods).toEqual(new Set(['eth_chainId']));
    await other.end();
  });
});

/** An RPC of another chain. */
async function startOther(port: number) {
  const methods = new Set<string>();
  let tell = () => {};
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request)) as { id: number; method: string }[];
    for (const { method } of asked) methods.add(method);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(asked.map(({ id }) => ({ jsonrpc: '2.0', id, result: toHex(902) }))));
    tell();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    methods,
    /** Resolves when it is asked again. */
    asked: () =>
      new Promise<void>((resolve) => {
        tell = resolve;
      }),
    end: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
