import type { derivativesEngineAbi } from '@tidemark/sdk';
import { BaseError, ContractFunctionRevertedError, UserRejectedRequestError } from 'viem';
import { failureText } from '../features/orders/model.ts';
import { formatUsd } from '../ui/format.ts';

/** Why something could not be done, and what to do about it. */
export interface Explanation {
  reason: string;
  next: string;
}

type ErrorName = Extract<(typeof derivativesEngineAbi)[number], { type: 'error' }>['name'];
type Explain = (args: readonly unknown[]) => Explanation;

const usd = (value: unknown) => formatUsd(BigInt(value as bigint), 2, 'ceil');
const say =
  (reason: string, next = 'Try again in a moment.'): Explain =>
  () => ({ reason, next });
const operator = say('Only an operator may do this.', 'Use an account that holds the role.');
const internal = say('The contract refused an internal step.', 'Report this with the transaction.');
const badUpdate = say('The signed price was refused.', 'Try again with the next price.');
const feedDown = say('The chain’s price for this market is not usable now.', 'Wait for its feed to recover.');
const oracleStates = [
  'normal',
  'strained',
  'on a single source',
  'on its fallback',
  'halted',
  'after a sequencer outage',
];

/** Every custom error the engine can revert with. A missing one does not compile. */
export const explanations: Record<ErrorName, Explain> = {
  AccessControlBadConfirmation: operator,
  AccessControlUnauthorizedAccount: operator,
  AddressEmptyCode: internal,
  BatchMismatch: say('The orders shown are not the ones committed.', 'Wait for the keeper.'),
  BatchSize: say('A batch holds 1 to 32 orders.', 'Change the number of orders.'),
  CashOutOfRange: say('The position’s cash would leave its range.', 'Trade less.'),
  CommitTimeMismatch: say('These orders were not committed in one block.', 'Wait for the keeper.'),
  ERC1967InvalidImplementation: operator,
  ERC1967NonPayable: internal,
  EquityTooLow: ([equity, required]) => ({
    reason: `Equity of ${usd(equity)} would be below the ${usd(required)} that must stay.`,
    next: 'Withdraw less, or reduce a position first.',
  }),
  FailedCall: internal,
  FeedRefused: feedDown,
  FeeTooLow: say('The price update’s fee changed.'),
  GasTooLow: say('The gas limit is too low.', 'Let the wallet estimate the gas.'),
  IndexTooOld: say('The market’s accepted price is too old.', 'Wait for the next price.'),
  IndexUnset: feedDown,
  InsufficientFee: say('The price update’s fee changed.'),
  InvalidArgument: badUpdate,
  InvalidInitialization: operator,
  InvalidUpdateData: badUpdate,
  InvalidUpdateDataSource: badUpdate,
  InvalidWormholeVaa: badUpdate,
  MarginTooLow: ([margin, required]) => ({
    reason: `Margin of ${usd(margin)} does not cover ${usd(required)}.`,
    next: 'Deposit, or ask for less.',
  }),
  NoFreshUpdate: badUpdate,
  NotAccountOwner: say('The account belongs to another address.', 'Connect its owner.'),
  NotInitializing: operator,
  NotLiquidatable: say('The account covers its maintenance margin.', 'There is nothing to liquidate.'),
  OrdersPending: ([pending, limit]) => ({
    reason: `${pending} order${pending === 1n ? ' is' : 's are'} pending; this needs at most ${limit}.`,
    next: 'Wait until they settle or expire, within a minute.',
  }),
  ParameterOutOfBounds: operator,
  Paused: say('The exchange is halted.', 'Wait until it resumes.'),
  PoolTooLow: say('The pool’s free cash does not cover this.', 'Ask for less, or wait.'),
  PriceFeedNotFound: badUpdate,
  PriceFeedNotFoundWithinRange: badUpdate,
  PriceFromFuture: say('The price is ahead of the chain’s clock.'),
  PriceInvalid: feedDown,
  PriceOlderThanIndex: say('A newer price was already accepted.'),
  PriceTooLarge: feedDown,
  PriceTooOld: say('The price was too old when the block was made.'),
  PriceUseRefused: ([, , state]) => ({
    reason: `The oracle is ${oracleStates[Number(state)] ?? 'in an unknown state'} and refuses this use.`,
    next: 'Wait until its sources agree again.',
  }),
  QueueEmpty: say('There is nothing to settle.', 'Nothing to do.'),
  QueueFull: say('The market’s queue of orders is full.'),
  ReentrancyGuardReentrantCall: internal,
  RefundFailed: say('Your account refused the returned ether.', 'Use a wallet that accepts ether.'),
  SafeERC20FailedOperation: say('The USDC transfer was refused.', 'Check balance and approval.'),
  StalePrice: badUpdate,
  TradeFailed: ([reason]) => failureText(Number(reason)),
  TransferMismatch: say('The token moved another amount than asked.', 'Use native USDC.'),
  UnexpectedValue: say('Ether was sent where none is taken.', 'Send none.'),
  UnknownFeed: say('The market has no price feed.', 'Choose another market.'),
  UnknownMarket: say('The market is not listed.', 'Choose another market.'),
  UpdateRequired: say('A fresh signed price is required.'),
  UUPSUnauthorizedCallContext: operator,
  UUPSUnsupportedProxiableUUID: operator,
  WindowEnded: say('The order’s window has ended.', 'Order again.'),
  WindowOpen: say('The order’s window is still open.', 'Wait for the keeper.'),
  ZeroAmount: say('The amount is zero.', 'Enter an amount.'),
  ZeroSize: say('The size is zero.', 'Enter a size.'),
};

/** Whether the person declined in the wallet. */
export function isRejection(error: unknown): boolean {
  return (
    (error instanceof BaseError && error.walk((cause) => cause instanceof UserRejectedRequestError) !== null) ||
    (error as { code?: number } | null)?.code === 4001
  );
}

/** Cause and next step of whatever went wrong. */
export function explain(error: unknown): Explanation {
  const revert =
    error instanceof BaseError ? error.walk((cause) => cause instanceof ContractFunctionRevertedError) : null;
  if (revert instanceof ContractFunctionRevertedError) {
    const { data, reason, signature } = revert;
    const known = data && explanations[data.errorName as ErrorName];
    if (known) return known(data.args ?? []);
    return {
      reason: `The chain refused: ${reason ?? signature ?? 'no reason given'}.`,
      next: 'Check balances and retry.',
    };
  }
  const message =
    error instanceof BaseError ? error.shortMessage : error instanceof Error ? error.message : String(error);
  return { reason: message, next: 'Check the connection and try again.' };
}
