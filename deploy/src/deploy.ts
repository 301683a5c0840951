import { derivativesEngineAbi, liquidityVaultAbi, priceOracleAbi, toTidemarkError } from '@tidemark/sdk';
import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  keccak256,
  type PublicActions,
  stringToHex,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  type TransactionSerialized,
  type Transport,
  type WalletActions,
  zeroAddress,
} from 'viem';
import { type Artifact, link, readArtifact, refuseForeign } from './artifacts.ts';
import { DeployError } from './errors.ts';
import type { NetworkPlan } from './network.ts';
import { refuseWellKnown } from './publicKeys.ts';

/** A client that reads, and signs with one account. */
export type Deployer = Client<Transport, Chain, Account> &
  PublicActions<Transport, Chain, Account> &
  WalletActions<Chain, Account>;

/** What has been done so far: by a step's name its address or transaction. Kept by the caller, so that it resumes. */
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

/** What the engine and its extension call by delegatecall. */
const LIBRARIES = ['RiskParameters', 'DeleveragingMath'] as const;

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
  const begun = journal.read('oracle');
  if (begun && !(await client.getCode({ address: begun }))) {
    throw new DeployError(`The journal's oracle ${begun} is not on this chain.`, 'Use the journal of this chain.');
  }

  const step = async (name: string, take: () => Promise<Hex>): Promise<Hex> => {
    const done = journal.read(name);
    if (done !== undefined) return done;
    onStep(name);
    const value = await take();
    journal.write(name, value);
    return value;
  };
  const create = (name: string, artifact: Artifact, ...args: unknown[]) =>
    step(name, async () => {
      refuseForeign(chainId, artifact);
      const { abi, bytecode } = artifact;
      const { contractAddress } = await sendOnce(client, journal, name, {
        data: encodeDeployData({ abi, bytecode, args }),
      });
      return contractAddress as Address;
    });
  const send = (name: string, to: Address, data: Hex) =>
    step(name, async () => (await sendOnce(client, journal, name, { to, data })).transactionHash);

  const me = client.account.address;
  const [uptimeFeed, usdcFeed] = [plan.uptimeFeed ?? zeroAddress, plan.usdcFeed ?? zeroAddress];
  const oracle = await create('oracle', readArtifact('PriceOracle'), plan.pyth, uptimeFeed, usdcFeed, me);
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
  const libraries: Record<string, Address> = {};
  for (const name of LIBRARIES) libraries[name] = await create(`library ${name}`, readArtifact(name));
  const desk = await create('order desk', link(readArtifact('OrderDesk'), libraries), oracle, plan.usdc);
  const coldest = link(readArtifact('Deleverager'), libraries);
  const deleverager = await create('deleverager', coldest, oracle, plan.usdc, desk);
  const extensionCode = link(readArtifact('EngineExtension'), libraries);
  const extension = await create('engine extension', extensionCode, oracle, plan.usdc, deleverager);
  const liquidator = await create('liquidator', link(readArtifact('Liquidator'), libraries), oracle, plan.usdc);
  const engineCode = link(readArtifact('DerivativesEngine'), libraries);
  const logic = await create('engine code', engineCode, oracle, plan.usdc, extension, liquidator, desk);
  const initialize = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'initialize', args: [me] });
  const engine = await create('engine', readArtifact('ERC1967Proxy'), logic, initialize);
  const riskManager = await create('risk manager', link(readArtifact('RiskManager'), libraries), engine);
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
  const ether = plan.markets.findIndex(({ symbol }) => symbol === 'ETH');
  if (ether >= 0) {
    const args = [BigInt(ether)] as const;
    const data = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'setGasMarket', args });
    await send('name the price of gas', engine, data);
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

/**
 * Sends a transaction so that it happens once, wherever an earlier run was interrupted: it is signed, kept in the journal,
 * and only then sent; what was kept is sent again as it is, until it is on the chain. One that reverted is signed anew.
 * @throws {DeployError} When it reverts, or the chain does not take it.
 */
async function sendOnce(
  client: Deployer,
  journal: Journal,
  step: string,
  request: { to?: Address; data: Hex },
): Promise<TransactionReceipt> {
  const key = `${step}: signed`;
  let signed = journal.read(key);
  let receipt = signed && (await find(client, signed));
  if (!signed || receipt?.status === 'reverted') {
    signed = await sign(client, step, request);
    journal.write(key, signed);
    receipt = undefined;
  }
  const hash = keccak256(signed);
  if (!receipt) {
    const known = await client.getTransaction({ hash }).catch(() => undefined);
    if (!known) await broadcast(client, step, signed);
    receipt = await client.waitForTransactionReceipt({ hash });
  }
  if (receipt.status !== 'success')
    throw new DeployError(`The step "${step}" reverted (${hash}).`, 'See the transaction.');
  return receipt;
}

async function sign(client: Deployer, step: string, request: { to?: Address; data: Hex }): Promise<Hex> {
  try {
    return await client.signTransaction(await client.prepareTransactionRequest(request));
  } catch (error) {
    throw new DeployError(
      `The step "${step}" cannot be sent: ${toTidemarkError(error).line}`,
      'Correct the plan, and start again.',
    );
  }
}

async function find(client: Deployer, signed: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await client.getTransactionReceipt({ hash: keccak256(signed) });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

async function broadcast(client: Deployer, step: string, signed: Hex): Promise<void> {
  try {
    await client.sendRawTransaction({ serializedTransaction: signed as TransactionSerialized });
  } catch (error) {
    throw new DeployError(
      `The chain does not take the step "${step}" as it was signed: ${toTidemarkError(error).line}`,
      `Start again; if the account's nonce was used elsewhere meanwhile, take "${step}: signed" out of the journal first.`,
    );
  }
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
