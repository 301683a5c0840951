import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerBounds, link, MARKETS, readArtifact, verifyHandOver } from '@tidemark/deploy';
import { type Keeper, type KeeperEvent, startKeeper } from '@tidemark/keeper';
import { type Gateway, openStore, startGateway } from '@tidemark/metadata';
import {
  accountId,
  derivativesEngineAbi,
  divideReserves,
  emergencyGuardianAbi,
  encodeMetadata,
  fetchMetadata,
  getHealth,
  getMarket,
  getMarketConfig,
  getMarketCount,
  getOracle,
  getPool,
  getPosition,
  getQueue,
  getReserves,
  governanceAbi,
  governanceTokenAbi,
  marketOrder,
  onChain,
  type ProposalMetadata,
  parseDescription,
  previewOrder,
  priceOracleAbi,
  pythAbi,
  settle,
  toDescription,
  treasuryAbi,
} from '@tidemark/sdk';
import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  type Hash,
  type Hex,
  parseAbi,
  parseEventLogs,
  parseUnits,
  zeroAddress,
} from 'viem';
import type { HDAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ACCOUNTS, privateKeyOf } from '../src/accounts.ts';
import { CHAIN_ID, connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { writeUpdate } from '../src/feeds/accumulatorWriter.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { sendBySafe } from '../src/safes.ts';
import { ETH, type FedStage, setFedStage, UNIT } from './fedStage.ts';
import { WAVE_START } from './waveSource.ts';

// A proposal of each kind on a running chain: from its metadata to the exchange that behaves otherwise. The holders vote,
// the keeper queues and executes.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const DAY = 86_400n;
const SOL = 1n;
const FOR = 1;
const AGAINST = 0;
const State = { Defeated: 3, Queued: 5, Executed: 7 } as const;
/** USD, 8 decimals; they stand still. */
const PRICES: Readonly<Record<string, bigint>> = { ETH: 2_000n * 10n ** 8n, SOL: 150n * 10n ** 8n };
const source: PriceSource = {
  name: 'model',
  symbols: ['ETH'],
  start: WAVE_START,
  quoteAt: (symbol, time) => {
    const price = PRICES[symbol];
    return price === undefined ? undefined : { price, confidence: price / 4_000n, publishTime: time };
  },
  close: async () => {},
};
const transmitAbi = parseAbi(['function transmit(int192 answer, uint64 updatedAt)']);
const upgradeAbi = parseAbi(['function upgradeToAndCall(address implementation, bytes data) payable']);
const { liquidityProvider: contributor, wallet: community } = ACCOUNTS;
/** The second has given the first its votes. */
const [backer, provider] = ACCOUNTS.traders;
const GAS = 5_000_000n;

interface Action {
  readonly target: Address;
  readonly data: Hex;
}
type Vote = (proposal: bigint) => Promise<Hash>;

const folder = mkdtempSync(join(tmpdir(), 'tidemark-governance-'));
const events: KeeperEvent[] = [];
let waiting: { block: bigint; resolve: () => void }[] = [];
let reached = -1n;
let fed: FedStage;
let keeper: Keeper;
let gateway: Gateway;
/** Chainlink's aggregators of what is priced. */
const aggregators: Record<string, Address> = {};

const at = () => ({ engine: fed.stage.deployment.engine });
const client = (who: HDAccount) => connect(fed.stage.rpc, who);
const governor = () => ({ address: fed.stage.deployment.governance.governor, abi: governanceAbi });
const stateOf = (id: bigint) => fed.stage.admin.readContract({ ...governor(), functionName: 'state', args: [id] });

/** A block, and everything it makes the keeper do. */
async function next(seconds?: bigint): Promise<void> {
  await fed.stage.mine(seconds);
  const block = fed.stage.block;
  if (reached < block) await new Promise<void>((resolve) => waiting.push({ block, resolve }));
}

/** A block at a time, in which every price source says what it did. */
async function nextAt(time: bigint): Promise<void> {
  const { state, deployment } = fed.stage;
  const feeder = client(ACCOUNTS.feeder);
  const write = (address: Address, answer: bigint) =>
    feeder.writeContract({ address, abi: transmitAbi, functionName: 'transmit', args: [answer, time], gas: 200_000n });
  for (const [symbol, aggregator] of Object.entries(aggregators)) await write(aggregator, PRICES[symbol] as bigint);
  await write(state.doubles.usdcFeed.aggregator, 10n ** 8n);
  await feeder.writeContract({
    address: deployment.pyth,
    abi: pythAbi,
    functionName: 'updatePriceFeeds',
    args: [[await updateAt(time, ...Object.keys(aggregators))]],
    value: BigInt(Object.keys(aggregators).length),
    gas: GAS,
  });
  await next(time - fed.stage.now);
}

function updateAt(time: bigint, ...symbols: string[]): Promise<Hex> {
  const publishTime = Number(time);
  const messages = symbols.map((symbol) => {
    const { price, confidence } = source.quoteAt(symbol, publishTime) as { price: bigint; confidence: bigint };
    const id = MARKETS[symbol]?.feedId as Hex;
    return { id, price, confidence, expo: -8, publishTime, prevPublishTime: publishTime - 1 };
  });
  return writeUpdate(messages);
}

/** Includes a transaction. */
async function included(sending: Promise<Hash>) {
  const hash = await sending;
  await next();
  const receipt = await fed.stage.admin.getTransactionReceipt({ hash });
  expect(receipt.status).toBe('success');
  return receipt;
}

async function create(name: string, args: readonly unknown[], file = name): Promise<Address> {
  const { abi, bytecode } = link(readArtifact(name, file), fed.stage.deployment.code);
  const data = encodeDeployData({ abi, bytecode, args });
  const { contractAddress } = await included(fed.stage.admin.sendTransaction({ data, gas: 20_000_000n }));
  return contractAddress as Address;
}

const engineCall = (functionName: string, ...args: unknown[]): Action => ({
  target: fed.stage.deployment.engine,
  data: encodeFunctionData({ abi: derivativesEngineAbi as Abi, functionName, args }),
});
const oracleCall = (functionName: string, ...args: unknown[]): Action => ({
  target: fed.stage.deployment.oracle,
  data: encodeFunctionData({ abi: priceOracleAbi as Abi, functionName, args }),
});

/** A change of ETH's parameters. */
async function parametersOf(changes: Partial<Awaited<ReturnType<typeof getMarketConfig>>>, duration: bigint) {
  const market = { ...at(), market: ETH };
  const config = await getMarketConfig(fed.stage.admin, market);
  const { keeperFeeCents } = await getQueue(fed.stage.admin, market);
  return engineCall('scheduleParameters', ETH, { ...config, ...changes, flags: 0 }, keeperFeeCents, duration);
}

const cast =
  (who: HDAccount, support: number): Vote =>
  (id) =>
    client(who).writeContract({ ...governor(), functionName: 'castVote', args: [id, support], gas: GAS });

/** Votes otherwise than the delegate, with one's own tokens alone. */
const override =
  (who: HDAccount, support: number): Vote =>
  (id) =>
    client(who).writeContract({
      ...governor(),
      functionName: 'castOverrideVote',
      args: [id, support, 'not in my name'],
      gas: GAS,
    });

/** A vote that is signed by one and sent by another. */
const castBySignature =
  (who: HDAccount, support: number): Vote =>
  async (id) => {
    const voter = who.address;
    const nonce = await fed.stage.admin.readContract({ ...governor(), functionName: 'nonces', args: [voter] });
    const signature = await who.signTypedData({
      domain: {
        name: 'Tidemark Governance',
        version: '1',
        chainId: CHAIN_ID,
        verifyingContract: governor().address,
      },
      types: {
        Ballot: [
          { name: 'proposalId', type: 'uint256' },
          { name: 'support', type: 'uint8' },
          { name: 'voter', type: 'address' },
          { name: 'nonce', type: 'uint256' },
        ],
      },
      primaryType: 'Ballot',
      message: { proposalId: id, support, voter, nonce },
    });
    const args = [id, support, voter, signature] as const;
    return fed.stage.admin.writeContract({ ...governor(), functionName: 'castVoteBySig', args, gas: GAS });
  };

/** Proposes, its metadata in the block store. @returns The proposal. */
async function propose(who: HDAccount, title: string, actions: readonly Action[]): Promise<bigint> {
  const metadata: ProposalMetadata = { version: 1, title, summary: `${title}.`, body: `# ${title}`, links: [] };
  const url = `http://127.0.0.1:${gateway.port}`;
  const body = Buffer.from(encodeMetadata(metadata));
  const answer = await fetch(`${url}/blocks`, { method: 'POST', body });
  expect(answer.status).toBe(201);
  const { cid } = (await answer.json()) as { cid: string };
  const args = [
    actions.map(({ target }) => target),
    actions.map(() => 0n),
    actions.map(({ data }) => data),
    toDescription(`0x${cid.slice(-64)}`, who.address),
  ] as const;
  const call = { ...governor(), functionName: 'propose', args } as const;
  await onChain(() => client(who).simulateContract(call));
  const { logs } = await included(client(who).writeContract({ ...call, gas: GAS }));
  const created = parseEventLogs({ abi: governanceAbi, eventName: 'ProposalCreated', logs });
  const [{ proposalId, description }] = created.map(({ args }) => args) as [(typeof created)[number]['args']];
  // What a reader does who has nothing but the chain and a gateway.
  const { digest, proposer } = parseDescription(description);
  expect(proposer).toBe(who.address);
  expect(await fetchMetadata({ gateways: [url], digest })).toEqual(metadata);
  return proposalId;
}

/** Lets the holders vote on a proposal, and the keeper queue it. */
async function vote(id: bigint, votes: readonly Vote[]): Promise<void> {
  const read = (functionName: 'proposalSnapshot' | 'proposalDeadline') =>
    fed.stage.admin.readContract({ ...governor(), functionName, args: [id] });
  await nextAt((await read('proposalSnapshot')) + 1n);
  for (const one of votes) await included(one(id));
  await nextAt((await read('proposalDeadline')) + 1n);
  await next();
}

/** Waits for a queued proposal's time, a second less first, and lets the keeper execute it. */
async function execute(id: bigint): Promise<void> {
  const eta = await fed.stage.admin.readContract({ ...governor(), functionName: 'proposalEta', args: [id] });
  await nextAt(eta - 1n);
  await next(1n);
  expect(await stateOf(id), 'not before its time').toBe(State.Queued);
  await next();
}

/** From the proposal to its execution. @returns Chain seconds that it took. */
async function decide(who: HDAccount, title: string, actions: readonly Action[], votes: readonly Vote[]) {
  const begun = fed.stage.now;
  const id = await propose(who, title, actions);
  await vote(id, votes);
  expect(await stateOf(id)).toBe(State.Queued);
  await execute(id);
  expect(await stateOf(id)).toBe(State.Executed);
  const done = events.flatMap((one) => (one.event === 'included' && 'proposal' in one.action ? [one.action] : []));
  expect(done.filter(({ proposal }) => proposal === id).map(({ kind }) => kind)).toEqual([
    'queueProposal',
    'executeProposal',
  ]);
  return fed.stage.now - begun;
}

/** Enough for everything. */
const BOTH = [cast(contributor, FOR), cast(backer, FOR)];

beforeAll(async () => {
  fed = await setFedStage(source);
  const { stage } = fed;
  aggregators.ETH = stage.state.doubles.feeds.ETH?.aggregator as Address;
  const store = await openStore({ folder }, () => {});
  gateway = await startGateway({ port: 0, store, maxBlocks: 100, warn: () => {} });
  const { engine, vault, governance } = stage.deployment;
  keeper = await startKeeper({
    rpc: stage.rpc,
    engine,
    vault,
    governor: governance.governor,
    guardian: governance.emergencyGuardian,
    prices: [{ url: stage.prices }],
    privateKey: privateKeyOf(ACCOUNTS.keeper),
    pollMs: 10,
    onEvent: (event) => {
      events.push(event);
      if (event.event !== 'turn') return;
      reached = event.block;
      for (const { block, resolve } of waiting) if (reached >= block) resolve();
      waiting = waiting.filter(({ block }) => block > reached);
    },
  });
});

afterAll(async () => {
  await keeper?.stop();
  await gateway?.close();
  await fed?.stage.end();
  rmSync(folder, { recursive: true, force: true });
});

describe('after the deployment', () => {
  it('the exchange is the governor’s, and the deployer holds nothing', async () => {
    const { admin, deployment } = fed.stage;
    const me = admin.account?.address as Address;
    const roles = await verifyHandOver(admin, deployment);
    expect(roles.some(({ holder }) => holder === me)).toBe(false);
    const token = { address: deployment.governance.token, abi: governanceTokenAbi } as const;
    expect(await admin.readContract({ ...token, functionName: 'balanceOf', args: [me] })).toBe(0n);
  });
});

describe('a proposal changes', () => {
  it('a parameter, by a vote, a signature, and an override of a delegate', async () => {
    const { admin, deployment } = fed.stage;
    const fee = async () => {
      const mid = (PRICES.ETH as bigint) * 10n ** 10n;
      const price = { mid, lo: mid, hi: mid, halfWidth: 0n, publishTime: fed.stage.now, state: 0 };
      const order = marketOrder({ account: accountId(backer.address), sizeDelta: UNIT });
      const { riskManager } = deployment;
      const [preview] = await previewOrder(admin, { riskManager, market: ETH, order, price });
      return preview.fee;
    };
    const before = await fee();
    const action = await parametersOf({ takerFeePpm: 600 }, DAY);
    const took = await decide(
      contributor,
      'Raise the taker fee',
      [action],
      // 250 M against, of which the override turns 100 M: 350 M for.
      [cast(contributor, FOR), cast(backer, AGAINST), override(provider, FOR), castBySignature(community, FOR)],
    );
    expect(took).toBeGreaterThanOrEqual(6n * DAY);
    await nextAt(fed.stage.now + DAY);
    await included(
      client(backer).writeContract({
        address: deployment.engine,
        abi: derivativesEngineAbi,
        functionName: 'advanceParameters',
        args: [ETH],
        gas: GAS,
      }),
    );
    expect((await getMarketConfig(admin, { ...at(), market: ETH })).takerFeePpm).toBe(600);
    expect(await fee()).toBe((before * 6n) / 5n);
  });

  it('nothing when the delegate is not overridden', async () => {
    const action = await parametersOf({ takerFeePpm: 700 }, DAY);
    const id = await propose(contributor, 'Raise the taker fee again', [action]);
    await vote(id, [cast(contributor, FOR), cast(backer, AGAINST)]);
    expect(await stateOf(id)).toBe(State.Defeated);
  });

  it('risk, on a ramp', async () => {
    const { admin, deployment } = fed.stage;
    const { riskManager } = deployment;
    const account = accountId(backer.address);
    const maintenance = async () => (await getHealth(admin, { riskManager, account })).maintenanceMargin;
    const advance = (time: bigint) =>
      nextAt(time).then(() =>
        included(
          client(backer).writeContract({
            address: deployment.engine,
            abi: derivativesEngineAbi,
            functionName: 'advanceParameters',
            args: [ETH],
            gas: GAS,
          }),
        ),
      );
    const before = await maintenance();
    const action = await parametersOf({ maintenanceMarginBps: 800 }, 2n * DAY);
    expect(await decide(backer, 'Ask for more margin', [action], BOTH)).toBeGreaterThanOrEqual(9n * DAY);
    const begun = fed.stage.now;
    expect(await maintenance()).toBe(before);
    await advance(begun + DAY);
    const half = await maintenance();
    await advance(begun + 2n * DAY);
    expect(half).toBeGreaterThan(before);
    expect(await maintenance()).toBeGreaterThan(half);
    expect((await getMarketConfig(admin, { ...at(), market: ETH })).maintenanceMarginBps).toBe(800);
  });

  it('who has the treasury’s money', async () => {
    const { admin, deployment } = fed.stage;
    const { usdc, engine, governance } = deployment;
    const { treasury } = governance;
    const token = { address: usdc, abi: tokenAbi } as const;
    const balance = (who: Address) => admin.readContract({ ...token, functionName: 'balanceOf', args: [who] });
    const funds = [treasury, parseUnits('1000', 6)] as const;
    await included(
      client(ACCOUNTS.faucet).writeContract({ ...token, functionName: 'mint', args: funds, gas: 200_000n }),
    );
    await included(divideReserves(client(backer), { engine, gas: GAS }));
    const fees = (await getReserves(admin, at())).treasury / 10n ** 12n;
    expect(fees).toBeGreaterThan(0n);
    const payee = ACCOUNTS.stewards[0]?.address as Address;
    const pay = {
      target: treasury,
      data: encodeFunctionData({ abi: treasuryAbi, functionName: 'pay', args: [usdc, payee, 10n ** 8n] }),
    };
    const took = await decide(contributor, 'Pay for an audit', [engineCall('payTreasury', treasury, fees), pay], BOTH);
    expect(took).toBeGreaterThanOrEqual(9n * DAY);
    expect(await balance(payee)).toBe(10n ** 8n);
    expect(await balance(treasury)).toBe(parseUnits('900', 6) + fees);
  });

  it('nothing when what it changes has changed meanwhile, which the keeper tells once', async () => {
    const of = async (takerFeePpm: number) => [await parametersOf({ takerFeePpm }, DAY)];
    const first = await propose(contributor, 'Lower the taker fee', await of(500));
    const second = await propose(backer, 'Lower the taker fee further', await of(400));
    await vote(second, [...BOTH, ...BOTH.map((one) => () => one(first))]);
    await execute(first);
    await next();
    for (let hours = 0; hours < 3; hours++) await nextAt(fed.stage.now + 3600n);
    expect(await stateOf(first)).toBe(State.Executed);
    expect(await stateOf(second)).toBe(State.Queued);
    const refusals = events.flatMap((one) =>
      one.event === 'refused' && one.action.kind === 'executeProposal' ? [one] : [],
    );
    expect(refusals.map(({ action, why }) => [action.key, (why as { error?: string }).error])).toEqual([
      [`executeProposal ${second}`, 'BeforeChanged'],
    ]);
    const waits = events.flatMap((one) =>
      one.event === 'waiting' && one.waiting.proposal === second ? [one.waiting.waits] : [],
    );
    expect(waits).toEqual(['to be queued', 'for its time', 'to be executed']);
  });

  it('the markets, whose feeds are asked', async () => {
    const { admin, deployment } = fed.stage;
    const known = MARKETS.SOL as (typeof MARKETS)[string];
    const { minAnswer, maxAnswer } = answerBounds(known);
    const feeder = ACCOUNTS.feeder.address;
    const aggregator = await create(
      'AggregatorDouble',
      ['SOL / USD', 8, minAnswer, maxAnswer, feeder],
      'ChainlinkDouble',
    );
    const chainlink = await create('AggregatorProxyDouble', [aggregator, feeder], 'ChainlinkDouble');
    const { feedId: pythId, heartbeat, thresholdPpm, haltPpm, strainConfidencePpm, floor, ceiling } = known;
    const feed = {
      pythId,
      chainlink,
      heartbeat,
      thresholdPpm,
      haltPpm,
      strainConfidencePpm,
      decimals: 0,
      floor,
      ceiling,
    };
    const actions = [
      oracleCall('proposeFeed', SOL, feed),
      oracleCall('acceptFeed', SOL),
      engineCall('listMarket', { ...known.parameters, flags: 0 }, known.keeperFeeCents),
    ];
    await expect(propose(contributor, 'List SOL', actions)).rejects.toMatchObject({ error: 'FeedRefused' });
    aggregators.SOL = aggregator;
    await nextAt(fed.stage.now + 2n);
    expect(await decide(contributor, 'List SOL', actions, BOTH)).toBeGreaterThanOrEqual(6n * DAY);
    expect(await getMarketCount(admin, at())).toBe(2n);
    const update = [await updateAt(fed.stage.now, 'SOL')];
    await included(
      client(backer).writeContract({
        address: deployment.engine,
        abi: derivativesEngineAbi,
        functionName: 'updateIndices',
        args: [1n << SOL, update],
        value: 1n,
        gas: GAS,
      }),
    );
    expect((await getMarket(admin, { ...at(), market: SOL })).index).toBe((PRICES.SOL as bigint) * 10n ** 10n);
  });

  it('the engine’s code, which then trades by another oracle', async () => {
    const { admin, state, deployment } = fed.stage;
    const { engine, usdc, pyth } = deployment;
    const me = admin.account?.address as Address;
    const old = { address: deployment.oracle, abi: priceOracleAbi } as const;
    const oracle = await create('PriceOracle', [pyth, state.uptimeProxy, zeroAddress, me]);
    await nextAt(fed.stage.now + 2n);
    for (const market of [ETH, SOL]) {
      const feed = await admin.readContract({ ...old, functionName: 'getFeed', args: [market] });
      const another = { ...old, address: oracle, gas: GAS } as const;
      await included(admin.writeContract({ ...another, functionName: 'proposeFeed', args: [market, feed] } as never));
      await included(admin.writeContract({ ...another, functionName: 'acceptFeed', args: [market] } as never));
    }
    const desk = await create('OrderDesk', [oracle, usdc]);
    const deleverager = await create('Deleverager', [oracle, usdc, desk]);
    const extension = await create('EngineExtension', [oracle, usdc, deleverager]);
    const liquidator = await create('Liquidator', [oracle, usdc]);
    const logic = await create('DerivativesEngine', [oracle, usdc, extension, liquidator, desk]);
    const data = encodeFunctionData({ abi: upgradeAbi, functionName: 'upgradeToAndCall', args: [logic, '0x'] });
    const took = await decide(contributor, 'Take another oracle', [{ target: engine, data }], BOTH);
    expect(took).toBeGreaterThanOrEqual(16n * DAY);
    expect((await getOracle(admin, at())).toLowerCase()).toBe(oracle);
    const account = accountId(backer.address);
    const size = async () => (await getPosition(admin, { ...at(), account, market: ETH })).size;
    const before = await size();
    await nextAt(fed.stage.now + 2n);
    const call = await fed.order(UNIT);
    await included(settle(client(community), call));
    expect(await size()).toBe(before + UNIT);
  });
});

describe('the guardian’s Safe', () => {
  it('pauses, and the keeper ends the pause in time', async () => {
    const { admin, deployment } = fed.stage;
    const { guardian, emergencyGuardian: to } = deployment.governance;
    const data = encodeFunctionData({ abi: emergencyGuardianAbi, functionName: 'pause', args: [1] });
    const sender = client(ACCOUNTS.admin);
    await expect(sendBySafe(sender, guardian, ACCOUNTS.guardians.slice(0, 2), { to, data })).rejects.toThrow();
    await included(sendBySafe(sender, guardian, ACCOUNTS.guardians.slice(1, 4), { to, data }));
    expect((await getPool(admin, at())).pauseLevel).toBe(1);
    await nextAt(fed.stage.now + 7n * DAY);
    await next();
    expect((await getPool(admin, at())).pauseLevel).toBe(0);
    expect(events.filter((one) => one.event === 'included' && one.action.kind === 'expirePause')).toHaveLength(1);
  });
});
