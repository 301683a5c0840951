import { accountId, derivativesEngineAbi, parseEngineEvents } from '@tidemark/sdk';
import { decodeFunctionData } from 'viem';
import { getLogs } from 'viem/actions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { simpleTrader } from '../src/traders.ts';
import { type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ORDERS = 24;
const [trader] = ACCOUNTS.traders;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage(waveSource);
}, 120_000);

afterAll(async () => {
  await stage.end();
});

it('trade by themselves, by signature and by their delegate', { timeout: 60_000 }, async () => {
  const { rpc, deployment } = stage;
  const { engine } = deployment;
  const markets = deployment.markets.map(({ id, symbol }) => ({
    id,
    price: () => waveSource.quoteAt(symbol, Number(stage.now))?.price,
  }));
  const trade = simpleTrader(connect(rpc, trader), connect(rpc, ACCOUNTS.delegate), engine, markets, 2);
  const from = stage.block + 1n;
  for (let i = 0; i < ORDERS; i++) {
    await trade(Number(stage.now));
    await stage.mine();
    // Past its pause and its orders' window, so that none of them waits.
    await stage.mine(70n);
  }
  const logs = await getLogs(stage.admin, { address: engine, fromBlock: from, toBlock: 'latest' });
  const ways = new Map<string, number>();
  for (const { eventName, args, transactionHash } of parseEngineEvents({ engine, logs })) {
    expect(eventName).toBe('BatchCommitted');
    if (eventName !== 'BatchCommitted' || !transactionHash) continue;
    expect(args.orders.map(({ account }) => account)).toEqual([accountId(trader.address)]);
    const { from: sender, input: data } = await stage.admin.getTransaction({ hash: transactionHash });
    const { functionName } = decodeFunctionData({ abi: derivativesEngineAbi, data });
    const way = `${functionName} by ${sender === trader.address.toLowerCase() ? 'the trader' : 'the delegate'}`;
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  expect([...ways.keys()].sort()).toEqual([
    'commit by the delegate',
    'commit by the trader',
    'commitSigned by the delegate',
  ]);
  expect([...ways.values()].reduce((sum, count) => sum + count)).toBe(ORDERS);
});
