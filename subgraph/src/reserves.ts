import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import {
  BadDebtCovered,
  ClaimCancelled,
  ClaimOpened,
  ClaimsPaid,
  InsuranceFunded,
  LiquidityAdded,
  LiquidityRemoved,
  PoolAppraised,
  ReservesDivided,
  TreasuryPaid,
} from '../generated/DerivativesEngine/DerivativesEngine';
import { accountOf } from './accounts';
import { notePayment } from './changes';
import { max, min, ONE, WAD, ZERO } from './numbers';
import { insuranceDayOf, loadProtocol, Pool } from './pool';

// The pool's cash and value, claims on it, insurance and treasury.

/** Most whole dollars that the pool's stored value holds: 48 bits. */
const MOST_VALUE = ONE.leftShift(48).minus(ONE);

export function handleLiquidityAdded(event: LiquidityAdded): void {
  const pool = new Pool(event);
  const protocol = pool.protocol;
  protocol.poolCash = event.params.poolCash;
  protocol.poolValue = min(protocol.poolValue.plus(event.params.amount.div(WAD)), MOST_VALUE);
  pool.save();
}

export function handleLiquidityRemoved(event: LiquidityRemoved): void {
  const pool = new Pool(event);
  const protocol = pool.protocol;
  protocol.poolCash = event.params.poolCash;
  const removed = event.params.amount.plus(WAD).minus(ONE).div(WAD);
  protocol.poolValue = max(protocol.poolValue.minus(removed), ZERO);
  pool.save();
}

export function handlePoolAppraised(event: PoolAppraised): void {
  const pool = new Pool(event);
  pool.protocol.appraisal = event.params.value;
  pool.protocol.poolValue = event.params.kept;
  pool.save();
}

export function handleClaimOpened(event: ClaimOpened): void {
  setClaim(event, event.params.account, event.params.unpaid, event.params.outstanding);
}

export function handleClaimCancelled(event: ClaimCancelled): void {
  setClaim(event, event.params.account, event.params.unpaid, event.params.outstanding);
}

function setClaim(event: ethereum.Event, id: Bytes, unpaid: BigInt, outstanding: BigInt): void {
  const account = accountOf(event, id);
  account.claim = unpaid;
  account.save();
  setClaims(event, outstanding);
}

export function handleClaimsPaid(event: ClaimsPaid): void {
  setClaims(event, event.params.outstanding);
}

function setClaims(event: ethereum.Event, outstanding: BigInt): void {
  const pool = new Pool(event);
  pool.protocol.claims = outstanding;
  pool.save();
}

export function handleBadDebtCovered(event: BadDebtCovered): void {
  const params = event.params;
  const day = insuranceDayOf(event);
  day.badDebt = day.badDebt.plus(params.badDebt);
  day.covered = day.covered.plus(params.covered);
  day.balance = params.insurance;
  day.save();
  const protocol = loadProtocol();
  protocol.badDebt = protocol.badDebt.plus(params.badDebt);
  protocol.badDebtCovered = protocol.badDebtCovered.plus(params.covered);
  protocol.insurance = params.insurance;
  protocol.save();
}

export function handleReservesDivided(event: ReservesDivided): void {
  setInsurance(event, event.params.insurance, ZERO);
  const protocol = loadProtocol();
  protocol.treasury = event.params.treasury;
  protocol.save();
}

export function handleInsuranceFunded(event: InsuranceFunded): void {
  setInsurance(event, event.params.insurance, event.params.amount);
}

function setInsurance(event: ethereum.Event, insurance: BigInt, funded: BigInt): void {
  const day = insuranceDayOf(event);
  day.balance = insurance;
  day.funded = day.funded.plus(funded);
  day.save();
  const protocol = loadProtocol();
  protocol.insurance = insurance;
  protocol.save();
}

export function handleTreasuryPaid(event: TreasuryPaid): void {
  const protocol = loadProtocol();
  protocol.treasury = event.params.treasury;
  protocol.save();
  notePayment(event, null, event.params.to, event.params.amount);
}
