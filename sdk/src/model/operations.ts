import { type ContractFunctionName, decodeFunctionData, type Hex } from 'viem';
import { derivativesEngineAbi } from '../abi/index.ts';
import * as collateral from './collateral.ts';
import * as deleverager from './deleverager.ts';
import type { EngineState } from './engineState.ts';
import * as extension from './extension.ts';
import type { Call } from './ledger.ts';
import * as liquidation from './liquidation.ts';
import { attempt, type Refusal } from './modelError.ts';
import * as orders from './orders.ts';
import * as parameters from './parameters.ts';
import * as roles from './roles.ts';

type EngineFunction = ContractFunctionName<typeof derivativesEngineAbi, 'nonpayable' | 'payable'>;
type Operation = (state: EngineState, call: Call, ...args: never[]) => { state: EngineState };

/** The model of every function of the engine's ABI that changes something, by the function's name. */
export const operations = {
  accrue: extension.accrue,
  addLiquidity: extension.addLiquidity,
  advanceParameters: parameters.advanceParameters,
  announce: orders.announce,
  appraise: extension.appraise,
  approveBuilder: orders.approveBuilder,
  cancelNonces: orders.cancelNonces,
  cancelParameters: parameters.cancelParameters,
  cancelSettlement: deleverager.cancelSettlement,
  closeNow: orders.closeNow,
  collectClaim: extension.collectClaim,
  commit: orders.commit,
  commitSigned: orders.commitSigned,
  crystallise: deleverager.crystallise,
  deleverage: deleverager.deleverage,
  deposit: collateral.deposit,
  depositWithPermit2: collateral.depositWithPermit2,
  divideReserves: extension.divideReserves,
  expire: extension.expire,
  flag: liquidation.flag,
  fundInsurance: extension.fundInsurance,
  grantRole: roles.grantRole,
  initialize: roles.initialize,
  liquidate: liquidation.liquidate,
  liquidateMany: liquidation.liquidateMany,
  listMarket: parameters.listMarket,
  moveMargin: collateral.moveMargin,
  multicall,
  payLiquidity: extension.payLiquidity,
  returnLiquidity: extension.returnLiquidity,
  payTreasury: extension.payTreasury,
  permit: collateral.permit,
  priceLiquidity: extension.priceLiquidity,
  receiveLiquidity: extension.receiveLiquidity,
  removeLiquidity: extension.removeLiquidity,
  renounceRole: roles.renounceRole,
  revokeRole: roles.revokeRole,
  scheduleParameters: parameters.scheduleParameters,
  scheduleSettlement: deleverager.scheduleSettlement,
  setDelegate: orders.setDelegate,
  setGasMarket: extension.setGasMarket,
  setPauseLevel: extension.setPauseLevel,
  setReduceOnly: parameters.setReduceOnly,
  settle: orders.settle,
  settleMarket: deleverager.settleMarket,
  settlePosition: deleverager.settlePosition,
  updateIndices: extension.updateIndices,
  upgradeToAndCall: roles.upgradeToAndCall,
  withdraw: collateral.withdraw,
} satisfies Record<EngineFunction, Operation>;

export type OperationName = keyof typeof operations;

/** A call of one of them: the contract's arguments without the price update, which the call's oracle stands for. */
export type OperationCall<N extends OperationName = OperationName> = {
  [K in N]: {
    name: K;
    args: (typeof operations)[K] extends (state: EngineState, call: Call, ...args: infer A) => unknown ? A : never;
  };
}[N];

/** What an operation would do. */
export interface OperationPreview<N extends OperationName> {
  /** The state afterwards: the one given when the engine would refuse. */
  state: EngineState;
  /** What the operation computed beside the state; null when the engine would refuse. */
  result: Omit<ReturnType<(typeof operations)[N]>, 'state'> | null;
  /** The contract's error; null when the engine would not refuse. */
  refusal: Refusal | null;
}

/**
 * Runs any operation of the engine on a copy: what it would leave and compute, or why it would be refused.
 * @param state Not changed.
 * @param call Its token moves what the operation moves: give it a copy of the balances.
 */
export function preview<N extends OperationName>(
  state: EngineState,
  call: Call,
  operation: OperationCall<N>,
): OperationPreview<N> {
  const { result, refusal } = attempt(() => run(state, call, operation));
  if (refusal) return { state, result: null, refusal };
  const { state: after, ...rest } = result;
  return { state: after, result: rest as Omit<ReturnType<(typeof operations)[N]>, 'state'>, refusal: null };
}

function run<N extends OperationName>(state: EngineState, call: Call, { name, args }: OperationCall<N>) {
  const operation = operations[name] as unknown as (
    state: EngineState,
    call: Call,
    ...args: readonly unknown[]
  ) => ReturnType<(typeof operations)[N]>;
  return operation(state, call, ...(args as readonly unknown[]));
}

/** Does several things in one transaction, all or none. @param calls Encoded, as the contract takes them. */
function multicall(state: EngineState, call: Call, calls: readonly Hex[]): { state: EngineState } {
  return { state: calls.reduce((s, data) => one(s, call, data), state) };
}

/** One call; what only reads changes nothing. */
function one(state: EngineState, call: Call, data: Hex): EngineState {
  const { functionName, args = [] } = decodeFunctionData({ abi: derivativesEngineAbi, data });
  if (!(functionName in operations)) return state;
  const given = takesUpdate(functionName) ? args.slice(0, -1) : args;
  return run(state, call, { name: functionName, args: given.map(widened) } as unknown as OperationCall).state;
}

/** Whether a function's last argument is a price update. */
function takesUpdate(name: string): boolean {
  return derivativesEngineAbi.some(
    (item) => item.type === 'function' && item.name === name && item.inputs.at(-1)?.name === 'update',
  );
}

/** Decoded arguments with every number as bigint. */
function widened(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(widened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, widened(part)]));
}
