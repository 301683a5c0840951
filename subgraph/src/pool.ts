import { BigInt, ethereum } from '@graphprotocol/graph-ts';
import { InsuranceDay, MarketTally, Protocol, ProtocolDay, Vault, VaultDay } from '../generated/schema';
import { DAY, divFloor, RAW_PER_WAD, startOf, ZERO } from './numbers';

// The exchange's totals, its days, and the pool's value.

/** The only exchange, and the only vault. */
const ONLY = '0';

export function loadProtocol(): Protocol {
  const stored = Protocol.load(ONLY);
  if (stored != null) return stored;
  const protocol = new Protocol(ONLY);
  protocol.marketCount = 0;
  protocol.accountCount = 0;
  protocol.pauseLevel = 0;
  protocol.offPeg = false;
  protocol.volume = ZERO;
  protocol.fees = ZERO;
  protocol.tradeCount = 0;
  protocol.liquidationCount = 0;
  protocol.poolCash = ZERO;
  protocol.poolValue = ZERO;
  protocol.appraisal = ZERO;
  protocol.owed = ZERO;
  protocol.netAssetValue = ZERO;
  protocol.longInterest = ZERO;
  protocol.shortInterest = ZERO;
  protocol.claims = ZERO;
  protocol.insurance = ZERO;
  protocol.treasury = ZERO;
  protocol.badDebt = ZERO;
  protocol.badDebtCovered = ZERO;
  protocol.deposited = ZERO;
  protocol.withdrawn = ZERO;
  protocol.proposalCount = 0;
  return protocol;
}

function dayOf(event: ethereum.Event): i64 {
  return startOf(event.block.timestamp.toI64(), DAY);
}

export function protocolDayOf(event: ethereum.Event): ProtocolDay {
  const start = dayOf(event);
  const stored = ProtocolDay.load(start.toString());
  if (stored != null) return stored;
  const day = new ProtocolDay(start.toString());
  const protocol = loadProtocol();
  day.start = BigInt.fromI64(start);
  day.volume = ZERO;
  day.fees = ZERO;
  day.tradeCount = 0;
  day.liquidationCount = 0;
  day.liquidated = ZERO;
  day.activeAccounts = 0;
  day.newAccounts = 0;
  day.deposited = ZERO;
  day.withdrawn = ZERO;
  day.longInterest = protocol.longInterest;
  day.shortInterest = protocol.shortInterest;
  return day;
}

export function vaultDayOf(event: ethereum.Event): VaultDay {
  const start = dayOf(event);
  const stored = VaultDay.load(start.toString());
  if (stored != null) return stored;
  const day = new VaultDay(start.toString());
  const vault = Vault.load(ONLY);
  const sharePrice = vault == null ? ZERO : vault.sharePrice;
  day.start = BigInt.fromI64(start);
  day.netAssetValue = ZERO;
  day.poolCash = ZERO;
  day.supply = vault == null ? ZERO : vault.supply;
  day.sharePrice = sharePrice;
  day.lowestSharePrice = sharePrice;
  day.highestSharePrice = sharePrice;
  day.utilisationBps = vault == null ? 0 : vault.utilisationBps;
  day.deposited = ZERO;
  day.redeemed = ZERO;
  return day;
}

export function insuranceDayOf(event: ethereum.Event): InsuranceDay {
  const start = dayOf(event);
  const stored = InsuranceDay.load(start.toString());
  if (stored != null) return stored;
  const day = new InsuranceDay(start.toString());
  day.start = BigInt.fromI64(start);
  day.balance = loadProtocol().insurance;
  day.funded = ZERO;
  day.expired = ZERO;
  day.badDebt = ZERO;
  day.covered = ZERO;
  return day;
}

/** The exchange and its day while an event changes both. */
export class Pool {
  protocol: Protocol;
  day: ProtocolDay;
  private event: ethereum.Event;

  constructor(event: ethereum.Event) {
    this.event = event;
    this.protocol = loadProtocol();
    this.day = protocolDayOf(event);
  }

  /** @param change USD 30. */
  changeOwed(change: BigInt): void {
    this.protocol.owed = this.protocol.owed.plus(change);
  }

  /** Changes of open interest, USD 18. */
  changeInterest(longs: BigInt, shorts: BigInt): void {
    this.protocol.longInterest = this.protocol.longInterest.plus(longs);
    this.protocol.shortInterest = this.protocol.shortInterest.plus(shorts);
  }

  count(tally: MarketTally): void {
    const protocol = this.protocol;
    const day = this.day;
    protocol.volume = protocol.volume.plus(tally.volume);
    protocol.fees = protocol.fees.plus(tally.fees);
    protocol.tradeCount += tally.tradeCount;
    protocol.liquidationCount += tally.liquidationCount;
    day.volume = day.volume.plus(tally.volume);
    day.fees = day.fees.plus(tally.fees);
    day.tradeCount += tally.tradeCount;
    day.liquidationCount += tally.liquidationCount;
    day.liquidated = day.liquidated.plus(tally.liquidated);
  }

  /** Saves both, and what the pool is worth with them. */
  save(): void {
    const protocol = this.protocol;
    const cash = protocol.poolCash.minus(protocol.claims);
    protocol.netAssetValue = divFloor(cash.times(RAW_PER_WAD).minus(protocol.owed), RAW_PER_WAD);
    protocol.save();
    this.day.longInterest = protocol.longInterest;
    this.day.shortInterest = protocol.shortInterest;
    this.day.save();
    const vault = vaultDayOf(this.event);
    vault.netAssetValue = protocol.netAssetValue;
    vault.poolCash = protocol.poolCash;
    vault.save();
  }
}
