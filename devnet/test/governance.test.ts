import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerBounds, link, MARKETS, readArtifact, verifyHandOver } from '@tidemark/deploy';
import { type Keeper, type KeeperEvent, ROLES, startKeeper } from '@tidemark/keeper';
import { type Gateway, openStore, startGateway } from '@tidemark/metadata';
import {
  accountId,
  type ContractRefusedError,
  castOverrideVote,
  castVote,
  castVoteBySig,
  divideReserves,
  emergencyGuardianAbi,
  fetchMetadata,
  getHealth,
  getMarket,
  getMarketConfig,
  getMarketCount,
  getMarketParameters,
  getOracle,
  getPool,
  getPosition,
  getProposal,
  getReserves,
  getTokenBalance,
  governanceAbi,
  type MarketConfig,
  marketOrder,
  ProposalKind,
  type ProposalPart,
  ProposalState,
  Proposals,
  parseDescription,
  previewOrder,
  priceOracleAbi,
  pythAbi,
  Support,
  propose as sendProposal,
  settle,
  signVote,
  updateIndices,
  widen,
} from '@tidemark/sdk';
import {
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
import { getLogs, getTransaction } from 'viem/actions';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
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
const { liquidityProvider: contributor, wallet: community } = ACCOUNTS;
/** The second has given the first its votes. */
const [backer, provider] = ACCOUNTS.traders;
const GAS = 5_000_000n;
/** Trades in ETH. */
const ACCOUNT = accountId(backer.address);

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
const governor = () => ({ governor: fed.stage.deployment.governance.governor });
const proposal = (proposalId: bigint) => getProposal(fed.stage.admin, { ...governor(), proposalId });
const stateOf = async (id: bigint) => (await proposal(id)).state;

const lower = (address: string) => address.toLowerCase();

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

/** A change of ETH's parameters. */
async function change(changes: Partial<MarketConfig>, duration: bigint): Promise<ProposalPart> {
  const present = await getMarketParameters(fed.stage.admin, { ...at(), market: ETH });
  return Proposals.changeParameters({ ...at(), present, changes, duration });
}

const cast =
  (who: HDAccount, support: Support): Vote =>
  (proposalId) =>
    castVote(client(who), { ...governor(), proposalId, support, gas: GAS });

/** Votes otherwise than the delegate, with one's own tokens alone. */
const override =
  (who: HDAccount, support: Support): Vote =>
  (proposalId) =>
    castOverrideVote(client(who), { ...governor(), proposalId, support, gas: GAS });

/** A vote that is signed by one and sent by another. */
const castBySignature =
  (who: HDAccount, support: Support): Vote =>
  async (proposalId) => {
    const signed = await signVote(client(who), { ...governor(), proposalId, support });
    return castVoteBySig(fed.stage.admin, { ...governor(), ...signed, gas: GAS });
  };

/** Proposes, its metadata in the block store. @returns The proposal. */
async function propose(who: HDAccount, title: string, ...parts: ProposalPart[]): Promise<bigint> {
  const metadata = { version: 1, title, summary: `${title}.`, body: `# ${title}`, links: [] } as const;
  const { actions, description, block, cid, kind } = Proposals.draft(who.address, metadata, ...parts);
  const url = `http://127.0.0.1:${gateway.port}`;
  const stored = await fetch(`${url}/blocks`, { method: 'POST', body: Buffer.from(block) });
  expect(await stored.json()).toEqual({ cid });
  const { logs } = await included(sendProposal(client(who), { ...governor(), actions, description }));
  const created = parseEventLogs({ abi: governanceAbi, eventName: 'ProposalCreated', logs });
  const [{ proposalId, ...told }] = created.map(({ args }) => args) as [(typeof created)[number]['args']];
  // What a reader does who has nothing but the chain and a gateway.
  const { digest, proposer } = parseDescription(told.description);
  expect(proposer).toBe(who.address);
  expect(await fetchMetadata({ gateways: [url], digest })).toEqual(metadata);
  expect((await proposal(proposalId)).kind).toBe(kind);
  return proposalId;
}

/** Lets the holders vote on a proposal, and the keeper queue it. */
async function vote(id: bigint, votes: readonly Vote[]): Promise<void> {
  await nextAt((await proposal(id)).snapshot + 1n);
  for (const one of votes) await included(one(id));
  await nextAt((await proposal(id)).deadline + 1n);
  await next();
}

/** Waits for a queued proposal's time, a second less first, and lets the keeper execute it. */
async function execute(id: bigint): Promise<void> {
  const { eta } = await proposal(id);
  await nextAt(eta - 1n);
  await next(1n);
  expect(await stateOf(id), 'not before its time').toBe(ProposalState.Queued);
  await next();
}

/** Who has queued and executed a proposal. */
async function takenBy(id: bigint, fromBlock: bigint): Promise<string[]> {
  const logs = await getLogs(fed.stage.admin, { address: governor().governor, fromBlock });
  const steps = parseEventLogs({ abi: governanceAbi, eventName: ['ProposalQueued', 'ProposalExecuted'], logs });
  const taken = steps
    .filter(({ args }) => args.proposalId === id)
    .map(({ transactionHash: hash }) => getTransaction(fed.stage.admin, { hash }));
  return (await Promise.all(taken)).map(({ from }) => lower(from));
}

/** Enough for everything. */
const BOTH = [cast(contributor, Support.For), cast(backer, Support.For)];

/** From the proposal to its execution. @returns The proposal, and the chain seconds that it took. */
async function decide(who: HDAccount, title: string, part: ProposalPart, votes: readonly Vote[] = BOTH) {
  const { now: begun, block } = fed.stage;
  const id = await propose(who, title, part);
  await vote(id, votes);
  expect(await stateOf(id)).toBe(ProposalState.Queued);
  await execute(id);
  expect(await stateOf(id)).toBe(ProposalState.Executed);
  const keeper = lower(ACCOUNTS.keeper.address);
  expect(await takenBy(id, block)).toEqual([keeper, keeper]);
  return { id, took: fed.stage.now - begun };
}

/** A block at a time, and the one in which the keeper puts in force what was due of ETH's parameters then. */
async function advanceAt(time: bigint): Promise<void> {
  const told = events.length;
  await nextAt(time);
  await next();
  const sent = events.slice(told).flatMap((one) => (one.event === 'sent' ? [one.action] : []));
  const advanced = sent.filter(({ kind }) => kind === 'advanceParameters');
  expect(advanced).toMatchObject([{ market: Number(ETH) }]);
}

beforeAll(async () => {
  fed = await setFedStage(source);
  const { stage } = fed;
  aggregators.ETH = stage.state.doubles.feeds.ETH?.aggregator as Address;
  const store = await openStore({ folder }, () => {});
  gateway = await startGateway({ port: 0, store, maxBlocks: 100, warn: () => {} });
  const { engine, vault, governance } = stage.deployment;
  keeper = await startKeeper({
    rpcs: [stage.rpc],
    engine,
    vault,
    governor: governance.governor,
    guardian: governance.emergencyGuardian,
    prices: [{ url: stage.prices }],
    signer: ACCOUNTS.keeper,
    atLoss: ROLES,
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
    const account = ACCOUNTS.admin.address;
    const roles = await verifyHandOver(admin, deployment);
    expect(roles.some(({ holder }) => holder === account)).toBe(false);
    expect(await getTokenBalance(admin, { token: deployment.governance.token, account })).toBe(0n);
  });
});

describe('a proposal changes', () => {
  it('a parameter, by a vote, a signature, and an override of a delegate', async () => {
    const { admin, deployment } = fed.stage;
    const fee = async () => {
      const mid = (PRICES.ETH as bigint) * 10n ** 10n;
      const price = { mid, lo: mid, hi: mid, halfWidth: 0n, publishTime: fed.stage.now, state: 0 };
      const order = marketOrder({ account: ACCOUNT, sizeDelta: UNIT });
      const { riskManager } = deployment;
      const [preview] = await previewOrder(admin, { riskManager, market: ETH, order, price });
      return preview.fee;
    };
    const before = await fee();
    // 250 M against, of which the override turns 100 M: 350 M for.
    const votes = [
      cast(contributor, Support.For),
      cast(backer, Support.Against),
      override(provider, Support.For),
      castBySignature(community, Support.For),
    ];
    const part = await change({ takerFeePpm: 600n }, DAY);
    expect(part.kind).toBe(ProposalKind.Parameter);
    const { id, took } = await decide(contributor, 'Raise the taker fee', part, votes);
    expect(took).toBeGreaterThanOrEqual(6n * DAY);
    const million = 10n ** 24n;
    expect((await proposal(id)).votes).toEqual({ against: 150n * million, for: 350n * million, abstain: 0n });
    await advanceAt(fed.stage.now + DAY);
    expect((await getMarketConfig(admin, { ...at(), market: ETH })).takerFeePpm).toBe(600);
    expect(await fee()).toBe((before * 6n) / 5n);
  });

  it('nothing when the delegate is not overridden', async () => {
    const id = await propose(contributor, 'Raise the taker fee again', await change({ takerFeePpm: 700n }, DAY));
    await vote(id, [cast(contributor, Support.For), cast(backer, Support.Against)]);
    expect(await stateOf(id)).toBe(ProposalState.Defeated);
  });

  it('risk, on a ramp', async () => {
    const { admin, deployment } = fed.stage;
    const { riskManager } = deployment;
    const maintenance = async () => (await getHealth(admin, { riskManager, account: ACCOUNT })).maintenanceMargin;
    const before = await maintenance();
    const part = await change({ maintenanceMarginBps: 800n }, 2n * DAY);
    expect(part.kind).toBe(ProposalKind.Risk);
    expect((await decide(backer, 'Ask for more margin', part)).took).toBeGreaterThanOrEqual(9n * DAY);
    const begun = fed.stage.now;
    expect(await maintenance()).toBe(before);
    await advanceAt(begun + DAY);
    const half = await maintenance();
    expect(half).toBeGreaterThan(before);
    await advanceAt(begun + 2n * DAY);
    expect(await maintenance()).toBeGreaterThan(half);
    expect((await getMarketConfig(admin, { ...at(), market: ETH })).maintenanceMarginBps).toBe(800);
  });

  it('who has the treasury’s money', async () => {
    const { admin, deployment } = fed.stage;
    const { usdc, engine, governance } = deployment;
    const { treasury } = governance;
    const token = { address: usdc, abi: tokenAbi } as const;
    const balance = (who: Address) => admin.readContract({ ...token, functionName: 'balanceOf', args: [who] });
    const args = [treasury, parseUnits('1000', 6)] as const;
    await included(client(ACCOUNTS.faucet).writeContract({ ...token, functionName: 'mint', args, gas: 200_000n }));
    await included(divideReserves(client(backer), { engine, gas: GAS }));
    const fees = (await getReserves(admin, at())).treasury / 10n ** 12n;
    expect(fees).toBeGreaterThan(0n);
    const to = ACCOUNTS.stewards[0]?.address as Address;
    const amount = parseUnits('100', 6);
    const part = Proposals.join(
      Proposals.collectTreasury(engine, treasury, fees),
      Proposals.payFromTreasury({ treasury, token: usdc, to, amount }),
    );
    expect((await decide(contributor, 'Pay for an audit', part)).took).toBeGreaterThanOrEqual(9n * DAY);
    expect(await balance(to)).toBe(amount);
    expect(await balance(treasury)).toBe(parseUnits('900', 6) + fees);
  });

  it('nothing when what it changes has changed meanwhile, which the keeper tells once', async () => {
    const first = await propose(contributor, 'Lower the taker fee', await change({ takerFeePpm: 500n }, DAY));
    const second = await propose(backer, 'Lower it further', await change({ takerFeePpm: 400n }, DAY));
    await vote(second, [...BOTH, ...BOTH.map((one) => () => one(first))]);
    await execute(first);
    await next();
    for (let hours = 0; hours < 3; hours++) await nextAt(fed.stage.now + 3600n);
    expect(await stateOf(first)).toBe(ProposalState.Executed);
    expect(await stateOf(second)).toBe(ProposalState.Queued);
    const refusals = events.flatMap((one) =>
      one.event === 'refused' && one.action.kind === 'executeProposal' ? [one] : [],
    );
    expect(refusals.map(({ action, why }) => [action.key, (why as ContractRefusedError).error])).toEqual([
      [`executeProposal ${second}`, 'BeforeChanged'],
    ]);
    const waits = events.flatMap((one) =>
      one.event === 'waiting' && one.waiting.proposal === second ? [one.waiting.waits] : [],
    );
    expect(waits).toEqual(['to be queued', 'for its time', 'to be executed']);
  });

  it('the markets, whose feeds are asked', async () => {
    const { admin, deployment } = fed.stage;
    const { engine, oracle } = deployment;
    const known = MARKETS.SOL as (typeof MARKETS)[string];
    const { minAnswer, maxAnswer } = answerBounds(known);
    const feeder = ACCOUNTS.feeder.address;
    const double = (name: string, ...args: unknown[]) => create(name, args, 'ChainlinkDouble');
    const aggregator = await double('AggregatorDouble', 'SOL / USD', 8, minAnswer, maxAnswer, feeder);
    const chainlink = await double('AggregatorProxyDouble', aggregator, feeder);
    const { feedId: pythId, parameters, keeperFeeCents, ...bounds } = known;
    const [floor, ceiling] = [known.floor * 10n ** 10n, known.ceiling * 10n ** 10n];
    const part = Proposals.addMarket({
      engine,
      oracle,
      market: SOL,
      feed: { ...bounds, pythId, chainlink, floor, ceiling },
      config: widen(parameters),
      keeperFeeCents: BigInt(keeperFeeCents),
    });
    await expect(propose(contributor, 'List SOL', part)).rejects.toMatchObject({ error: 'FeedRefused' });
    aggregators.SOL = aggregator;
    await nextAt(fed.stage.now + 2n);
    expect((await decide(contributor, 'List SOL', part)).took).toBeGreaterThanOrEqual(6n * DAY);
    expect(await getMarketCount(admin, at())).toBe(2n);
    const update = [await updateAt(fed.stage.now, 'SOL')];
    await included(updateIndices(client(backer), { ...at(), markets: 1n << SOL, update, value: 1n, gas: GAS }));
    expect((await getMarket(admin, { ...at(), market: SOL })).index).toBe((PRICES.SOL as bigint) * 10n ** 10n);
  });

  it('the engine’s code, which then trades by another oracle', async () => {
    const { admin, state, deployment } = fed.stage;
    const { engine, usdc, pyth } = deployment;
    const old = { address: deployment.oracle, abi: priceOracleAbi } as const;
    const oracle = await create('PriceOracle', [pyth, state.uptimeProxy, zeroAddress, ACCOUNTS.admin.address]);
    await nextAt(fed.stage.now + 2n);
    for (const market of [ETH, SOL]) {
      const feed = await admin.readContract({ ...old, functionName: 'getFeed', args: [market] });
      const another = { ...old, address: oracle, account: ACCOUNTS.admin, chain: admin.chain, gas: GAS } as const;
      await included(admin.writeContract({ ...another, functionName: 'proposeFeed', args: [market, feed] }));
      await included(admin.writeContract({ ...another, functionName: 'acceptFeed', args: [market] }));
    }
    const desk = await create('OrderDesk', [oracle, usdc]);
    const deleverager = await create('Deleverager', [oracle, usdc, desk]);
    const extension = await create('EngineExtension', [oracle, usdc, deleverager]);
    const liquidator = await create('Liquidator', [oracle, usdc]);
    const logic = await create('DerivativesEngine', [oracle, usdc, extension, liquidator, desk]);
    const { took } = await decide(contributor, 'Take another oracle', Proposals.upgrade(engine, logic));
    expect(took).toBeGreaterThanOrEqual(16n * DAY);
    expect((await getOracle(admin, at())).toLowerCase()).toBe(oracle);
    const size = async () => (await getPosition(admin, { ...at(), account: ACCOUNT, market: ETH })).size;
    const before = await size();
    await nextAt(fed.stage.now + 2n);
    await included(settle(client(community), await fed.order(UNIT)));
    expect(await size()).toBe(before + UNIT);
  });
});

describe('the guardian’s Safe', () => {
  it('pauses, and the keeper ends the pause in time', async () => {
    const { admin, deployment } = fed.stage;
    const { guardian, emergencyGuardian: to } = deployment.governance;
    const data = encodeFunctionData({ abi: emergencyGuardianAbi, functionName: 'pause', args: [1] });
    const sender = client(ACCOUNTS.admin);
    await expect(sendBySafe(sender, guardian, ACCOUNTS.guardians.slice(0, 2), { to, data })).rejects.toThrow('GS020');
    await included(sendBySafe(sender, guardian, ACCOUNTS.guardians.slice(1, 4), { to, data }));
    expect((await getPool(admin, at())).pauseLevel).toBe(1);
    await nextAt(fed.stage.now + 7n * DAY - 2n);
    await next();
    expect((await getPool(admin, at())).pauseLevel, 'not before its time').toBe(1);
    await next();
    expect((await getPool(admin, at())).pauseLevel).toBe(0);
  });
});
