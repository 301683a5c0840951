import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEVNET_PRICE_KEYS,
  DeployError,
  type Deployment,
  type Doubles,
  deploy,
  deployContract,
  deployDoubles,
  type GovernancePlan,
  type Journal,
  MARKETS,
  type MarketPlan,
  type NetworkPlan,
  readArtifact,
  verifyHandOver,
} from '@tidemark/deploy';
import { getMarketCount, getOracle, governanceTokenAbi } from '@tidemark/sdk';
import { type Address, createClient, custom, type Hex, isAddress, publicActions, size, walletActions } from 'viem';
import { generatePrivateKey, type LocalAccount, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { CHAIN_ID, connect, devnetChain, type RunningChain, startChain } from '../src/chain.ts';
import { publish } from '../src/exchange.ts';
import { freePort } from './stage.ts';
import { WAVE_START, waveSource } from './waveSource.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-deploy-'));
const someone = () => privateKeyToAccount(generatePrivateKey()).address;
const owner = someone();
let chain: RunningChain;
let client: ReturnType<typeof connect<typeof ACCOUNTS.admin>>;
let doubles: Doubles;
let plan: NetworkPlan;
let before: number;
/** What the first test has deployed. */
let made: Deployment;

/** Of OpenZeppelin's Initializable. */
const INITIALIZED_SLOT = '0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00';

const sent = () => client.getTransactionCount({ address: ACCOUNTS.admin.address });

/** A client of the same chain, which says that it is chain 10. */
function onRealChain(account: LocalAccount) {
  const transport = custom({
    request: async ({ method, params }) =>
      method === 'eth_chainId' ? '0xa' : client.request({ method, params } as never),
  });
  return createClient({ account, chain: { ...devnetChain, id: 10 }, transport })
    .extend(publicActions)
    .extend(walletActions);
}

function journalOf(known: Record<string, Hex> = {}) {
  const entries = new Map(Object.entries(known));
  const journal: Journal = { read: (step) => entries.get(step), write: (step, value) => void entries.set(step, value) };
  return { entries, journal };
}

/** Bytes of a contract's code, by EIP-170. */
const MAX_CODE = 24_576;

async function refusal(taken: Promise<unknown>): Promise<DeployError> {
  const error = await taken.then(
    () => expect.fail('it was permitted'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(DeployError);
  return error;
}

beforeAll(async () => {
  chain = await startChain(await freePort(), join(folder, 'chain.json'), WAVE_START);
  client = connect(chain.rpc, ACCOUNTS.admin);
  const symbols = ['ETH', 'BTC'];
  doubles = await deployDoubles(client, symbols, ACCOUNTS.feeder.address, ACCOUNTS.faucet.address, BigInt(WAVE_START));
  await publish(chain.rpc, waveSource, symbols, doubles);
  const { pyth, usdc, uptimeFeed, usdcFeed } = doubles;
  const markets = symbols.map(
    (symbol) => ({ ...MARKETS[symbol], chainlink: doubles.feeds[symbol]?.proxy }) as MarketPlan,
  );
  const holders = { contributors: owner, backers: owner, liquidity: owner, community: owner };
  const governance = { guardian: someone(), council: someone(), steward: someone(), holders };
  plan = { chainId: CHAIN_ID, pyth, usdc, uptimeFeed, usdcFeed: usdcFeed.proxy, governance, markets };
}, 60_000);

beforeEach(async () => {
  before = await sent();
});

afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true });
});

describe('a deployment', () => {
  it('interrupted at every moment goes on, and takes each step once', async () => {
    const { entries } = journalOf();
    const unrecorded = new Set<string>();
    const taken = new Set<string>();
    // Ends three times a step: signed but not sent, sent but not noted, and noted.
    const dying: Journal = {
      read: (step) => entries.get(step),
      write: (step, value) => {
        if (!step.endsWith(': signed') && !unrecorded.has(step)) {
          unrecorded.add(step);
          throw new Error('interrupted');
        }
        entries.set(step, value);
        throw new Error('interrupted');
      },
    };
    let interruptions = 0;
    const attempt = () =>
      deploy(client, plan, dying, (step) => void taken.add(step)).catch((error: Error) => {
        if (error.message !== 'interrupted') throw error;
        interruptions++;
      });
    let deployment = await attempt();
    while (!deployment) deployment = await attempt();

    expect(interruptions).toBe(3 * taken.size);
    expect(await sent()).toBe(before + taken.size);
    expect(await deploy(client, plan, dying)).toEqual(deployment);
    expect(await sent()).toBe(before + taken.size);

    const { engine, oracle, vault, governance } = deployment;
    expect(await getMarketCount(client, { engine })).toBe(2n);
    expect((await getOracle(client, { engine })).toLowerCase()).toBe(oracle);
    const roles = await verifyHandOver(client, deployment);
    const of = (contract: string, role: string) =>
      roles.filter((one) => one.contract === contract && one.role === role).map(({ holder }) => holder.toLowerCase());
    for (const contract of ['oracle', 'vault', 'engine']) {
      expect(of(contract, 'DEFAULT_ADMIN_ROLE')).toEqual([governance.timelock]);
    }
    expect(of('engine', 'VAULT_ROLE')).toEqual([vault]);
    expect(of('timelock', 'PROPOSER_ROLE')).toEqual([governance.governor]);
    const held = await client.readContract({
      address: governance.token,
      abi: governanceTokenAbi,
      functionName: 'balanceOf',
      args: [client.account.address],
    });
    expect(held).toBe(0n);
    const created = [...entries.values()].filter((value) => isAddress(value));
    const sizes = await Promise.all(created.map(async (address) => size((await client.getCode({ address })) ?? '0x')));
    expect(sizes.length).toBeGreaterThan(15);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_CODE);
    made = deployment;
  }, 120_000);

  it('signs a step anew whose transaction reverted', async () => {
    const request = { data: '0xfd' as Hex, gas: 100_000n };
    const signed = await client.signTransaction(await client.prepareTransactionRequest(request));
    const hash = await client.sendRawTransaction({ serializedTransaction: signed });
    expect((await client.waitForTransactionReceipt({ hash })).status).toBe('reverted');
    const { entries, journal } = journalOf({ 'oracle: signed': signed });
    const { oracle } = await deploy(client, plan, journal);
    expect(entries.get('oracle')).toBe(oracle);
    expect(entries.get('oracle: signed')).not.toBe(signed);
    expect((await client.getCode({ address: oracle }))?.length).toBeGreaterThan(1000);
  }, 60_000);

  it('says so when the nonce of a signed step was used elsewhere, and changes nothing', async () => {
    const { bytecode } = readArtifact('PriceOracle');
    const signed = await client.signTransaction(
      await client.prepareTransactionRequest({ data: bytecode, gas: 8_000_000n }),
    );
    const hash = await client.sendTransaction({ to: owner, value: 1n });
    await client.waitForTransactionReceipt({ hash });
    const { entries, journal } = journalOf({ 'oracle: signed': signed });
    const { shortMessage, metaMessages } = await refusal(deploy(client, plan, journal));
    expect(shortMessage).toContain('The chain does not take the step "oracle" as it was signed: ');
    expect(metaMessages?.[0]).toContain('take "oracle: signed" out of the journal');
    expect([...entries]).toEqual([['oracle: signed', signed]]);
    expect(await sent()).toBe(before + 1);
  });

  it('names the step that the chain refuses, and notes nothing of it', async () => {
    const { journal, entries } = journalOf();
    const [market] = plan.markets as [MarketPlan];
    const inverted = { ...plan, markets: [{ ...market, floor: market.ceiling, ceiling: market.floor }] };
    const { shortMessage } = await refusal(deploy(client, inverted, journal));
    expect(shortMessage).toContain('The step "propose feed ETH" cannot be sent: ');
    expect([...entries.keys()]).toEqual(['oracle: signed', 'oracle']);
  });
});

describe('the proof of the hand-over', () => {
  const refusalOf = async (deployment: Deployment) => (await refusal(verifyHandOver(client, deployment))).shortMessage;

  it.each([
    ['engine: renounce UPGRADER_ROLE', 'holds UPGRADER_ROLE of the engine, who is not to.'],
    ['timelock: renounce DEFAULT_ADMIN_ROLE', 'holds DEFAULT_ADMIN_ROLE of the timelock, who is not to.'],
    ['engine: grant VAULT_ROLE', 'holds VAULT_ROLE of the engine.'],
  ])(
    'finds that the step "%s" was left out',
    async (left, found) => {
      const { journal } = journalOf();
      const read = (step: string) => (step.startsWith(left) ? '0x' : journal.read(step));
      const deployment = await deploy(client, plan, { ...journal, read });
      const line = left.includes('grant')
        ? `Still to be done: ${deployment.vault}`
        : client.account.address.toLowerCase();
      expect(await refusalOf(deployment)).toBe(`${line} ${found}`);
    },
    60_000,
  );

  it('finds another code, an address in it that is not the deployment’s, and another Safe', async () => {
    const { engine, vault, code, governance } = made;
    const liquidator = code.OrderDesk as Address;
    const others: [Partial<Deployment>, string][] = [
      [{ code: { ...code, Liquidator: liquidator } }, `The code at ${liquidator} is not that of Liquidator.`],
      [{ usdc: owner }, "which is none of the deployment's."],
      [{ engine: vault, vault: engine }, `The code behind ${vault} is not ${code.DerivativesEngine}.`],
      [{ governance: { ...governance, council: owner } }, `instead of ${owner}.`],
    ];
    for (const [other, found] of others) expect(await refusalOf({ ...made, ...other })).toContain(found);
  });

  it('finds a proxy that anybody may initialise', async () => {
    const { engine } = made;
    const id = await client.snapshot();
    await client.setStorageAt({ address: engine, index: INITIALIZED_SLOT, value: `0x${'0'.repeat(64)}` });
    expect(await refusalOf(made)).toBe(`Anybody may initialise ${engine}.`);
    await client.revert({ id });
  });
});

describe('nothing is sent', () => {
  const own = privateKeyToAccount(generatePrivateKey());
  const expectNothingSent = async () => expect(await sent()).toBe(before);
  const step = (account: LocalAccount, altered: Partial<NetworkPlan>) => {
    const { journal, entries } = journalOf();
    return { taken: deploy(onRealChain(account), { ...plan, chainId: 10, ...altered }, journal), entries };
  };

  it.each([
    ['the public mnemonic’s first account', ACCOUNTS.admin, {}],
    ['its last account', ACCOUNTS.wallet, {}],
    ['a price signer of the devnet', privateKeyToAccount(DEVNET_PRICE_KEYS[4] as Hex), {}],
    ['a public key as council', own, { council: ACCOUNTS.keeper.address.toLowerCase() as Address }],
    ['an owner of the devnet’s Safes as guardian', own, { guardian: ACCOUNTS.stewards[2]?.address as Address }],
  ] as [string, LocalAccount, Partial<GovernancePlan>][])('on a real chain by %s', async (_, account, altered) => {
    const { taken, entries } = step(account, { governance: { ...plan.governance, ...altered } });
    const { shortMessage } = await refusal(taken);
    const known = altered.council ?? altered.guardian ?? account.address;
    expect(shortMessage).toBe(`${known} is an account whose key is public, on chain 10.`);
    expect(entries.size).toBe(0);
    await expectNothingSent();
  });

  it('of a double to a real chain', async () => {
    for (const name of ['PythDouble', 'UsdcDouble']) {
      const { shortMessage } = await refusal(deployContract(onRealChain(own), readArtifact(name), []));
      expect(shortMessage).toBe(`${name} is a double, and chain 10 is not a devnet.`);
    }
    const all = deployDoubles(onRealChain(own), ['ETH'], own.address, own.address, 0n);
    expect((await refusal(all)).shortMessage).toContain('PythDouble is a double');
    await expectNothingSent();
  });

  it('to another chain than the plan’s', async () => {
    const { journal } = journalOf();
    const { shortMessage } = await refusal(deploy(client, { ...plan, chainId: 10 }, journal));
    expect(shortMessage).toBe(`The chain is ${CHAIN_ID}, the plan is for 10.`);
    await expectNothingSent();
  });

  it('by the journal of another chain', async () => {
    const { journal } = journalOf({ oracle: own.address });
    const { shortMessage } = await refusal(deploy(client, plan, journal));
    expect(shortMessage).toBe(`The journal's oracle ${own.address} is not on this chain.`);
    await expectNothingSent();
  });

  it('of a contract that has not been built', () => {
    expect(() => readArtifact('Nothing')).toThrow(DeployError);
    expect(() => readArtifact('Nothing')).toThrow('The contract Nothing has not been built.');
  });
});
