import {
  accountId,
  deposit,
  derivativesEngineAbi,
  getClaims,
  getMarket,
  getPool,
  getPosition,
  getShareSupply,
  liquidityVaultAbi,
  onChain,
  priceOracleAbi,
  requestDeposit,
  settle,
} from '@tidemark/sdk';
import { type Abi, type Address, type Hash, type Hex, keccak256, parseEventLogs, parseUnits, stringToHex } from 'viem';
import { expect } from 'vitest';
import { PriceState } from '../../sdk/src/math/index.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import type { FaultRequest } from '../src/faults/faults.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { asTimelock } from './asTimelock.ts';
import { REASONS, type USES } from './faultRefusals.ts';
import { type Brought, ETH, setFedStage, UNIT } from './fedStage.ts';
import { WAVE_START } from './waveSource.ts';

/** The columns of the table, and what each asks the price for. */
export const ACTIONS = {
  open: 'settle',
  reduce: 'settle',
  'close at once': 'close',
  'liquidate the weak': 'liquidate',
  'liquidate the sunk': 'liquidate',
  withdraw: 'withdraw',
  'settle an epoch': 'liquidity',
  deleverage: 'deleverage',
  crystallise: 'crystallise',
  'set the index': 'index',
} as const satisfies Readonly<Record<string, keyof typeof USES>>;
export type Action = keyof typeof ACTIONS;

/** A row of the table, and how it comes about. */
export interface Row {
  readonly state: keyof typeof PriceState;
  readonly reason: keyof typeof REASONS;
  readonly faults: readonly FaultRequest[];
  /** One letter for each action. */
  readonly cells: string;
}

type Sources = Pick<Row, 'faults'>;

/** Where an action begins: with a pool that can pay; or with one that is emptied, and owes one who has won. */
export type Pool = 'able to pay' | 'in debt';

interface Call {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

/** Of the trader's accounts: two whose margin a fall uses up, and one that wins by it. */
const WEAK = 1n;
const SUNK = 2n;
const WINNER = 3n;
const MARGINS = new Map([
  [0n, 1_000_000n],
  [WEAK, 3_000n],
  [SUNK, 2_200n],
  [WINNER, 5_000n],
]);
/** USD, 8 decimals: where everything begins, and where it falls to. */
const BEFORE = 2_000n * 10n ** 8n;
const PRICE = 1_750n * 10n ** 8n;
/** Base units: what is to be opened, more than half the caps permit. */
const OPENED = 1_500n * UNIT;
/** Seconds without a price after which Pyth is silent, and after which no mean is ready. */
const SILENCE = 301n;
const MEAN_AGE = 601n;
const GRACE = 600n;
const HOUR = 3600n;
/** As in the contracts' enumeration Sequencer: in the grace, or down. */
const CAUGHT = [1, 2];
const NORMAL: Sources = { faults: [] };
const NOTHING: Brought = { update: [], value: 0n };
/** A contract's calls by name and arguments. */
const callsOf =
  (address: Address, abi: Abi) =>
  (functionName: string, ...args: unknown[]): Call => ({ address, abi, functionName, args });
const usdc = (amount: bigint) => parseUnits(`${amount}`, 6);
const role = (name: string) => keccak256(stringToHex(name));

const isSilent = ({ faults }: Sources) => faults.some(({ name, source }) => name === 'stale' && source === 'pyth');

export type TableStage = Awaited<ReturnType<typeof setTableStage>>;

/** A fed stage on which each action of the table would be done, and a mean is ready. */
export async function setTableStage() {
  /** Prices, each from a chain time on. */
  const prices = [{ from: 0n, price: BEFORE }];
  const priceAt = (time: number) => prices.findLast(({ from }) => from <= time)?.price as bigint;
  const source: PriceSource = {
    name: 'model',
    symbols: ['ETH'],
    start: WAVE_START,
    quoteAt: (_, time) => ({ price: priceAt(time), confidence: 5n * 10n ** 7n, publishTime: time }),
    close: async () => {},
  };
  const fed = await setFedStage(source);
  const { stage, client, turns } = fed;
  const { deployment, admin, mine, faults } = stage;
  const { engine, vault } = deployment;
  const timelock = await asTimelock(stage);
  const guardian = connect(stage.rpc, ACCOUNTS.delegate);
  const provider = connect(stage.rpc, ACCOUNTS.liquidityProvider);
  const trader = client.account.address;
  const first = accountId(trader);
  const weak = accountId(trader, WEAK);
  const sunk = accountId(trader, SUNK);
  const winner = accountId(trader, WINNER);
  const at = { engine };
  const market = () => getMarket(admin, { ...at, market: ETH });
  const ofEngine = callsOf(engine, derivativesEngineAbi);
  const ofOracle = callsOf(deployment.oracle, priceOracleAbi);
  const ofVault = callsOf(vault, liquidityVaultAbi);
  const ofToken = callsOf(deployment.usdc, tokenAbi);

  /** Includes a transaction. @returns Its logs. */
  async function included(sending: Promise<Hash>) {
    const hash = await sending;
    await mine();
    const { logs, status } = await admin.getTransactionReceipt({ hash });
    expect(status).toBe('success');
    return logs;
  }
  const send = (from: Pick<typeof admin, 'writeContract'>, call: Call, value = 0n) =>
    included(from.writeContract({ ...call, value, gas: 5_000_000n } as never));

  /** What is brought along in a row: nothing while Pyth is silent. */
  const broughtIn = async (row: Sources) => (isSilent(row) ? NOTHING : fed.served());

  const explain = () =>
    admin.readContract({ address: deployment.oracle, abi: priceOracleAbi, functionName: 'explain', args: [ETH] });

  /** Has the oracle observe. @returns What is told of the market's state. */
  async function observe(row: Sources) {
    const { update, value } = await broughtIn(row);
    const logs = await send(client, ofOracle('observe', 1n << ETH, update, trader), value);
    return parseEventLogs({ abi: priceOracleAbi, eventName: 'StateObserved', logs }).map(({ args }) => args);
  }

  /** Lets the sources say what they do, and it be in a block. */
  async function heard() {
    await turns(2);
    await mine();
  }

  async function mineUntil(time: bigint) {
    if (time > stage.now) await mine(time - stage.now);
  }

  /** Ends what would outlast a row and hide the next. @returns What is remembered of it. */
  async function leave(next: Row) {
    const { standing, sequencer } = await explain();
    faults.clear();
    if (standing.halt === REASONS.Guardian) await send(timelock, ofOracle('releaseMarket', ETH));
    if (CAUGHT.includes(sequencer) && next.state !== 'SequencerDown') {
      await heard();
      await mine(GRACE);
    }
    if (PriceState[next.state] <= PriceState.Strained) await mineUntil(BigInt(standing.breakerUntil));
    return standing;
  }

  /** Both sources rise by more than a tenth within 60 s, and fall back. */
  async function tripBreaker(row: Row) {
    await mine(30n);
    await heard();
    await observe(row);
    for (const source of ['pyth', 'chainlink'] as const) faults.set({ name: 'diverging', source, factor: 1.12 });
    await mine(26n);
    await heard();
    await observe(row);
    faults.clear();
  }

  /** Brings the sources from any row into another. */
  async function enter(row: Row) {
    const { reason, breakerUntil } = await leave(row);
    const silent = reason === REASONS.QuoteSilent || reason === REASONS.NoSource;
    if (row.reason === 'Guardian') await send(guardian, ofOracle('haltMarket', ETH));
    if (row.reason === 'Breaker' && breakerUntil <= stage.now) await tripBreaker(row);
    for (const fault of row.faults) faults.set(fault);
    if (row.state === 'Halted' && isSilent(row)) await mine(MEAN_AGE);
    else if (isSilent(row) && !silent) await mine(SILENCE);
    await heard();
  }

  const calls: Record<Exclude<Action, 'open' | 'reduce'>, (update: readonly Hex[]) => Call> = {
    'close at once': (update) => ofEngine('closeNow', first, ETH, UNIT, 0n, update),
    'liquidate the weak': (update) => ofEngine('liquidate', weak, update),
    'liquidate the sunk': (update) => ofEngine('liquidate', sunk, update),
    withdraw: (update) => ofEngine('withdraw', first, 1n, trader, update),
    'settle an epoch': (update) => ofVault('settleEpoch', update),
    deleverage: (update) => ofEngine('deleverage', ETH, update),
    crystallise: (update) => ofEngine('crystallise', first, ETH, update),
    'set the index': (update) => ofEngine('updateIndices', 1n << ETH, update),
  };

  const sizeOf = async (account: Hex) => (await getPosition(admin, { ...at, account, market: ETH })).size;
  /** What an action changes. */
  const effects: Record<Action, () => Promise<bigint>> = {
    open: () => sizeOf(first),
    reduce: () => sizeOf(first),
    'close at once': () => sizeOf(first),
    'liquidate the weak': () => sizeOf(weak),
    'liquidate the sunk': () => sizeOf(sunk),
    withdraw: () =>
      admin.readContract({ address: deployment.usdc, abi: tokenAbi, functionName: 'balanceOf', args: [trader] }),
    'settle an epoch': () => getShareSupply(admin, { vault }),
    deleverage: async () => (await market()).longs,
    crystallise: async () => (await getClaims(admin, at)).outstanding,
    'set the index': async () => (await market()).index,
  };

  /** Tries a call at what is brought in a row. @throws {ContractRefusedError} When it is refused. */
  async function attempt(row: Sources, callAt: (update: readonly Hex[]) => Call) {
    const { update, value } = await broughtIn(row);
    const call = callAt(update);
    await onChain(() => client.simulateContract({ ...call, value } as never));
    return send(client, call, value);
  }

  /** Commits an order and tries to settle it; while Pyth is silent at Chainlink's first answer since. */
  async function attemptOrder(row: Row, sizeDelta: bigint) {
    const { batches } = await fed.order(sizeDelta);
    if (isSilent(row)) {
      prices.push({ from: stage.now, price: (priceAt(Number(stage.now)) * 1002n) / 1000n });
      await mine(12n);
      await heard();
    }
    return attempt(row, (update) => ofEngine('settle', ETH, batches, update));
  }

  // Positions at the first price, and a deposit that waits for its epoch.
  const faucet = connect(stage.rpc, ACCOUNTS.faucet);
  await send(faucet, ofToken('mint', trader, usdc(2_000_000n)));
  for (const [sub, margin] of MARGINS) {
    await included(deposit(client, { ...at, account: accountId(trader, sub), assets: usdc(margin), gas: 500_000n }));
  }
  for (const [sub, size] of [
    [WEAK, 10n],
    [SUNK, 10n],
    [WINNER, -10n],
  ] as const) {
    await included(settle(client, await fed.order(size * UNIT, sub)));
  }
  const owner = provider.account.address;
  await send(faucet, ofToken('mint', owner, usdc(1_000n)));
  await included(requestDeposit(provider, { vault, assets: usdc(1_000n), controller: owner, owner, gas: 500_000n }));
  await send(timelock, ofEngine('grantRole', role('VAULT_ROLE'), timelock.account.address));
  await send(timelock, ofOracle('grantRole', role('GUARDIAN_ROLE'), guardian.account.address));

  // The fall, and a mean after it, in the next hour.
  prices.push({ from: stage.now, price: PRICE });
  await mineUntil((stage.now / HOUR + 1n) * HOUR + 15n);
  for (let i = 0; i < 32; i++) {
    await heard();
    await observe(NORMAL);
    await mine(22n);
  }
  await heard();

  /** Keeps what is. @returns Brings it back, prices included. */
  async function keep() {
    const back = await stage.keep();
    const known = prices.length;
    return async () => {
      prices.splice(known);
      await back();
    };
  }
  const beginning = await keep();

  return {
    ...fed,
    explain,
    observe,
    enter,
    mineUntil,
    included,
    /** The whole price of now, USD, 18 decimals. */
    price: () => priceAt(Number(stage.now)) * 10n ** 10n,
    /** Back to where everything begins. */
    async begin(pool: Pool = 'able to pay') {
      faults.clear();
      await beginning();
      if (pool === 'able to pay') return;
      const { cash } = await getPool(admin, at);
      await send(timelock, ofEngine('removeLiquidity', cash - parseUnits('100', 18)));
      await attempt(NORMAL, (update) => ofEngine('closeNow', winner, ETH, 2n ** 88n - 1n, 2n ** 96n - 1n, update));
    },
    keep,
    effectOf: (action: Action) => effects[action](),
    /** Does an action, as far as it is permitted. @throws {ContractRefusedError} When it is refused. */
    attempt: (action: Action, row: Row) => {
      if (action === 'open') return attemptOrder(row, OPENED);
      if (action === 'reduce') return attemptOrder(row, -UNIT / 2n);
      return attempt(row, calls[action]);
    },
    flag: (row: Row) => attempt(row, (update) => ofEngine('flag', weak, update)),
    opened: OPENED,
  };
}
