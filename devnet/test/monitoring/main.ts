// What watches a keeper, tried: promtool on the alerts, then a real Prometheus that scrapes a running keeper. Every
// expression of the dashboard has to return a series, and each alert to fire for its own fault and to clear after it.
// Exits 1 when one does not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOrderService } from '@tidemark/orders';
import {
  accountId,
  commit,
  deposit,
  derivativesEngineAbi,
  marketOrder,
  type OrderFields,
  onChain,
  packOrder,
} from '@tidemark/sdk';
import {
  erc20Abi,
  type Hex,
  keccak256,
  numberToHex,
  parseEther,
  parseGwei,
  serializeTransaction,
  type TransactionEIP1559,
  type TransactionSerializableEIP1559,
  toHex,
} from 'viem';
import { toAccount } from 'viem/accounts';
import { ACCOUNTS, privateKeyOf } from '../../src/accounts.ts';
import { connect } from '../../src/chain.ts';
import { toLine } from '../../src/errors.ts';
import { tokenAbi } from '../../src/exchange.ts';
import type { PriceSource } from '../../src/prices/source.ts';
import { asTimelock } from '../asTimelock.ts';
import { ETH, setFedStage, UNIT } from '../fedStage.ts';
import { startGate } from '../gate.ts';
import { Mortal } from '../mortal.ts';
import { freePort } from '../stage.ts';
import { waveSource } from '../waveSource.ts';
import { checkRules, dashboardExpressions, Prometheus, quickRules, requirePrometheus, waitFor } from './prometheus.ts';

const MAIN = fileURLToPath(new URL('../../../keeper/src/main.ts', import.meta.url));
/** Wei for each unit of gas, as it is on Optimism; a new chain's is a thousand times that. */
const USUAL = 1_000_000n;
const RICH = parseEther('100');
/** Gas at which nothing pays. */
const DEAR = parseGwei('100');
/** Insurance and treasury in the engine's storage, see snapshots/layouts. */
const RESERVES_SLOT = numberToHex(0xf74014143085709cecb4a3a0216928a701f3f837dc01f40937042c59d9da0500n + 3n, {
  size: 32,
});

/** Chain time from which prices are 9 % lower, seconds. */
let crashAt = Number.POSITIVE_INFINITY;
const source: PriceSource = {
  ...waveSource,
  symbols: ['ETH'],
  quoteAt(symbol, time) {
    const quote = waveSource.quoteAt(symbol, time);
    return quote && time >= crashAt ? { ...quote, price: (quote.price * 91n) / 100n } : quote;
  },
};

const ending: (() => Promise<unknown>)[] = [];
/** What the keeper told last, but for blocks. */
let lately = (): string[] => [];
const say = (line: string) => console.log(line);

async function main(): Promise<void> {
  requirePrometheus();
  checkRules();
  say('promtool: the rules are sound, and each alert fires and clears in its tests');

  const fed = await setFedStage(source);
  const { stage, client, turns } = fed;
  ending.push(() => stage.end());
  const { admin, deployment, faults } = stage;
  const { engine, governance } = deployment;
  const gate = await startGate(stage.rpc);
  ending.push(() => gate.end());
  const port = await freePort();
  const ordersFolder = mkdtempSync(join(tmpdir(), 'tidemark-orders-'));
  ending.push(async () => rmSync(ordersFolder, { recursive: true, force: true }));
  const ordersPort = await freePort();
  const serveOrders = () =>
    startOrderService({ rpc: stage.rpc, engine, database: { folder: ordersFolder }, port: ordersPort, pollMs: 50 });
  let orders = await serveOrders();
  ending.push(() => orders.close());
  const common = [
    ...['--rpc', gate.url, '--engine', engine, '--risk-manager', deployment.riskManager, '--vault', deployment.vault],
    ...['--prices', stage.prices, '--orders', `http://127.0.0.1:${ordersPort}`],
  ];
  const governed = ['--governor', governance.governor, '--guardian', governance.emergencyGuardian];
  const told = ['--json', '--poll', '20', '--metrics', `127.0.0.1:${port}`];
  const env = { TIDEMARK_KEEPER_KEY: privateKeyOf(ACCOUNTS.keeper) };
  const start = async (...more: string[]) => {
    const one = new Mortal([MAIN, ...common, ...governed, ...told, ...more], env);
    await one.start();
    ending.push(() => one.kill());
    return one;
  };
  // What a devnet's gas costs, orders do not bring.
  const AT_LOSS = ['--at-loss', 'all'];
  let keeper = await start(...AT_LOSS);
  lately = () =>
    keeper.told
      .filter(({ event, action }) => event !== 'turn' && action?.kind !== 'updateIndices')
      .map((one) => JSON.stringify(one))
      .slice(-8);
  const { names, rules } = quickRules();
  const prometheus = await Prometheus.start(`127.0.0.1:${port}`, rules);
  ending.push(() => prometheus.stop());

  const setBaseFee = (fee: bigint) => admin.setNextBlockBaseFeePerGas({ baseFeePerGas: fee });
  let baseFee = USUAL;
  let connected = true;
  /** A block, and all that it makes feeders and keeper do. */
  const turn = async () => {
    await setBaseFee(baseFee);
    await turns(1);
    if (connected) await keeper.waitForTurn(stage.block);
  };
  const fires = (name: string, step = turn) =>
    waitFor(`${name} fires`, async () => (await prometheus.firing()).has(name), step);
  const clears = (name: string, step = turn) =>
    waitFor(`${name} clears`, async () => !(await prometheus.firing()).has(name), step);
  const seen = new Set<string>();
  /** Brings a fault about, waits until its alerts fire, ends it, and waits until they clear. */
  const fault = async (
    what: string,
    alerts: readonly string[],
    begin: () => unknown,
    end: () => unknown,
    step = turn,
  ) => {
    const began = Date.now();
    await begin();
    for (const name of alerts) await fires(name, step);
    await end();
    for (const name of alerts) await clears(name);
    for (const name of alerts) seen.add(name);
    say(`${alerts.join(', ')}: fired and cleared (${what}), ${((Date.now() - began) / 1000).toFixed(1)} s`);
  };

  // One order through the keeper, so that everything has been counted once.
  await place(UNIT);
  const expressions = dashboardExpressions();
  let empty: string[] = [];
  await waitFor(
    'every expression of the dashboard returns a series',
    async () => {
      const found = await Promise.all(expressions.map((one) => prometheus.series(one)));
      empty = expressions.filter((_, i) => found[i] === 0);
      return empty.length === 0;
    },
    turn,
  ).catch((error) => {
    for (const one of empty) console.error(`no series: ${one}`);
    throw error;
  });
  say(`dashboard: each of ${expressions.length} expressions returns a series`);
  await waitFor('no alert fires', async () => (await prometheus.firing()).size === 0, turn);

  await fault(
    'the keeper spends its ether',
    ['KeeperBalanceLow'],
    () => admin.setBalance({ address: ACCOUNTS.keeper.address, value: parseEther('0.01') }),
    () => admin.setBalance({ address: ACCOUNTS.keeper.address, value: RICH }),
  );
  await fault(
    "Pyth's prices stop",
    ['OracleStale', 'PriceSourceLost'],
    async () => {
      faults.set({ name: 'stale' });
      await stage.mine(70n);
    },
    () => faults.clear(),
  );
  await fault(
    'the order service ends',
    ['OrderServiceLost'],
    () => orders.close(),
    async () => {
      orders = await serveOrders();
    },
  );
  await fault(
    "Chainlink's rounds stop",
    ['OracleNotNormal'],
    async () => {
      faults.set({ name: 'stale', source: 'chainlink' });
      await stage.mine(1_321n);
    },
    () => faults.clear(),
  );
  await fault(
    'the sequencer is down',
    ['SequencerDown'],
    () => faults.set({ name: 'sequencer-down' }),
    async () => {
      faults.clear();
      await turn();
      await stage.mine(601n);
    },
  );
  await fault(
    'USDC is worth less',
    ['UsdcOffPeg'],
    () => faults.set({ name: 'usdc-off-peg' }),
    () => faults.clear(),
  );
  const guardian = await impersonate(governance.emergencyGuardian);
  const pause = (level: number) =>
    guardian.writeContract({
      address: engine,
      abi: derivativesEngineAbi,
      functionName: 'setPauseLevel',
      args: [level],
      gas: 1_000_000n,
    });
  await fault(
    'the guardian pauses',
    ['Paused'],
    () => pause(1),
    () => pause(0),
  );
  const timelock = await asTimelock(stage);
  await fault(
    'a role is granted',
    ['RoleOrUpgradeEvent'],
    async () => {
      const role = keccak256(toHex('GUARDIAN_ROLE'));
      const args = [role, ACCOUNTS.admin.address] as const;
      await timelock.writeContract({
        address: engine,
        abi: derivativesEngineAbi,
        functionName: 'grantRole',
        args,
        gas: 1_000_000n,
      });
    },
    () => stage.mine(3_601n),
  );
  const engineItself = await impersonate(engine);
  const adminItself = connect(stage.rpc, ACCOUNTS.admin);
  const sum = 1_000n * 10n ** 6n;
  const transfer = { address: deployment.usdc, abi: erc20Abi, functionName: 'transfer', gas: 200_000n } as const;
  await fault(
    'USDC leaves the engine',
    ['SolvencyBroken'],
    () => engineItself.writeContract({ ...transfer, args: [ACCOUNTS.admin.address, sum] }),
    () => adminItself.writeContract({ ...transfer, args: [engine, sum] }),
  );
  const reserves = (await admin.getStorageAt({ address: engine, slot: RESERVES_SLOT })) as Hex;
  const setReserves = (value: Hex) => admin.setStorageAt({ address: engine, index: RESERVES_SLOT, value });
  await fault(
    'insurance is gone',
    ['InsuranceLow'],
    () => setReserves(numberToHex((BigInt(reserves) >> 128n) << 128n, { size: 32 })),
    () => setReserves(reserves),
  );

  // An account near its end, later gas at which nobody acts.
  const sub = accountId(client.account.address, 1n);
  const assets = 210n * 10n ** 6n;
  const mint = { address: deployment.usdc, abi: tokenAbi, functionName: 'mint', gas: 200_000n } as const;
  await connect(stage.rpc, ACCOUNTS.faucet).writeContract({ ...mint, args: [client.account.address, assets] });
  await turn();
  await deposit(client, { engine, account: sub, assets, gas: 500_000n });
  await turn();
  await place(UNIT, sub);
  await fault(
    'another keeper is first',
    ['RevertsDear'],
    async () => {
      baseFee = parseGwei('1');
      for (let i = 0; i < 3; i++) await turn();
      await overtake();
    },
    () => {
      baseFee = USUAL;
    },
  );

  await fault(
    'the keeper is killed',
    ['KeeperDown'],
    () => {
      connected = false;
      return keeper.kill();
    },
    async () => {
      keeper = await start();
      connected = true;
    },
    () => new Promise((resolve) => setTimeout(resolve, 200)),
  );
  await fault(
    'gas is dear while an order waits and prices crash',
    ['UnprofitablePilingUp', 'SettlementLag', 'LiquidationLag'],
    async () => {
      baseFee = DEAR;
      await turn();
      await commit(client, {
        engine,
        market: ETH,
        orders: [marketOrder({ account: accountId(client.account.address), sizeDelta: UNIT })],
        gas: 500_000n,
      });
      crashAt = Number(stage.now) + 4;
    },
    async () => {
      await stage.mine(61n);
      baseFee = USUAL;
      // As an exchange's own keeper is run.
      await keeper.kill();
      keeper = await start(...AT_LOSS);
      await fires('OrdersExpired');
    },
  );
  await clears('OrdersExpired');
  seen.add('OrdersExpired');
  say('OrdersExpired: fired and cleared (the order of before was not settled in time)');

  await fault(
    'the RPC is lost',
    ['RpcLost', 'BlockOld'],
    () => {
      connected = false;
      gate.close();
    },
    async () => {
      gate.open();
      connected = true;
    },
    () => new Promise((resolve) => setTimeout(resolve, 200)),
  );
  const secret = env.TIDEMARK_KEEPER_KEY.slice(2);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  if (`${JSON.stringify(keeper.told)}${metrics}`.includes(secret)) throw new Error('The keeper tells its key.');
  const missing = names.filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`No fault shows ${missing.join(', ')}.`);
  say(`monitoring: ${seen.size} alerts fire for their faults and clear after them`);

  /** Commits an order and has the keeper settle it. */
  async function place(sizeDelta: bigint, account = accountId(client.account.address)): Promise<void> {
    const before = keeper.told.length;
    const orders = [marketOrder({ account, sizeDelta })];
    // Asked first, so that a refusal says why.
    await simulateCommit(orders);
    await commit(client, { engine, market: ETH, orders, gas: 500_000n });
    const isSettled = () =>
      keeper.told.slice(before).some(({ event, action }) => event === 'included' && action?.kind === 'settle');
    await waitFor('the order is settled', async () => isSettled(), turn);
  }

  async function simulateCommit(orders: readonly OrderFields[]): Promise<void> {
    const args = [ETH, orders.map(packOrder)] as const;
    const call = { address: engine, abi: derivativesEngineAbi, functionName: 'commit', args } as const;
    await onChain(() => client.simulateContract(call));
  }

  /** Sends what the keeper sends, and comes before it. */
  async function overtake(): Promise<void> {
    const before = keeper.told.length;
    await commit(client, {
      engine,
      market: ETH,
      orders: [marketOrder({ account: accountId(client.account.address), sizeDelta: -UNIT })],
      gas: 500_000n,
    });
    const find = () =>
      keeper.told.slice(before).find(({ event, action }) => event === 'sent' && action?.kind === 'settle') as
        | { hash: Hex }
        | undefined;
    await waitFor('the keeper sends the settlement', async () => find() !== undefined, turn);
    const hash = find()?.hash as Hex;
    const { input, value, r, s, yParity, ...own } = await admin.getTransaction({ hash });
    // A block takes what came first, first.
    await admin.dropTransaction({ hash });
    await adminItself.sendTransaction({ to: engine, data: input, value, gas: 3_000_000n });
    const { nonce, gas, maxFeePerGas, maxPriorityFeePerGas, chainId } = own as TransactionEIP1559;
    const fields = { to: engine, data: input, value, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, chainId };
    await admin.sendRawTransaction({
      serializedTransaction: serializeTransaction(fields as TransactionSerializableEIP1559, {
        r,
        s,
        yParity: yParity as number,
      }),
    });
    await waitFor(
      "the keeper's own reverts",
      async () => keeper.told.slice(before).some(({ event }) => event === 'reverted'),
      turn,
    );
  }

  async function impersonate(address: Hex) {
    await admin.impersonateAccount({ address });
    await admin.setBalance({ address, value: parseEther('1') });
    return connect(stage.rpc, toAccount(address));
  }
}

try {
  await main();
} catch (error) {
  console.error(toLine(error));
  for (const line of lately()) console.error(line);
  process.exitCode = 1;
} finally {
  for (const end of ending.splice(0).reverse()) await end();
}
