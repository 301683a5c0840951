import { type KeeperEvent, ROLES, startKeeper } from '@tidemark/keeper';
import {
  accountId,
  commit,
  derivativesEngineAbi,
  getAccount,
  getBatches,
  getPosition,
  getQueue,
  getUpdateFee,
  marketOrder,
  packOrder,
  parseEngineEvents,
  RpcUnreachableError,
  settle,
} from '@tidemark/sdk';
import { createClient, getAbiItem, http, toFunctionSelector } from 'viem';
import { getLogs } from 'viem/actions';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, devnetChain } from '../src/chain.ts';
import { checkBooks } from './books.ts';
import { type Gate, startGate } from './gate.ts';
import { type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const UNIT = 10n ** 11n;
const [trader] = ACCOUNTS.traders;
const account = accountId(trader.address);
const orders = [marketOrder({ account, sizeDelta: UNIT })];
const words = orders.map(packOrder);
const selectorOf = (name: 'commit' | 'settle') => toFunctionSelector(getAbiItem({ abi: derivativesEngineAbi, name }));

let stage: Stage;
let gate: Gate;
/** The trader's way to the chain, through the gate and past it. */
let through: ReturnType<typeof clientAt>;
let past: ReturnType<typeof connect<typeof trader>>;
let held: bigint;

const clientAt = (rpc: string) =>
  createClient({ account: trader, chain: devnetChain, transport: http(rpc, { retryCount: 0 }) });
const at = () => ({ engine: stage.deployment.engine, market: ETH });
const position = async () => (await getPosition(past, { ...at(), account })).size;
const waiting = async () => {
  const { head, tail } = await getQueue(past, at());
  return tail - head;
};

async function expectLost(call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => expect.fail('the chain was reached'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(RpcUnreachableError);
  expect(error.retryable).toBe(true);
  expect(error.line).toContain(`The chain's RPC at ${gate.url} does not answer.`);
  expect(error.line).not.toContain('\n');
}

beforeAll(async () => {
  stage = await setStage(waveSource);
  past = connect(stage.rpc, trader);
}, 120_000);

beforeEach(async () => {
  gate = await startGate(stage.rpc);
  through = clientAt(gate.url);
  held = await position();
});

afterEach(async () => {
  await gate.end();
  const { engine, markets } = stage.deployment;
  await checkBooks(stage.admin, { engine, markets: markets.length, firstBlock: 0n });
});

afterAll(async () => {
  await stage.end();
});

/** Settles what was committed in the last block but one. */
async function settleNow(client: typeof through): Promise<void> {
  const { prices, deployment } = stage;
  const answer = await fetch(
    `${prices}/v2/updates/price/${stage.now}?ids[]=${deployment.markets[0]?.feedId}&encoding=hex`,
  );
  const { binary } = (await answer.json()) as { binary: { data: string[] } };
  const update = binary.data.map((digits) => `0x${digits}` as const);
  const value = await getUpdateFee(past, { pyth: deployment.pyth, update });
  await settle(client, { ...at(), batches: [words], update, value, gas: 3_000_000n });
}

describe('the SDK without its RPC', () => {
  it('says so of reads and of calls, and goes on where it was', async () => {
    gate.close();
    await expectLost(getAccount(through, { ...at(), account }));
    await expectLost(commit(through, { ...at(), orders }));
    await stage.mine();
    expect(await waiting()).toBe(0);
    gate.open();
    await commit(through, { ...at(), orders, gas: 500_000n });
    await stage.mine();
    expect(await waiting()).toBe(1);
    await stage.mine();
    await settleNow(through);
    await stage.mine();
    expect(await position()).toBe(held + UNIT);
  });

  it('does not lose what was sent although no answer came', async () => {
    gate.closeAfter(selectorOf('commit'));
    const from = stage.block + 1n;
    await expectLost(commit(through, { ...at(), orders, gas: 500_000n }));
    await stage.mine();
    gate.open();
    const batches = await getBatches(through, { ...at(), fromBlock: from, toBlock: stage.block });
    expect(batches).toMatchObject([{ market: ETH, orders: words }]);
    await stage.mine();
    await settleNow(through);
    await stage.mine();
    expect(await position()).toBe(held + UNIT);
  });
});

type Of<kind> = Extract<KeeperEvent, { event: kind }>;

describe('a keeper without its RPC', () => {
  const seen: KeeperEvent[] = [];
  let tell: (() => void) | undefined;

  /** The first event like this one since the keeper began; waits for it. */
  const event = <kind extends KeeperEvent['event']>(kind: kind, fits = (_: Of<kind>) => true) =>
    new Promise<Of<kind>>((resolve) => {
      tell = () => {
        const found = seen.find((one): one is Of<kind> => one.event === kind && fits(one as Of<kind>));
        if (found) resolve(found);
      };
      tell();
    });

  const start = () => {
    const { engine } = stage.deployment;
    seen.length = 0;
    const onEvent = (one: KeeperEvent) => {
      seen.push(one);
      tell?.();
    };
    const options = {
      rpcs: [gate.url],
      engine,
      prices: [{ url: stage.prices }],
      signer: ACCOUNTS.keeper,
      atLoss: ROLES,
    };
    return startKeeper({ ...options, pollMs: 10, onEvent });
  };

  /** Mines until nothing waits any more. */
  async function untilSettled(): Promise<void> {
    for (let blocks = 0; (await waiting()) > 0; blocks++) {
      expect(blocks, 'blocks until the order settles').toBeLessThan(10);
      await stage.mine();
      await event('turn', ({ block }) => block >= stage.block);
    }
  }

  /** How often orders filled after a block. */
  async function fillsAfter(block: bigint): Promise<number> {
    const { engine } = stage.deployment;
    const logs = await getLogs(stage.admin, { address: engine, fromBlock: block + 1n, toBlock: 'latest' });
    return parseEngineEvents({ engine, logs }).filter(({ eventName }) => eventName === 'OrderFilled').length;
  }

  it('says so, and settles what was committed meanwhile once it is back', async () => {
    const keeper = await start();
    const from = stage.block;
    gate.close();
    await commit(past, { ...at(), orders, gas: 500_000n });
    await stage.mine();
    await expectLost(event('trouble').then(({ why }) => Promise.reject(why)));
    expect(await waiting()).toBe(1);
    gate.open();
    await untilSettled();
    await keeper.stop();
    expect(await fillsAfter(from)).toBe(1);
    expect(await position()).toBe(held + UNIT);
  });

  it('fills nothing twice when the answer to its settlement is lost', async () => {
    const keeper = await start();
    const from = stage.block;
    await commit(past, { ...at(), orders, gas: 500_000n });
    gate.closeAfter(selectorOf('settle'));
    await stage.mine();
    await stage.mine();
    const { action } = await event('sending', ({ action }) => action.kind === 'settle');
    expect(action).toMatchObject({ batches: [words] });
    await expectLost(event('trouble').then(({ why }) => Promise.reject(why)));
    gate.open();
    await untilSettled();
    await keeper.stop();
    expect(await fillsAfter(from)).toBe(1);
    expect(await position()).toBe(held + UNIT);
  });
});
