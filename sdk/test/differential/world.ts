import { type Abi, type Address, encodeFunctionData } from 'viem';
import { derivativesEngineAbi, liquidityVaultAbi, riskManagerAbi } from '../../src/abi/index.ts';
import type { MarketConfig, Order } from '../../src/math/index.ts';
import {
  Engine,
  type EngineState,
  initialState,
  initialVault,
  type Liquidity,
  ModelError,
  roleKey,
  VAULT_ROLE,
  Vault,
  type VaultState,
} from '../../src/model/index.ts';
import { type Chain, normalise, type Refusal } from './chain.ts';
import { OracleModel, type OracleState, PEGS, type Peg, type Slot, TokenModel, type TokenState } from './doubles.ts';
import { type SignedOrder, type Signing, sign, signaturesAt, signer, WALLET, WALLET_CODE } from './signing.ts';

/** One step: the clock moves, the surroundings change, then a function is called. All of it plain data. */
export interface Operation {
  /** Of the engine or of the vault; empty when only the surroundings change. */
  name: string;
  sender: Address;
  args: readonly unknown[];
  /** Seconds that pass before. */
  wait: bigint;
  value?: bigint;
  prices?: readonly (Slot & { market: bigint })[];
  refused?: boolean;
  /** USD, 18 decimals. */
  closingPrices?: readonly { market: bigint; price: bigint }[];
  peg?: Peg;
  feeBps?: bigint;
  mint?: readonly { to: Address; assets: bigint }[];
  /** Of a step with orders to be signed. */
  signings?: readonly Signing[];
}

/** The model and its surroundings at one moment. */
export interface World {
  /** The engine's. */
  readonly address: Address;
  engine: EngineState;
  vault: VaultState;
  oracle: OracleState;
  token: TokenState;
  time: bigint;
  /** Contents of unsettled batches by market, first in first out, with the place of each. */
  batches: Map<bigint, { index: bigint; orders: readonly Order[] }[]>;
  /** The newest signed orders that were brought, taken or not. */
  signed: readonly SignedOrder[];
}

export interface Addresses {
  engine: Address;
  implementation: Address;
  oracle: Address;
  token: Address;
  risk: Address;
  vault: Address;
  vaultImplementation: Address;
}

const who = (byte: string): Address => `0x${byte.repeat(20)}`;
export const ADMIN = who('a0');
export const KEEPER = who('b0');
export const OWNERS = [signer('c1'), signer('c2'), signer('c3')] as const;
export const DELEGATES = [signer('e1'), signer('e2')] as const;
/** Signs and is nobody's delegate. */
export const STRANGER = signer('f1');
export const BUILDER = who('b1');
/** Has neither tokens nor an allowance. */
export const PAUPER = who('d0');
export const START = 1_700_000_000n;

export const CONFIG: MarketConfig = {
  skewScale: 10_000_000_000n,
  initialMarginBps: 1000n,
  maintenanceMarginBps: 600n,
  marginSlopeBps: 10_000n,
  skewCapBps: 200n,
  openInterestCapBps: 400n,
  profitWeightBps: 8000n,
  makerFeePpm: 200n,
  takerFeePpm: 500n,
  penaltyBps: 50n,
  accountCapPercent: 100n,
  fundingCoefficientBps: 250n,
  fundingCapPpm: 500n,
  allocationPercent: 40n,
  flags: 0n,
};

export const engineAbi = derivativesEngineAbi as unknown as Abi;
export const riskAbi = riskManagerAbi as unknown as Abi;
export const vaultAbi = liquidityVaultAbi as unknown as Abi;

/** The functions that are the vault's; all others are the engine's. */
export const VAULT_FUNCTIONS = [
  ...['requestDeposit', 'requestRedeem', 'settleEpoch', 'claimDeposit', 'refundDeposit', 'claimRedeem'],
  ...['setOperator', 'transfer', 'approve', 'transferFrom', 'setCooldown', 'setDepositLock', 'setOutflowCap'],
  ...['grantRole', 'revokeRole', 'renounceRole'],
];
export const isVaults = (name: string): boolean => VAULT_FUNCTIONS.includes(name);

/** The shares' name is longer than a word of storage, their symbol shorter. */
const SHARES = ['Shares of the liquidity of the exchange', 'LP'] as const;

/** Deploys the exchange as the Solidity fixture does and returns the world the model starts from. */
export async function deploy(chain: Chain): Promise<{ at: Addresses; world: World }> {
  const token = await chain.deploy('TestUsdc', [], START);
  const oracle = await chain.deploy('OneSlotOracle', [], START);
  const desk = await chain.deploy('OrderDesk', [oracle, token], START);
  const deleverager = await chain.deploy('Deleverager', [oracle, token, desk], START);
  const extension = await chain.deploy('EngineExtension', [oracle, token, deleverager], START);
  const liquidator = await chain.deploy('Liquidator', [oracle, token], START);
  const implementation = await chain.deploy('DerivativesEngine', [oracle, token, extension, liquidator, desk], START);
  const extensionAbi = chain.artifactAbi('EngineExtension');
  const initialize = encodeFunctionData({ abi: extensionAbi, functionName: 'initialize', args: [ADMIN] });
  const engine = await chain.deploy('ERC1967Proxy', [implementation, initialize], START);
  const risk = await chain.deploy('RiskManager', [engine], START);
  const vaultImplementation = await chain.deploy('LiquidityVault', [engine], START);
  const named = encodeFunctionData({ abi: vaultAbi, functionName: 'initialize', args: [ADMIN, ...SHARES] });
  const vault = await chain.deploy('ERC1967Proxy', [vaultImplementation, named], START);
  const at = { engine, implementation, oracle, token, risk, vault, vaultImplementation };
  const must = async (to: Address, abi: Abi, name: string, args: unknown[], from: Address) => {
    const answer = await chain.call(to, abi, name, args, from, START);
    if ('refusal' in answer) throw new Error(`${name} was refused: ${answer.refusal.name}`);
  };
  await chain.place(WALLET, WALLET_CODE);
  for (const holder of [ADMIN, vault]) await must(engine, extensionAbi, 'grantRole', [VAULT_ROLE, holder], ADMIN);
  const tokenAbi = chain.artifactAbi('TestUsdc');
  const approvers = [ADMIN, KEEPER, ...OWNERS, WALLET];
  for (const owner of approvers) await must(token, tokenAbi, 'approve', [engine, 2n ** 256n - 1n], owner);
  const state = initialState(ADMIN);
  for (const holder of [ADMIN, vault]) state.roles.add(roleKey(VAULT_ROLE, holder));
  return {
    at,
    world: {
      address: engine,
      engine: state,
      vault: initialVault(vault, engine, ADMIN, ...SHARES),
      oracle: { slots: new Map(), refused: false, closingPrices: new Map(), peg: 'silent' },
      token: { balances: new Map(), approvers: new Set(approvers), feeBps: 0n },
      time: START,
      batches: new Map(),
      signed: [],
    },
  };
}

const copyToken = (token: TokenState): TokenState => ({ ...token, balances: new Map(token.balances) });

type RunVault = (states: Liquidity, ...given: unknown[]) => Liquidity & Record<string, unknown>;
const vaultOperations = Vault as unknown as Record<string, RunVault>;

/** Arguments of the model's operation: those of the contract without the price updates. */
function modelArgs(op: Operation): readonly unknown[] {
  const payable = [
    ...['withdraw', 'moveMargin', 'settle', 'closeNow', 'liquidate', 'liquidateMany', 'flag', 'updateIndices'],
    ...['priceLiquidity', 'deleverage', 'crystallise', 'settleMarket', 'settleEpoch'],
  ];
  return payable.includes(op.name) ? op.args.slice(0, -1) : op.args;
}

/** The surroundings after a step's changes. */
export function surround(world: World, op: Operation): World {
  const slots = new Map(world.oracle.slots);
  for (const { market, ...slot } of op.prices ?? []) slots.set(market, slot);
  const closingPrices = new Map(world.oracle.closingPrices);
  for (const { market, price } of op.closingPrices ?? []) closingPrices.set(market, price);
  const token = copyToken(world.token);
  for (const { to, assets } of op.mint ?? [])
    token.balances.set(to.toLowerCase(), (token.balances.get(to.toLowerCase()) ?? 0n) + assets);
  token.feeBps = op.feeBps ?? token.feeBps;
  return {
    ...world,
    time: world.time + op.wait,
    token,
    oracle: {
      slots,
      refused: op.refused ?? world.oracle.refused,
      closingPrices,
      peg: op.peg ?? world.oracle.peg,
    },
  };
}

export type ModelAnswer = { world: World; result: Record<string, unknown> } | { world: World; refusal: Refusal };

/** What the model does with a step whose surroundings are already in place. */
export function model(world: World, op: Operation, engine: Address): ModelAnswer {
  if (op.name === '') return { world, result: {} };
  const call = callOf(world, op, engine);
  if (isVaults(op.name)) return vaultAnswer(world, op, call);
  const operation = { name: op.name, args: modelArgs(op) } as Engine.OperationCall;
  const { state, result, refusal } = Engine.preview(world.engine, call, operation);
  if (refusal) return { world, refusal: { name: refusal.name, args: refusal.args.map(normalise) } };
  const batches = batchesAfter(world, op, state, result as Record<string, unknown>);
  const after = { ...world, engine: state, token: call.token.state, batches, signed: signedAfter(world, op) };
  return { world: after, result: result as Record<string, unknown> };
}

/** How many signed orders are kept to be brought again. */
const KEPT = 12;

function signedAfter(world: World, op: Operation): World['signed'] {
  if (!op.signings) return world.signed;
  const [market, orders] = op.args as [bigint, Order[]];
  const brought = op.signings.flatMap((signing, i) => {
    const { account, terms, extras } = orders[i] as Order;
    return [{ market, order: { account, terms, extras }, signing }];
  });
  return [...brought, ...world.signed].slice(0, KEPT);
}

/** A step with its orders' signatures. */
export async function signed(op: Operation, engine: Address): Promise<Operation> {
  if (!op.signings) return op;
  const [market, orders] = op.args as [bigint, Order[]];
  return { ...op, args: await sign(engine, market, orders, op.signings) };
}

function vaultAnswer(world: World, op: Operation, call: ReturnType<typeof callOf>): ModelAnswer {
  const run = vaultOperations[op.name];
  if (!run) throw new Error(`The model has no operation ${op.name}.`);
  try {
    const { engine, vault, ...result } = run(world, call, ...modelArgs(op));
    return { world: { ...world, engine, vault, token: call.token.state }, result };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { world, refusal: { name: error.errorName, args: error.args.map(normalise) } };
  }
}

/** The model's call of a step; the token in it moves a copy of the balances. */
export function callOf(world: World, op: Operation, engine: Address) {
  return {
    sender: op.sender,
    time: world.time,
    value: op.value ?? 0n,
    oracle: new OracleModel(world.oracle),
    token: new TokenModel(copyToken(world.token), engine),
    signatures: signaturesAt(engine),
  };
}

/** The words of those that were taken. */
const plain = (orders: readonly Order[], refused: readonly (Engine.Refused | null)[]): Order[] =>
  orders.filter((_, i) => !refused[i]).map(({ account, terms, extras }) => ({ account, terms, extras }));

function batchesAfter(
  world: World,
  op: Operation,
  state: EngineState,
  result: Record<string, unknown>,
): World['batches'] {
  if (!['commit', 'commitSigned', 'settle', 'expire'].includes(op.name)) return world.batches;
  const market = op.args[0] as bigint;
  const queue = state.queues.get(market);
  if (!queue) return world.batches;
  const rest = (world.batches.get(market) ?? []).filter(({ index }) => index >= queue.head);
  const refused = (result.refused ?? []) as (Engine.Refused | null)[];
  const orders = op.name.startsWith('commit') ? plain(op.args[1] as Order[], refused) : [];
  if (orders.length > 0) rest.push({ index: queue.tail - 1n, orders });
  return new Map(world.batches).set(market, rest);
}

/** Puts a step's surroundings in place on the chain. */
export async function surroundChain(chain: Chain, at: Addresses, op: Operation, time: bigint): Promise<void> {
  const oracleAbi = chain.artifactAbi('OneSlotOracle');
  const tokenAbi = chain.artifactAbi('TestUsdc');
  for (const p of op.prices ?? [])
    await chain.call(
      at.oracle,
      oracleAbi,
      'setJudged',
      [p.market, p.mid, p.publishTime, p.halfWidthBps, p.bandBps, p.state ?? 0],
      ADMIN,
      time,
    );
  for (const { market, price } of op.closingPrices ?? [])
    await chain.call(at.oracle, oracleAbi, 'setClosingPrice', [market, price], ADMIN, time);
  if (op.refused !== undefined) await chain.call(at.oracle, oracleAbi, 'refuse', [op.refused], ADMIN, time);
  for (const { to, assets } of op.mint ?? []) await chain.call(at.token, tokenAbi, 'mint', [to, assets], ADMIN, time);
  if (op.peg !== undefined) await chain.call(at.oracle, oracleAbi, 'setPeg', [PEGS.indexOf(op.peg)], ADMIN, time);
  if (op.feeBps !== undefined) await chain.call(at.token, tokenAbi, 'setTransferFee', [op.feeBps], ADMIN, time);
}
