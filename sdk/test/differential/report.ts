import { derivativesEngineAbi, liquidityVaultAbi } from '../../src/abi/index.ts';
import { Failure, failureNames, Refusal } from '../../src/math/index.ts';
import type { Counts } from './fuzz.ts';
import { VAULT_FUNCTIONS } from './world.ts';

/** Errors that no permitted state reaches, or no call that is drawn, and why. */
export const UNREACHABLE: Record<string, string> = {
  CheckpointsExhausted: 'takes 65,535 deleveragings of one side',
  GasTooLow: 'every call has gas enough to ask a wallet',
  CashOutOfRange: 'cash is bounded by the largest notional · 65 · 1.3, below its width',
  PriceOfAnEpoch: 'thrown by views alone',
  EtherRefused: 'thrown by plain transfers of ether alone, which change no word',
  SurplusRefused: 'the oracle of this chain keeps what it is sent, so that nothing is left to return',
  CheckpointUnorderedInsertion: 'epochs come in the order of time',
  ERC20InvalidSender: 'nobody calls from the zero address, and its allowance is refused before',
};

/** Names that the full run must reach, from IEngineErrors. */
const ENGINE_ERRORS = [
  ...['NotAccountOwner', 'TransferMismatch', 'ZeroAmount', 'MarginTooLow', 'EquityTooLow', 'OrdersPending'],
  ...['OutflowCapReached', 'OffPeg'],
  ...[
    'BatchSize',
    'QueueFull',
    'QueueEmpty',
    'BatchMismatch',
    'CommitTimeMismatch',
    'WindowEnded',
    'WindowOpen',
    'CustodyFull',
  ],
  ...['SameAccount', 'NothingScheduled', 'IndexTooOld', 'LiquidationMetered'],
  ...['ZeroSize', 'UnknownMarket', 'RecipientRefused', 'Paused', 'TradeFailed', 'NotLiquidatable'],
  ...['PriceOlderThanIndex', 'PriceTooLarge', 'ParameterOutOfBounds', 'PoolTooLow', 'UnexpectedValue', 'IndexUnset'],
  ...['ExposureWithinLimit', 'NothingToDeleverage', 'CheckpointsExhausted', 'NothingToCrystallise', 'MarketSettled'],
  ...['MarketNotSettled', 'PositionUnsettled', 'NoPosition', 'SettlementTooSoon', 'SettlementNotDue'],
  ...['SettlementNotScheduled', 'OrderRefused', 'BuilderFeeTooHigh', 'GasTooLow'],
];

/** As above, from ILiquidityVault and what it inherits. */
const VAULT_ERRORS = [
  ...['ZeroRequest', 'ZeroController', 'NotOperator', 'EpochNotEnded', 'NothingToClaim', 'NotRefundable'],
  ...['CooldownOutOfBounds', 'DepositLockOutOfBounds', 'OutflowCapOutOfBounds', 'EtherRefused', 'SurplusRefused'],
  ...['PriceOfAnEpoch', 'CheckpointUnorderedInsertion', 'SafeCastOverflowedUintDowncast'],
  ...['AccessControlUnauthorizedAccount', 'AccessControlBadConfirmation', 'ERC20InsufficientAllowance'],
  ...['ERC20InsufficientBalance', 'ERC20InvalidApprover', 'ERC20InvalidReceiver', 'ERC20InvalidSender'],
  'ERC20InvalidSpender',
];

const FUNCTIONS = [
  ...['deposit', 'withdraw', 'commit', 'settle', 'closeNow', 'liquidate', 'updateIndices', 'accrue', 'expire'],
  ...['liquidateMany', 'flag', 'setGasMarket', 'returnLiquidity'],
  ...['collectClaim', 'divideReserves', 'fundInsurance', 'payTreasury', 'listMarket'],
  ...['moveMargin', 'scheduleParameters', 'advanceParameters', 'cancelParameters', 'setReduceOnly', 'appraise'],
  ...['setPauseLevel', 'receiveLiquidity', 'addLiquidity', 'removeLiquidity', 'payLiquidity', 'priceLiquidity'],
  ...['deleverage', 'crystallise', 'scheduleSettlement', 'cancelSettlement', 'settleMarket', 'settlePosition'],
  ...['commitSigned', 'announce', 'setDelegate', 'approveBuilder', 'cancelNonces', 'permit', 'multicall'],
  ...['grantRole', 'revokeRole', 'renounceRole'],
  ...VAULT_FUNCTIONS,
];

export const LEAST = 100;
export const LEAST_SUCCESS = 0.6;

const failureCount = (counts: Counts, name: keyof typeof Failure) => counts.failures[Failure[name]] ?? 0;
const reasons = failureNames.filter((name) => name !== 'None');
const refusalCount = (counts: Counts, name: keyof typeof Refusal) => counts.refusals[Refusal[name]] ?? 0;
const refusals = (Object.keys(Refusal) as (keyof typeof Refusal)[]).filter((name) => name !== 'None');

/** What a full run lacks; empty when it proves what it should. */
export function shortcomings(counts: Counts): string[] {
  const lacking: string[] = [];
  const need = (what: string, count: number) => {
    if (count < LEAST) lacking.push(`${what}: ${count}, needs ${LEAST}`);
  };
  const declared = new Set<string>(
    [...derivativesEngineAbi, ...liquidityVaultAbi].flatMap((item) => (item.type === 'error' ? [item.name] : [])),
  );
  for (const name of FUNCTIONS) {
    const { succeeded = 0, refused = 0 } = counts.functions[name] ?? {};
    need(`${name} called`, succeeded + refused);
    if (VAULT_FUNCTIONS.includes(name)) need(`${name} succeeded`, succeeded);
  }
  for (const name of [...ENGINE_ERRORS, ...VAULT_ERRORS]) {
    if (!declared.has(name)) lacking.push(`${name} is no longer an error of engine or vault`);
    if (name in UNREACHABLE && counts.errors[name]) lacking.push(`${name} was reached though listed as unreachable`);
    if (!(name in UNREACHABLE)) need(name, counts.errors[name] ?? 0);
  }
  for (const name of reasons) need(`order failed by ${name}`, failureCount(counts, name));
  for (const name of refusals) need(`order refused by ${name}`, refusalCount(counts, name));
  need('order released', counts.released);
  const share = counts.succeeded / counts.operations;
  if (share < LEAST_SUCCESS) lacking.push(`${(share * 100).toFixed(1)} % of operations succeed, needs 60 %`);
  return lacking;
}

/** The counts as a table. */
export function table(counts: Counts): string {
  const row = (name: string, ...cells: (number | string)[]) =>
    `${name.padEnd(34)}${cells.map((cell) => String(cell).padStart(10)).join('')}`;
  const share = ((100 * counts.succeeded) / counts.operations).toFixed(1);
  return [
    row('function', 'succeeded', 'refused'),
    ...FUNCTIONS.map((name) => row(name, counts.functions[name]?.succeeded ?? 0, counts.functions[name]?.refused ?? 0)),
    '',
    row('error', 'reached'),
    ...Object.entries(counts.errors)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => row(name, count)),
    ...Object.entries(UNREACHABLE).map(([name, why]) => `${name.padEnd(34)}unreachable: ${why}`),
    '',
    row('order failed by', 'reached'),
    ...reasons.map((name) => row(name, failureCount(counts, name))),
    row('(released)', counts.released),
    '',
    row('order refused by', 'reached'),
    ...refusals.map((name) => row(name, refusalCount(counts, name))),
    '',
    `${counts.sequences} sequences, ${counts.operations} operations, ${share} % succeeded, ${counts.previews} previews equal to their execution`,
  ].join('\n');
}
