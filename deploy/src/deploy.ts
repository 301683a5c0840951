import { derivativesEngineAbi, liquidityVaultAbi, priceOracleAbi } from '@tidemark/sdk';
import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  keccak256,
  type PublicActions,
  stringToHex,
  type Transport,
  type WalletActions,
  zeroAddress,
} from 'viem';
import { type Artifact, readArtifact } from './artifacts.ts';
import { DeployError } from './errors.ts';
import { DEVNET_CHAIN_IDS, type NetworkPlan } from './network.ts';

/** A client that reads, and signs with one account. */
export type Deployer = Client<Transport, Chain, Account> &
  PublicActions<Transport, Chain, Account> &
  WalletActions<Chain, Account>;

/** What has been done so far: a step's name and its address or transaction. Kept by the caller, so that it resumes. */
export interface Journal {
  read(step: string): Hex | undefined;
  write(step: string, value: Hex): void;
}

/** Addresses of the parts of one exchange. */
export interface Deployment {
  readonly chainId: number;
  readonly oracle: Address;
  readonly engine: Address;
  readonly riskManager: Address;
  readonly vault: Address;
  readonly pyth: Address;
  readonly usdc: Address;
  readonly markets: readonly { readonly id: number; readonly symbol: string; readonly feedId: Hex }[];
}

/** The public test mnemonic's first accounts: everybody has their keys. */
const WELL_KNOWN: readonly string[] = [
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
  '0x90f79bf6eb2c4f870365e785982e1f101e93b906',
  '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65',
  '0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc',
  '0x976ea74026e726554db657fa54763abd0c3a0aa9',
  '0x14dc79964da2c08b23698b3d3cc7ca32193d9955',
  '0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f',
  '0xa0ee7a142d267c1f36714e4a8f75612f20a79720',
];

/**
 * Refuses keys that everybody knows outside of a chain of one machine.
 * @throws {DeployError}
 */
export function refuseWellKnown(chainId: number, ...addresses: Address[]): void {
  if (DEVNET_CHAIN_IDS.includes(chainId)) return;
  const known = addresses.find((address) => WELL_KNOWN.includes(address.toLowerCase()));
  if (known === undefined) return;
  throw new DeployError(`${known} is an account whose key is public, on chain ${chainId}.`, 'Use a key of your own.');
}

/**
 * Deploys one contract and waits for it.
 * @throws {DeployError} When it is a double and the chain is not one of one machine.
 */
export async function deployContract(client: Deployer, artifact: Artifact, args: readonly unknown[]): Promise<Address> {
  if (!artifact.source.startsWith('contracts/src/') && !artifact.source.includes('@openzeppelin')) {
    if (!DEVNET_CHAIN_IDS.includes(client.chain.id)) {
      throw new DeployError(
        `${artifact.name} is a double, and chain ${client.chain.id} is not a devnet.`,
        'Name the real contract’s address in the network’s plan.',
      );
    }
  }
  const hash = await client.deployContract({ abi: artifact.abi, bytecode: artifact.bytecode, args });
  const { contractAddress, status } = await client.waitForTransactionReceipt({ hash });
  if (status !== 'success' || !contractAddress) {
    throw new DeployError(
      `The deployment of ${artifact.name} reverted (${hash}).`,
      'Nothing else was done; try again.',
    );
  }
  return contractAddress;
}

/**
 * Deploys the exchange, or goes on where an earlier run stopped: every step asks the journal first.
 * @param onStep Told the name of each step that is taken.
 * @throws {DeployError} When the plan does not fit the chain, or a step fails.
 */
export async function deploy(
  client: Deployer,
  plan: NetworkPlan,
  journal: Journal,
  onStep: (name: string) => void = () => {},
): Promise<Deployment> {
  const chainId = await client.getChainId();
  if (chainId !== plan.chainId) {
    throw new DeployError(`The chain is ${chainId}, the plan is for ${plan.chainId}.`, 'Check the RPC address.');
  }
  refuseWellKnown(chainId, client.account.address, plan.admin);

  const step = async (name: string, take: () => Promise<Hex>): Promise<Hex> => {
    const done = journal.read(name);
    if (done !== undefined) return done;
    onStep(name);
    const value = await take();
    journal.write(name, value);
    return value;
  };
  const create = (name: string, artifact: Artifact, ...args: unknown[]) =>
    step(name, () => deployContract(client, artifact, args));
  const send = (name: string, to: Address, data: Hex) =>
    step(name, async () => {
      const hash = await client.sendTransaction({ to, data });
      const { status } = await client.waitForTransactionReceipt({ hash });
      if (status !== 'success') throw new DeployError(`The step "${name}" reverted (${hash}).`, 'See the transaction.');
      return hash;
    });

  const me = client.account.address;
  const oracle = await create('oracle', readArtifact('PriceOracle'), plan.pyth, plan.uptimeFeed ?? zeroAddress, me);
  for (const [id, market] of plan.markets.entries()) {
    const { feedId: pythId, chainlink, heartbeat, thresholdPpm, haltPpm, strainConfidencePpm, floor, ceiling } = market;
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
    const args = [BigInt(id), feed] as const;
    const propose = encodeFunctionData({ abi: priceOracleAbi, functionName: 'proposeFeed', args });
    await send(`propose feed ${market.symbol}`, oracle, propose);
    const accept = encodeFunctionData({ abi: priceOracleAbi, functionName: 'acceptFeed', args: [BigInt(id)] });
    await send(`accept feed ${market.symbol}`, oracle, accept);
  }
  const extension = await create('engine extension', readArtifact('EngineExtension'), oracle, plan.usdc);
  const logic = await create('engine code', readArtifact('DerivativesEngine'), oracle, plan.usdc, extension);
  const initialize = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'initialize', args: [me] });
  const engine = await create('engine', readArtifact('ERC1967Proxy'), logic, initialize);
  const riskManager = await create('risk manager', readArtifact('RiskManager'), engine);
  const vaultLogic = await create('vault code', readArtifact('LiquidityVault'), engine);
  const named = [me, 'Tidemark Liquidity', 'tmLP'] as const;
  const vaultData = encodeFunctionData({ abi: liquidityVaultAbi, functionName: 'initialize', args: named });
  const vault = await create('vault', readArtifact('ERC1967Proxy'), vaultLogic, vaultData);
  const grantVault = [roleId('VAULT_ROLE'), vault] as const;
  await send(
    'engine: grant VAULT_ROLE to the vault',
    engine,
    encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'grantRole', args: grantVault }),
  );
  for (const { symbol, parameters, keeperFeeCents } of plan.markets) {
    const args = [parameters, keeperFeeCents] as const;
    await send(
      `list ${symbol}`,
      engine,
      encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'listMarket', args }),
    );
  }
  await handOver(client, plan.admin, { oracle, engine, vault }, send);
  return {
    chainId,
    oracle,
    engine,
    riskManager,
    vault,
    pyth: plan.pyth,
    usdc: plan.usdc,
    markets: plan.markets.map(({ symbol, feedId }, id) => ({ id, symbol, feedId })),
  };
}

/** Gives every role to the plan's admin and keeps none. */
async function handOver(
  client: Deployer,
  admin: Address,
  { oracle, engine, vault }: Pick<Deployment, 'oracle' | 'engine' | 'vault'>,
  send: (name: string, to: Address, data: Hex) => Promise<Hex>,
): Promise<void> {
  const me = client.account.address;
  if (admin.toLowerCase() === me.toLowerCase()) return;
  const abi = derivativesEngineAbi;
  for (const [name, target, roles] of [
    ['oracle', oracle, ['CONFIGURATOR_ROLE', 'DEFAULT_ADMIN_ROLE']],
    ['vault', vault, ['CONFIGURATOR_ROLE', 'UPGRADER_ROLE', 'DEFAULT_ADMIN_ROLE']],
    ['engine', engine, ['CONFIGURATOR_ROLE', 'GUARDIAN_ROLE', 'UPGRADER_ROLE', 'DEFAULT_ADMIN_ROLE']],
  ] as const) {
    for (const role of roles) {
      const id = roleId(role);
      const grant = encodeFunctionData({ abi, functionName: 'grantRole', args: [id, admin] });
      await send(`${name}: grant ${role}`, target, grant);
      const renounce = encodeFunctionData({ abi, functionName: 'renounceRole', args: [id, me] });
      await send(`${name}: renounce ${role}`, target, renounce);
    }
  }
}

function roleId(role: string): Hex {
  return role === 'DEFAULT_ADMIN_ROLE' ? `0x${'0'.repeat(64)}` : keccak256(stringToHex(role));
}
