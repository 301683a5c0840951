import { type Abi, type Address, encodeFunctionData, type Hex, isAddress, size } from 'viem';
import {
  derivativesEngineAbi,
  governanceAbi,
  liquidityVaultAbi,
  postConditionsAbi,
  priceOracleAbi,
  treasuryAbi,
} from '../abi/index.ts';
import type { getFeed } from '../actions/getFeed.ts';
import type { MarketConfig } from '../math/engineTypes.ts';
import { schedule, validate } from '../math/riskParameters.ts';
import { destinationOf, kindOfChange, type MarketParameters } from './marketChanges.ts';
import { cidOf, encodeMetadata, metadataDigest, type ProposalMetadata, toDescription } from './metadata.ts';
import { ProposalInvalidError } from './proposalErrors.ts';
import { type ProposalAction, ProposalKind, type ProposalPart, strictestOf } from './proposalTypes.ts';

// What proposals are made of, by type. Each builder checks what can be known without the chain; the policy checks the
// rest when it is proposed.

const MAX_ACTIONS = 20;
const HOUR = 3600n;
const DAY = 24n * HOUR;
const MAX_TIME = 2n ** 40n;
/** Of a feed's bounds on the chain in that of prices. */
const BOUND_SCALE = 10n ** 10n;

/** What a proposal says, ready for `propose`. */
export interface ProposalDraft extends ProposalPart {
  /** Names the metadata, and the proposer as who alone may propose it. */
  description: string;
  /** The metadata's block: what has to be served under `cid`. */
  block: Uint8Array;
  cid: string;
}

/**
 * A proposal of one part or several, in their order, with its metadata.
 * @throws {ProposalInvalidError} When there are no actions or more than 20.
 * @throws {MetadataInvalidError} {@link MetadataTooLargeError} {@link DescriptionMalformedError}
 */
export function draft(proposer: Address, metadata: ProposalMetadata, ...parts: readonly ProposalPart[]): ProposalDraft {
  const part = join(...parts);
  const block = encodeMetadata(metadata);
  const digest = metadataDigest(block);
  return { ...part, description: toDescription(digest, proposer), block, cid: cidOf(digest) };
}

/**
 * Several parts as one, in their order.
 * @throws {ProposalInvalidError} When there are no actions or more than 20.
 */
export function join(...parts: readonly ProposalPart[]): ProposalPart {
  const actions = parts.flatMap((part) => part.actions);
  if (actions.length === 0 || actions.length > MAX_ACTIONS) {
    throw new ProposalInvalidError(`A proposal of ${actions.length} actions is none.`, `Give 1 to ${MAX_ACTIONS}.`);
  }
  return { actions, kind: strictestOf(parts.map(({ kind }) => kind)) };
}

/**
 * A part whose execution reverts when more has moved than is said here. It begins and ends the proposal: nothing can be
 * joined to it.
 * @throws {ProposalInvalidError} When there are more than 18 actions.
 */
export function guard(postConditions: Address, conditions: Conditions, part: ProposalPart): ProposalPart {
  const call = (functionName: 'begin' | 'end') =>
    callOf(postConditions, postConditionsAbi, functionName, [conditions], ProposalKind.Parameter);
  return join(call('begin'), part, call('end'));
}

/** By how much a proposal's execution may move the exchange, at most. */
export interface Conditions {
  /** The pool's value, either way, basis points of what it was. */
  netAssetValueBps: bigint;
  /** Each market's cumulative funding, either way, basis points of its index. */
  fundingBps: bigint;
  /** Accounts of the sample more than before that can be liquidated. */
  liquidatable: bigint;
  /** Accounts that are looked at. */
  sample: readonly Hex[];
}

// ---------------------------------------------------------------- markets

/** A change of a market's parameters. */
export interface ParameterChange<Field extends keyof MarketConfig = Exclude<keyof MarketConfig, 'flags'>> {
  engine: Address;
  /** What the change begins from, see `getMarketParameters`. */
  present: MarketParameters;
  /** The others stay where they are going. */
  changes: Partial<Pick<MarketConfig, Field>>;
  /** US cents; stays where it is going when absent. */
  keeperFeeCents?: bigint;
  /** Seconds from the execution until all of it is in force. */
  duration: bigint;
}

/**
 * Changes parameters of a market over a time.
 * @throws {ParameterOutOfBoundsError} When they leave their hard bounds.
 * @throws {ProposalInvalidError} When nothing changes.
 */
export function changeParameters({ engine, present, changes, duration, ...rest }: ParameterChange): ProposalPart {
  const from = destinationOf(present);
  const to = { ...from.config, ...changes };
  const keeperFeeCents = rest.keeperFeeCents ?? from.keeperFeeCents;
  const same = (Object.keys(to) as (keyof MarketConfig)[]).every((name) => to[name] === from.config[name]);
  // To go the same way in another time is a change.
  if (same && keeperFeeCents === from.keeperFeeCents && present.schedule.endsAt === 0n) {
    throw new ProposalInvalidError(
      `Market ${present.market}'s parameters are so already.`,
      'Change at least one of them.',
    );
  }
  schedule(present.inForce, to, keeperFeeCents, duration, 0n);
  const args = [present.market, to, keeperFeeCents, duration];
  return callOf(engine, derivativesEngineAbi, 'scheduleParameters', args, kindOfChange(present, to));
}

/** What decides when people are liquidated and what it costs them. */
export type LiquidationField = 'initialMarginBps' | 'maintenanceMarginBps' | 'marginSlopeBps' | 'penaltyBps';

/**
 * Changes when people are liquidated in a market and what it costs them.
 * @throws {ParameterOutOfBoundsError} {@link ProposalInvalidError}
 */
export function changeLiquidation(change: ParameterChange<LiquidationField>): ProposalPart {
  return changeParameters(change);
}

/** Stops a market's change of parameters where it stands. @throws {ProposalInvalidError} When none is on its way. */
export function cancelParameters(engine: Address, present: MarketParameters): ProposalPart {
  if (present.schedule.endsAt === 0n) {
    throw new ProposalInvalidError(
      `No change of market ${present.market}'s parameters is on its way.`,
      'Leave it: nothing is to be stopped.',
    );
  }
  const kind = kindOfChange(present, present.inForce);
  return callOf(engine, derivativesEngineAbi, 'cancelParameters', [present.market], kind);
}

/** A market that is to be added. */
export interface NewMarket {
  engine: Address;
  oracle: Address;
  /** Its id: how many markets there are. */
  market: bigint;
  /** Where its prices come from; floor and ceiling USD, 18 decimals, whole units of 10^-8. Decimals are read, not taken. */
  feed: Omit<getFeed.ReturnType, 'decimals'>;
  config: MarketConfig;
  /** US cents. */
  keeperFeeCents: bigint;
}

/**
 * Adds a market: its feed, which both sources have to answer when it is proposed and when it is executed, and its listing.
 * @throws {ParameterOutOfBoundsError} When its parameters leave their hard bounds.
 * @throws {ProposalInvalidError} When the feed's bounds are no units of 10^-8 USD.
 */
export function addMarket({ engine, oracle, market, feed, config, keeperFeeCents }: NewMarket): ProposalPart {
  validate(config, keeperFeeCents);
  const bounded = { ...feed, decimals: 0, floor: toBound(feed.floor), ceiling: toBound(feed.ceiling) };
  return join(
    callOf(oracle, priceOracleAbi, 'proposeFeed', [market, bounded], ProposalKind.Market),
    callOf(oracle, priceOracleAbi, 'acceptFeed', [market], ProposalKind.Market),
    callOf(engine, derivativesEngineAbi, 'listMarket', [config, keeperFeeCents], ProposalKind.Market),
  );
}

function toBound(price: bigint): bigint {
  if (price % BOUND_SCALE === 0n) return price / BOUND_SCALE;
  throw new ProposalInvalidError(`The feed's bound ${price} has too many digits.`, 'Give a multiple of 10^10.');
}

/** Lets a market's positions only shrink, or ends that, which is risk. */
export function setReduceOnly(engine: Address, market: bigint, on: boolean): ProposalPart {
  const kind = on ? ProposalKind.Parameter : ProposalKind.Risk;
  return callOf(engine, derivativesEngineAbi, 'setReduceOnly', [market, on], kind);
}

/**
 * Announces a market's end.
 * @param at Seconds since 1970; a day at least after the execution.
 * @throws {ProposalInvalidError} When it is no time of 40 bits.
 */
export function scheduleSettlement(engine: Address, market: bigint, at: bigint): ProposalPart {
  if (at <= 0n || at >= MAX_TIME) {
    throw new ProposalInvalidError(`${at} is no time at which a market can end.`, 'Give seconds since 1970.');
  }
  return callOf(engine, derivativesEngineAbi, 'scheduleSettlement', [market, at], ProposalKind.Risk);
}

// ---------------------------------------------------------------- the vault

/**
 * How long redemptions cool down.
 * @param least Seconds, at a utilisation of zero; one hour at least.
 * @param most Seconds, at a full one; seven days at most.
 * @throws {ProposalInvalidError}
 */
export function setCooldown(vault: Address, least: bigint, most: bigint): ProposalPart {
  within('The least cooldown', least, HOUR, most, 's');
  within('The longest cooldown', most, least, 7n * DAY, 's');
  return callOf(vault, liquidityVaultAbi, 'setCooldown', [least, most], ProposalKind.Parameter);
}

/**
 * How long shares bought wait until they can be claimed.
 * @param depositLock Seconds, at most seven days.
 * @throws {ProposalInvalidError}
 */
export function setDepositLock(vault: Address, depositLock: bigint): ProposalPart {
  within('The deposit lock', depositLock, 0n, 7n * DAY, 's');
  return callOf(vault, liquidityVaultAbi, 'setDepositLock', [depositLock], ProposalKind.Parameter);
}

/**
 * How much of the pool may leave within 24 epochs.
 * @param capBps Basis points of the lowest value, 100 to 5,000.
 * @throws {ProposalInvalidError}
 */
export function setOutflowCap(vault: Address, capBps: bigint): ProposalPart {
  within('The outflow cap', capBps, 100n, 5000n, 'bp');
  return callOf(vault, liquidityVaultAbi, 'setOutflowCap', [capBps], ProposalKind.Risk);
}

function within(what: string, value: bigint, least: bigint, most: bigint, unit: string): void {
  if (value >= least && value <= most) return;
  throw new ProposalInvalidError(`${what} is ${value} ${unit}.`, `Choose ${least} to ${most} ${unit}.`);
}

// ---------------------------------------------------------------- money

/**
 * Moves fees that the engine holds for the treasury to it.
 * @param assets USDC units, 6 decimals.
 * @throws {ProposalInvalidError}
 */
export function collectTreasury(engine: Address, treasury: Address, assets: bigint): ProposalPart {
  requireAmount(assets);
  return callOf(engine, derivativesEngineAbi, 'payTreasury', [treasury, assets], ProposalKind.Risk);
}

/** A payment from the treasury: at most a tenth of a token within 30 days. */
export interface TreasuryPayment {
  treasury: Address;
  token: Address;
  to: Address;
  /** Units of the token. */
  amount: bigint;
}

/** Pays a token out of the treasury. @throws {ProposalInvalidError} */
export function payFromTreasury({ treasury, token, to, amount }: TreasuryPayment): ProposalPart {
  requireAmount(amount);
  return callOf(treasury, treasuryAbi, 'pay', [token, to, amount], ProposalKind.Risk);
}

function requireAmount(amount: bigint): void {
  if (amount <= 0n) throw new ProposalInvalidError(`${amount} is nothing to pay.`, 'Give an amount.');
}

// ---------------------------------------------------------------- what changes the rules

/**
 * Puts another implementation behind a proxy.
 * @param call What the proxy calls of it at once; nothing when absent.
 */
export function upgrade(proxy: Address, implementation: Address, call: Hex = '0x'): ProposalPart {
  const args = [implementation, call];
  return callOf(proxy, derivativesEngineAbi, 'upgradeToAndCall', args, ProposalKind.Upgrade);
}

/** Makes another council, for 365 days from the execution. Alone in a proposal the council cannot cancel it. */
export function replaceCouncil(governor: Address, council: Address): ProposalPart {
  return callOf(governor, governanceAbi, 'setCouncil', [council], ProposalKind.Upgrade);
}

/**
 * Any other call: an upgrade, unless it is registered as less.
 * @throws {ProposalInvalidError} When it has no target, no selector or less than no ether.
 */
export function custom(action: ProposalAction, kind: ProposalKind = ProposalKind.Upgrade): ProposalPart {
  const { target, value, data } = action;
  if (!isAddress(target)) throw new ProposalInvalidError(`${target} is no address.`, 'Name what is to be called.');
  if (value < 0n) throw new ProposalInvalidError(`${value} wei cannot be sent.`, 'Send none, or some.');
  if (size(data) < 4) throw new ProposalInvalidError(`${data} names no function.`, 'Give its selector and arguments.');
  return { actions: [{ target, value, data }], kind: value === 0n ? kind : ProposalKind.Upgrade };
}

function callOf(target: Address, abi: Abi, functionName: string, args: readonly unknown[], kind: ProposalKind) {
  const data = encodeFunctionData({ abi, functionName, args: args as unknown[] });
  return { actions: [{ target, value: 0n, data }], kind };
}
