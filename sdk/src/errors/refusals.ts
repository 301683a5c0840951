import { describeFailure } from './failures.ts';
import { GOVERNANCE_REFUSALS } from './governanceRefusals.ts';
import { describeOrderRefusal } from './orderRefusals.ts';
import { baseUnits, rawUsd, seconds, text, usd } from './quantities.ts';
import type { Sentence } from './tidemarkError.ts';

export const PRICE_STATES = ['Normal', 'Strained', 'Guarded', 'Single', 'Fallback', 'Halted', 'SequencerDown'] as const;
/** Why a price is in its state, by the contract's numbers. */
export const PRICE_REASONS = [
  'both sources agree',
  'Pyth and Chainlink disagree',
  'Pyth is not sure of it',
  'it has changed too fast',
  'Chainlink does not answer',
  'Pyth does not answer',
  'the uptime feed does not answer',
  'no source answers',
  'the only source is far from the recent mean',
  'it is beyond what is credible',
  'the guardian has halted the market',
  'the sequencer is down',
  'the sequencer has been back for less than ten minutes',
] as const;
export const PRICE_USES = [
  'Settle',
  'CloseNow',
  'Liquidate',
  'Withdraw',
  'Liquidity',
  'Index',
  'Deleverage',
  'Crystallise',
] as const;

type Describe = (...args: readonly unknown[]) => Sentence;

/** A refusal that passes by itself. */
const passing = (what: string, next: string): Sentence => ({ what, next, retryable: true });
const lasting = (what: string, next: string): Sentence => ({ what, next });

const ORDERS: Record<string, Describe> = {
  BatchMismatch: (index) =>
    passing(`Batch ${index} is not what was committed there.`, 'Read the queue again: another keeper was first.'),
  BatchSize: (count, limit) => lasting(`The batch holds ${count} orders.`, `Send 1 to ${limit}.`),
  CommitTimeMismatch: (at, expected) =>
    lasting(
      `A batch was committed at ${seconds(at)}, the first one at ${seconds(expected)}.`,
      'Settle only batches of one block together.',
    ),
  QueueEmpty: (market) => passing(`Market ${market} has no order waiting.`, 'Read the queue again.'),
  QueueFull: (length) => passing(`The queue holds ${length} batches and is full.`, 'Commit again in a minute.'),
  WindowEnded: (time, limit) =>
    lasting(`It is ${seconds(time)}; the orders could settle until ${seconds(limit)}.`, 'Expire them, commit anew.'),
  WindowOpen: (time, limit) =>
    passing(`It is ${seconds(time)}; the orders may still settle until ${seconds(limit)}.`, 'Expire them after that.'),
  OrdersPending: (pending, limit) =>
    passing(
      `${pending} order(s) of the account are pending, at most ${limit} may be.`,
      'Wait until they settle or expire: a minute at most.',
    ),
  OrderRefused: (reason, actual, limit) =>
    describeOrderRefusal(Number(reason), BigInt(actual as bigint), BigInt(limit as bigint)),
  BuilderFeeTooHigh: (fee, limit) =>
    lasting(
      `A builder may ask for ${Number(limit) / 10} bp at most, not for ${Number(fee) / 10} bp.`,
      'Approve a lower fee.',
    ),
  TradeFailed: (reason) => describeFailure(Number(reason)),
  ZeroSize: () => lasting('The size is zero.', 'Give a size.'),
};

const ACCOUNTS: Record<string, Describe> = {
  NotAccountOwner: (caller, owner) =>
    lasting(`${caller} does not own the account; ${owner} does.`, 'Sign with its owner.'),
  TransferMismatch: (received, expected) =>
    lasting(`The token moved ${received} units instead of ${expected}.`, 'Use a token without a transfer fee.'),
  RecipientRefused: (to) =>
    lasting(`${to} is the exchange itself; the tokens would be nobody's.`, 'Give the address of a wallet.'),
  CustodyFull: (assets, room) =>
    lasting(`${assets} units of the token came, the exchange takes ${room} more.`, 'Bring less.'),
  OutflowCapReached: (assets, left) =>
    passing(
      `${assets} units of the token would leave, ${left} more may within this hour: a quarter of what the exchange holds.`,
      'Withdraw less, or the rest when the next hour begins.',
    ),
  SameAccount: (account) => lasting(`The account ${account} would give to itself.`, 'Name another account of yours.'),
  ZeroAmount: () => lasting('The amount is zero.', 'Give an amount.'),
  MarginTooLow: (margin, required) =>
    lasting(`The account's margin is ${usd(margin)}, ${usd(required)} is needed.`, 'Deposit more or ask for less.'),
  EquityTooLow: (equity, required) =>
    lasting(`The account's equity would be ${usd(equity)}, ${usd(required)} must stay.`, 'Withdraw less, or reduce.'),
  NotLiquidatable: (equity, maintenance) =>
    passing(`The account's equity ${usd(equity)} covers its maintenance ${usd(maintenance)}.`, 'Leave it alone.'),
  NotHalted: (market) => lasting(`Market ${market} is not halted.`, 'There is nothing to release.'),
  HaltTooShort: (market, haltedFor, required) =>
    passing(
      `Market ${market} has been observed halted for ${haltedFor} s without a break, less than ${required} s.`,
      'Have it observed at least every hour, and put it into settlement then.',
    ),
  ClosingRefused: (market, begunAt) =>
    begunAt === 0n
      ? lasting(`Market ${market} is not in settlement.`, 'Put it into settlement first.')
      : lasting(
          `Market ${market} has been in settlement since ${seconds(begunAt)}.`,
          'Settle it once its closing price is known.',
        ),
  ClosingPriceKnown: (market, mean) =>
    lasting(`A source has returned: market ${market} ends at ${usd(mean)}.`, 'Settle it; no vote is needed.'),
  VoteTooEarly: (market, _, earliest) =>
    passing(`A source of market ${market} may still return.`, `Vote its price from ${seconds(earliest)} on.`),
  PriceOutOfBounds: (price, limit) =>
    lasting(`No market can have the price ${usd(price)}.`, `Name one above zero and up to ${usd(limit)}.`),
  NothingVoted: (market) => lasting(`No price is voted for market ${market}.`, 'There is nothing to take back.'),
  NothingToFlag: () =>
    passing(
      'Both sources price the markets of the account, or none does.',
      'Liquidate it if it is due; a flag is not needed.',
    ),
  AlreadyFlagged: (_, flaggedAt, until) =>
    passing(
      `The account was flagged at ${seconds(flaggedAt)}, and stays so until ${seconds(until)}.`,
      'Liquidate it, from a minute after its flag on.',
    ),
  PriceCountMismatch: (count, expected) =>
    lasting(`${count} prices were given, the account has ${expected} markets.`, 'Give one price for each of them.'),
  LiquidationMetered: (room, capacity) =>
    passing(
      `The market has taken enough liquidations that add to its skew: room for ${baseUnits(room)} of ${baseUnits(capacity)}.`,
      'Try again within a minute.',
    ),
  CashOutOfRange: (cash) => lasting(`A position's cash of ${cash} does not fit the ledger.`, 'Trade a smaller size.'),
  SafeERC20FailedOperation: (token) =>
    lasting(`The token ${token} refused the transfer.`, 'Check balance and allowance, and whether it is paused.'),
  ERC20InsufficientBalance: (_owner, balance, needed) =>
    lasting(`The wallet holds ${balance} units of the token, ${needed} are needed.`, 'Bring more, or send less.'),
  ERC20InsufficientAllowance: (_spender, allowance, needed) =>
    lasting(`The token's allowance is ${allowance} units, ${needed} are needed.`, 'Approve the exchange first.'),
};

const MARKETS: Record<string, Describe> = {
  UnknownMarket: (market) => lasting(`No market has the number ${market}.`, 'Choose a listed one.'),
  IndexUnset: (market) => lasting(`Market ${market} has no price yet.`, 'Bring one to its feed first.'),
  OffPeg: () =>
    passing(
      'USDC is off its peg, so that no liquidity is taken.',
      'Wait until it is worth a dollar again; shares can be redeemed meanwhile.',
    ),
  Paused: (level) =>
    passing(`The exchange is paused at level ${level}.`, 'Wait for the guardian; margin can be added meanwhile.'),
  PriceOlderThanIndex: (time, indexAt) =>
    passing(`The price is of ${seconds(time)}, the index already of ${seconds(indexAt)}.`, 'Bring a newer price.'),
  PriceTooLarge: (price, limit) =>
    lasting(`The price ${usd(price)} is above ${usd(limit)}.`, 'Check the feed: such a price is not supported.'),
  ParameterOutOfBounds: (name, value, limit) =>
    lasting(`The parameter ${text(name)} = ${value} is beyond its bound ${limit}.`, 'Choose a value within the bound.'),
  NothingScheduled: (market) =>
    passing(`No change of market ${market}'s parameters is on its way.`, 'Schedule one first.'),
  IndexTooOld: (market, age, limit) =>
    passing(`Market ${market}'s index is ${seconds(age)} old, at most ${seconds(limit)} may be.`, 'Update it first.'),
  PoolTooLow: (cash, required) =>
    passing(`The pool has ${usd(cash)} free, ${usd(required)} is needed.`, 'Ask for less, or wait for inflows.'),
  MarketSettled: (market) => lasting(`Market ${market} has ended.`, 'Settle the positions that are still in it.'),
  MarketNotSettled: (market) =>
    lasting(`Market ${market} has not ended, and the position has a size.`, 'Close it by an order.'),
  PositionUnsettled: (market) =>
    lasting(`The account still holds a position in market ${market}, which has ended.`, 'Settle that position first.'),
  NoPosition: (market) => lasting(`The account has no position in market ${market}.`, 'Leave it: nothing is to do.'),
  SettlementTooSoon: (time, earliest) =>
    lasting(`The end at ${seconds(time)} is before ${seconds(earliest)}.`, 'Announce it a day ahead.'),
  SettlementNotDue: (time, at) =>
    passing(`It is ${seconds(time)}; the market ends at ${seconds(at)}.`, 'Settle it then.'),
  SettlementAnnounced: (market, at) =>
    lasting(`Market ${market} will be settled for good from ${seconds(at)} on.`, 'Cancel its settlement first.'),
  SettlementNotScheduled: (market) =>
    lasting(`No end of market ${market} is announced.`, 'Let a configurator announce it.'),
  ExposureWithinLimit: (exposure, limit) =>
    passing(
      `The pool's exposure ${rawUsd(exposure)} in the market does not exceed ${rawUsd(limit)}.`,
      'Leave it: nothing is to do.',
    ),
  NothingToDeleverage: (cut, least) =>
    passing(
      `A cut of ${baseUnits(cut)} would be less than ${baseUnits(least)}.`,
      'Wait until the skew or the price has moved.',
    ),
  CheckpointsExhausted: (number) =>
    lasting(`The side has been deleveraged ${number} times, as often as can be counted.`, 'Let the market be settled.'),
  NothingToCrystallise: (loss, margin, claims) =>
    passing(
      `The position's loss is ${usd(loss)}, the margin ${usd(margin)}, unpaid claims ${usd(claims)}.`,
      'Choose a losing position with margin, while claims are unpaid.',
    ),
  UnexpectedValue: (value) => lasting(`${value} wei came with a call that takes none.`, 'Send no ether.'),
};

const PRICES: Record<string, Describe> = {
  PriceUseRefused: (market, use, state, reason) =>
    passing(
      `Market ${market}'s price is ${PRICE_STATES[Number(state)]}, since ${PRICE_REASONS[Number(reason)]}: not good enough for ${PRICE_USES[Number(use)]}.`,
      'Wait until both price sources agree again.',
    ),
  FeeTooLow: (sent, fee) => lasting(`${sent} wei came, the price update costs ${fee}.`, 'Send its exact fee.'),
  RefundFailed: (to, value) =>
    lasting(`${to} did not take back ${value} wei.`, 'Send the exact fee, or call from an address that takes ether.'),
  UpdateRequired: (market) => lasting(`Market ${market} needs a price brought along.`, 'Attach a signed update.'),
  PriceTooOld: (market, age, limit) =>
    passing(
      `Market ${market}'s price is ${seconds(age)} old, at most ${seconds(limit)} may be.`,
      'Bring a newer signed update.',
    ),
  PriceFromFuture: (market, time, limit) =>
    passing(
      `Market ${market}'s price is of ${seconds(time)}, later than ${seconds(limit)}: the chain is catching up.`,
      'Wait until it has.',
    ),
  PriceInvalid: (market, price, confidence, expo) =>
    passing(
      `Market ${market}'s price ${price} ± ${confidence} (exponent ${expo}) is not credible.`,
      'Wait for a better one.',
    ),
  GasTooLow: (gas, required) =>
    lasting(`${gas} gas was left to call another contract, ${required} is needed.`, 'Send more gas.'),
  UnknownFeed: (market) => lasting(`Market ${market} has no price feed.`, 'Choose a listed market.'),
  FeedRefused: (market, reason) =>
    lasting(`Market ${market}'s feed cannot be registered: ${text(reason)}.`, 'Correct that and propose it again.'),
};

const PYTH: Record<string, Describe> = {
  InvalidArgument: () =>
    lasting('The price update holds more than was asked for.', 'Fetch an update of exactly these feeds.'),
  InvalidUpdateDataSource: () => lasting("The price update is not Pyth's.", 'Fetch it from a Pyth price service.'),
  InvalidUpdateData: () => lasting('The price update cannot be read.', 'Fetch it again, and do not alter it.'),
  InvalidWormholeVaa: () =>
    lasting('The price update is not signed by enough of its signers.', 'Fetch it from a trusted price service.'),
  InsufficientFee: () => lasting("The price update's fee was not sent.", 'Send what getUpdateFee says.'),
  NoFreshUpdate: () => passing('No price of the update is newer than the stored one.', 'Fetch a newer one.'),
  PriceFeedNotFoundWithinRange: () =>
    lasting(
      'The update does not hold the first price of the window for every feed.',
      'Fetch the first one published in the window.',
    ),
  PriceFeedNotFound: () => passing('No price was ever stored for the feed.', 'Bring a signed update first.'),
  StalePrice: () => passing('The stored price is too old.', 'Bring a newer signed update.'),
};

const VAULT: Record<string, Describe> = {
  ZeroRequest: () => lasting('The request is of nothing.', 'Give an amount.'),
  ZeroController: () => lasting('The controller is the zero address.', 'Name whose request it is.'),
  NotOperator: (sender, owner) =>
    lasting(`${sender} is no operator of ${owner}.`, 'Act as the owner, or have it approve an operator.'),
  EpochNotEnded: (time, limit) =>
    passing(`It is ${seconds(time)}; the epoch can be settled from ${seconds(limit)}.`, 'Settle it then.'),
  NothingToClaim: (owner, request) =>
    passing(
      `${owner} has nothing to claim of request ${request}.`,
      'Claim when its epoch is settled and the deposit lock has passed.',
    ),
  NotRefundable: (owner, request) =>
    lasting(`${owner}'s request ${request} cannot be refunded.`, 'Claim its shares when its epoch is settled.'),
  CooldownOutOfBounds: (cooldown, limit) =>
    lasting(`A cooldown of ${seconds(cooldown)} is beyond its bound ${seconds(limit)}.`, 'Choose one within it.'),
  DepositLockOutOfBounds: (lock, limit) =>
    lasting(`A deposit lock of ${seconds(lock)} is beyond its bound ${seconds(limit)}.`, 'Choose one within it.'),
  PriceOfAnEpoch: () => lasting('The price of an epoch is fixed when it is settled.', 'Request, and claim later.'),
  OutflowCapOutOfBounds: (cap, limit) =>
    lasting(`An outflow cap of ${cap} bp is beyond its bound ${limit} bp.`, 'Choose one within it.'),
  EtherRefused: (sender) => lasting(`The vault takes no ether from ${sender}.`, 'Send none.'),
  SurplusRefused: (to, value) =>
    lasting(`${to} did not take back ${value} wei.`, 'Send the exact fee, or call from an address that takes ether.'),
  ERC20InvalidSender: (sender) => lasting(`The token cannot be sent by ${sender}.`, 'Check the address.'),
  ERC20InvalidReceiver: (receiver) => lasting(`The token cannot be sent to ${receiver}.`, 'Check the address.'),
  ERC20InvalidApprover: (approver) => lasting(`${approver} cannot approve.`, 'Check the address.'),
  ERC20InvalidSpender: (spender) => lasting(`${spender} cannot be approved.`, 'Check the address.'),
  CheckpointUnorderedInsertion: () => lasting('The vault was written out of order.', 'Report this: it is a defect.'),
  SafeCastOverflowedUintDowncast: (bits, value) =>
    lasting(`${value} does not fit ${bits} bits.`, 'Use a smaller amount.'),
};

const ACCESS: Record<string, Describe> = {
  AccessControlUnauthorizedAccount: (account, role) =>
    lasting(`${account} lacks the role ${role}.`, 'Call from an address that holds it.'),
  AccessControlBadConfirmation: () =>
    lasting('Only the holder of a role can renounce it.', 'Name your own address as confirmation.'),
  ReentrancyGuardReentrantCall: () =>
    lasting('The contract was called from within its own call.', 'Call it from outside.'),
  AddressEmptyCode: (target) => lasting(`${target} holds no code.`, 'Check the address.'),
  FailedCall: () => lasting('An inner call failed without a reason.', 'Check the addresses and the token.'),
  ERC1967InvalidImplementation: (implementation) =>
    lasting(`${implementation} is no implementation of this contract.`, 'Deploy the implementation first.'),
  ERC1967NonPayable: () => lasting('The upgrade takes no ether.', 'Send none.'),
  UUPSUnauthorizedCallContext: () =>
    lasting('The implementation was called without its proxy.', "Call the proxy's address."),
  UUPSUnsupportedProxiableUUID: (slot) =>
    lasting(`The implementation keeps its address at ${slot}.`, 'Upgrade to one of the ERC-1967 kind.'),
  InvalidInitialization: () => lasting('The contract is already initialized.', 'Do not initialize it again.'),
  NotInitializing: () => lasting('The contract is not being initialized.', 'Call its initializer.'),
};

const POWERS: Record<string, Describe> = {
  NotTimelock: (caller, timelock) =>
    lasting(`${caller} is not the timelock ${timelock}.`, 'Propose it, so that the timelock calls.'),
  NotAppointed: (caller, holder) => lasting(`${caller} is not appointed; ${holder} is.`, 'Call through that Safe.'),
  TermEnded: (time, endedAt) =>
    lasting(`It is ${seconds(time)}; the term ended at ${seconds(endedAt)}.`, 'Propose to renew the appointment.'),
  LevelNotRaised: (level, present) =>
    lasting(`A pause at level ${level} does not raise level ${present}.`, 'Choose a higher one up to 2, or lift.'),
  IncidentOver: (time, endsAt) =>
    lasting(`It is ${seconds(time)}; the incident's time was over at ${seconds(endsAt)}.`, 'Expire the pause.'),
  PauseTooSoon: (time, earliest) =>
    passing(`It is ${seconds(time)}; such a pause may begin at ${seconds(earliest)}.`, 'Pause then.'),
  NothingPaused: () => lasting('The guardian has paused nothing.', 'Leave it: nothing is to do.'),
  PauseStands: (time, until) =>
    passing(`It is ${seconds(time)}; the pause stands until ${seconds(until)}.`, 'Expire it then.'),
  TightenedTooSoon: (market, time, earliest) =>
    passing(
      `It is ${seconds(time)}; market ${market} may be tightened again at ${seconds(earliest)}.`,
      'Tighten it then, or let it be reduce-only.',
    ),
  TreasuryCapReached: (amount, left) =>
    passing(
      `${amount} units of the token would be paid, ${left} more may now: a tenth of the treasury within 30 days.`,
      'Pay less, or later.',
    ),
  TooManyPayments: (count, limit) =>
    passing(`The token was paid ${count} times within 30 days, ${limit} are the most.`, 'Pay later.'),
};

/** Every custom error the exchange's contracts throw, with what to say of it. */
export const REFUSALS: Readonly<Record<string, Describe>> = {
  ...ORDERS,
  ...ACCOUNTS,
  ...MARKETS,
  ...PRICES,
  ...PYTH,
  ...VAULT,
  ...GOVERNANCE_REFUSALS,
  ...POWERS,
  ...ACCESS,
};

/** What happened and what to do, of a custom error. @throws RangeError when nothing is known of it. */
export function describeRefusal(error: string, args: readonly unknown[]): Sentence {
  const describe = REFUSALS[error];
  if (!describe) throw new RangeError(`Nothing is known of the error ${error}.`);
  return describe(...args);
}
