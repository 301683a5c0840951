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
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  type TransactionSerialized,
  type Transport,
  type WalletActions,
  zeroAddress,
} from 'viem';
import { link, readArtifact, refuseForeign } from './artifacts.ts';
import { DeployError } from './errors.ts';
import { deployGovernance, type GovernanceDeployment } from './governance.ts';
import { handOver } from './handOver.ts';
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
  /** Null only where there is none. */
  readonly uptimeFeed: Address | null;
  readonly usdc: Address;
  readonly usdcFeed: Address | null;
  readonly governance: GovernanceDeployment;
  /** What nobody calls by its own address: libraries, modules, and the code behind proxies; by the contract's name. */
  readonly code: Readonly<Record<string, Address>>;
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
  const { guardian, council, steward, holders } = plan.governance;
  refuseWellKnown(chainId, client.account.address, guardian, council, steward, ...Object.values(holders));
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
  const libraries: Record<string, Address> = {};
  const create = (name: string, contract: string, ...args: unknown[]): Promise<Address> =>
    step(name, async () => {
      const artifact = link(readArtifact(contract), libraries);
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
  const oracle = await create('oracle', 'PriceOracle', plan.pyth, uptimeFeed, usdcFeed, me);
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
  for (const name of LIBRARIES) libraries[name] = await create(`library ${name}`, name);
  const desk = await create('order desk', 'OrderDesk', oracle, plan.usdc);
  const deleverager = await create('deleverager', 'Deleverager', oracle, plan.usdc, desk);
  const extension = await create('engine extension', 'EngineExtension', oracle, plan.usdc, deleverager);
  const liquidator = await create('liquidator', 'Liquidator', oracle, plan.usdc);
  const codes = [extension, liquidator, desk];
  const logic = await create('engine code', 'DerivativesEngine', oracle, plan.usdc, ...codes);
  const initialize = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'initialize', args: [me] });
  const engine = await create('engine', 'ERC1967Proxy', logic, initialize);
  const riskManager = await create('risk manager', 'RiskManager', engine);
  const vaultLogic = await create('vault code', 'LiquidityVault', engine);
  const named = [me, 'Tidemark Liquidity', 'tmLP'] as const;
  const vaultData = encodeFunctionData({ abi: liquidityVaultAbi, functionName: 'initialize', args: named });
  const vault = await create('vault', 'ERC1967Proxy', vaultLogic, vaultData);
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
  const governed = { oracle, engine, riskManager, vault };
  const governance = await deployGovernance({ create, send }, plan.governance, governed, me);
  const deployment = {
    chainId,
    ...governed,
    pyth: plan.pyth,
    uptimeFeed: plan.uptimeFeed,
    usdc: plan.usdc,
    usdcFeed: plan.usdcFeed,
    governance,
    code: {
      ...libraries,
      OrderDesk: desk,
      Deleverager: deleverager,
      EngineExtension: extension,
      Liquidator: liquidator,
      DerivativesEngine: logic,
      LiquidityVault: vaultLogic,
    },
    markets: plan.markets.map(({ symbol, feedId }, id) => ({ id, symbol, feedId })),
  };
  await handOver(deployment, me, send);
  return deployment;
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
    const prepared = await client.prepareTransactionRequest(request);
    // The token's checkpoints cost more in a later second than in that of the last one, in which it may be estimated.
    return await client.signTransaction({ ...prepared, gas: (prepared.gas * 3n) / 2n });
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
