import {
  type Artifact,
  DEVNET_CHAIN_IDS,
  DeployError,
  type Deployer,
  deploy,
  type NetworkPlan,
} from '@tidemark/deploy';
import { type Hex, zeroAddress } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { expect, it, vi } from 'vitest';
import { refuseForeign } from './artifacts.ts';

const REAL = 10;
const PROXY = 'node_modules/@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol';
const TIMELOCK = 'node_modules/@openzeppelin/contracts/governance/TimelockController.sol';
/** Where each contract is said to come from. */
let sourceOf: (name: string) => string;

vi.mock('./artifacts.ts', async (original) => ({
  ...(await original<typeof import('./artifacts.ts')>()),
  readArtifact: (name: string): Artifact => made(name, sourceOf(name)),
}));

const made = (name: string, source: string): Artifact => ({ name, source, abi: [], bytecode: '0x', links: {} });

it.each(['contracts/src/PriceOracle.sol', 'contracts/src/libraries/RiskParameters.sol', PROXY, TIMELOCK])(
  '%s may go to a real chain',
  (source) => expect(() => refuseForeign(REAL, made('A', source))).not.toThrow(),
);

it.each([
  'contracts/doubles/PythDouble.sol',
  'contracts/test/fixtures/TestUsdc.sol',
  'contracts/doubles/contracts/src/PriceOracle.sol',
  'node_modules/@openzeppelin/contracts/token/ERC20/ERC20.sol',
  'contracts/doubles/@openzeppelin/ERC1967Proxy.sol',
  'node_modules/@openzeppelin/contracts/governance/Governor.sol',
  '',
])('%s goes to devnets only', (source) => {
  expect(() => refuseForeign(REAL, made('A', source))).toThrow(DeployError);
  for (const devnet of DEVNET_CHAIN_IDS) expect(() => refuseForeign(devnet, made('A', source))).not.toThrow();
});

/** Deploys to a chain that must not be asked for more than its number. @returns What the first contract's refusal says. */
async function refusal(journal: Map<string, Hex>) {
  const client = { account: privateKeyToAccount(generatePrivateKey()), getChainId: async () => REAL };
  const plan = {
    chainId: REAL,
    pyth: zeroAddress,
    uptimeFeed: null,
    usdc: zeroAddress,
    usdcFeed: null,
    governance: { guardian: zeroAddress, council: zeroAddress, steward: zeroAddress, holders: {} },
    markets: [],
  };
  const kept = {
    read: (step: string) => journal.get(step),
    write: (step: string, value: Hex) => void journal.set(step, value),
  };
  return deploy(client as unknown as Deployer, plan as unknown as NetworkPlan, kept).then(
    () => expect.fail('it was permitted'),
    (error: Error) => error.message,
  );
}

it('a deployment refuses the first contract that is not of contracts/src, and signs nothing', async () => {
  sourceOf = (name) => `contracts/${name === 'PriceOracle' ? 'doubles' : 'src'}/${name}.sol`;
  const journal = new Map<string, Hex>();
  expect(await refusal(journal)).toContain('PriceOracle is a double, and chain 10 is not a devnet.');
  expect(journal.size).toBe(0);
}, 60_000);
