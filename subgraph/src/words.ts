import { BigInt, Bytes } from '@graphprotocol/graph-ts';

// What the engine's events carry packed, as the SDK's eventWords.ts takes it apart. Every field begins and ends at a byte.

/** Bits from `from` on as a number that is never negative. @param word Not negative. */
function unsigned(word: BigInt, from: i32, bits: i32): BigInt {
  return field(word, from >> 3, bits >> 3, false);
}

/** The same as two's complement. */
function signed(word: BigInt, from: i32, bits: i32): BigInt {
  return field(word, from >> 3, bits >> 3, true);
}

/** A BigInt's bytes are two's complement, the lowest first. */
function field(word: BigInt, from: i32, length: i32, isSigned: bool): BigInt {
  const value = new BigInt(length + 1);
  for (let i = 0; i < length && from + i < word.length; i++) value[i] = word[from + i];
  if (isSigned && value[length - 1] >= 0x80) value[length] = 0xff;
  return value;
}

/** A market's three words; scales as in the schema's Market. */
export class MarketWords {
  longs: BigInt;
  shorts: BigInt;
  accruedAt: BigInt;
  indexAt: BigInt;
  funding: BigInt;
  index: BigInt;
  fundingRate: BigInt;
  cash: BigInt;
  skewSeconds: BigInt;

  constructor(interest: BigInt, pricing: BigInt, totals: BigInt) {
    this.longs = unsigned(interest, 0, 88);
    this.shorts = unsigned(interest, 88, 88);
    this.accruedAt = unsigned(interest, 176, 40);
    this.indexAt = unsigned(interest, 216, 40);
    this.funding = signed(pricing, 0, 96);
    this.index = unsigned(pricing, 96, 96);
    this.fundingRate = signed(pricing, 192, 56);
    this.cash = signed(totals, 0, 152);
    this.skewSeconds = signed(totals, 152, 104);
  }
}

export function marketOf(interest: BigInt, pricing: BigInt, totals: BigInt): MarketWords {
  return new MarketWords(interest, pricing, totals);
}

/** A position as it is stored. */
export class PositionWord {
  /** Base 12, + long. */
  size: BigInt;
  /** USD 30. */
  cash: BigInt;
  checkpoint: i32;
  generation: i32;

  constructor(word: BigInt) {
    this.size = signed(word, 0, 88);
    this.cash = signed(word, 88, 136);
    this.checkpoint = unsigned(word, 224, 16).toI32();
    this.generation = unsigned(word, 240, 16).toI32();
  }
}

/** A committed batch's place. */
export class BatchPlace {
  market: i32;
  /** In the market's queue. */
  index: BigInt;
  /** Keeper fee of each order, US cents. */
  feeCents: i32;

  constructor(place: BigInt) {
    this.market = unsigned(place, 56, 200).toI32();
    this.index = unsigned(place, 0, 40);
    this.feeCents = unsigned(place, 40, 16).toI32();
  }
}

/** What a BatchCommitted tells beside its orders. */
export function batchOf(place: BigInt): BatchPlace {
  return new BatchPlace(place);
}

/** What an OrderFilled or a PositionClosed tells. */
export class TradeFill {
  market: i32;
  /** Base 12, + bought. */
  sizeDelta: BigInt;
  /** Spread included, USD 30, + the account paid. */
  cost: BigInt;
  /** USD 18. */
  fee: BigInt;
  /** Of the account afterwards, USD 18. */
  margin: BigInt;
  /** The batch's place in the queue; zero of an immediate close. */
  index: BigInt;
  /** Afterwards. */
  position: PositionWord;

  constructor(change: BigInt, position: BigInt, paid: BigInt) {
    this.market = unsigned(paid, 232, 24).toI32();
    this.sizeDelta = signed(change, 0, 88);
    this.cost = signed(change, 88, 168);
    this.fee = unsigned(paid, 96, 96);
    this.margin = unsigned(paid, 0, 96);
    this.index = unsigned(paid, 192, 40);
    this.position = new PositionWord(position);
  }
}

export function tradeFillOf(change: BigInt, position: BigInt, paid: BigInt): TradeFill {
  return new TradeFill(change, position, paid);
}

/** What a PositionLiquidated tells. */
export class PositionLiquidation {
  /** Closed, base 12, + bought; zero where deleveraging had left no size. */
  sizeDelta: BigInt;
  /** USD 30, + the account paid. */
  cost: BigInt;
  /** What stays. */
  position: PositionWord;
  /** Whether what follows is told: with the last position of a call. USD 18, for all of them. */
  last: bool;
  reward: BigInt;
  penalty: BigInt;
  badDebt: BigInt;
  margin: BigInt;

  constructor(change: BigInt, position: BigInt, paid: BigInt, left: BigInt) {
    this.sizeDelta = signed(change, 0, 88);
    this.cost = signed(change, 88, 168);
    this.position = new PositionWord(position);
    // Bit 255, where it is set, is the highest of 32 bytes.
    this.last = paid.length >= 32 && paid[31] >= 0x80;
    const highest = unsigned(paid, 248, 8).toI32() & 0x7f;
    const reward = unsigned(paid, 128, 128);
    reward[15] = u8(highest);
    this.reward = reward;
    this.penalty = unsigned(paid, 0, 128);
    this.badDebt = unsigned(left, 128, 128);
    this.margin = unsigned(left, 0, 128);
  }
}

export function positionLiquidationOf(
  change: BigInt,
  position: BigInt,
  paid: BigInt,
  left: BigInt,
): PositionLiquidation {
  return new PositionLiquidation(change, position, paid, left);
}

/** What a Credited tells: the amount and the margin with it, USD 18. */
export class Credit {
  amount: BigInt;
  margin: BigInt;

  constructor(credit: BigInt) {
    this.amount = unsigned(credit, 128, 128);
    this.margin = unsigned(credit, 0, 128);
  }
}

export function creditOf(credit: BigInt): Credit {
  return new Credit(credit);
}

/** What a BatchesSettled tells beside its market. */
export class Settlement {
  /** Of the pool, USD 18. */
  poolCash: BigInt;
  /** Of the keeper's first sub-account, USD 18. */
  margin: BigInt;
  /** Of the keeper, halves of US cents. */
  halfCents: BigInt;

  constructor(cash: BigInt) {
    this.poolCash = unsigned(cash, 0, 96);
    this.margin = unsigned(cash, 96, 96);
    this.halfCents = unsigned(cash, 192, 64);
  }
}

export function settlementOf(cash: BigInt): Settlement {
  return new Settlement(cash);
}

/** Flags of an order's terms. */
export const REDUCE_ONLY: i32 = 1;
export const ATTACHED: i32 = 2;
export const ABOVE: i32 = 4;
export const BELOW: i32 = 8;

/** The two words of an order. */
export class OrderWords {
  /** Base 12, + buys; of an attached order basis points of the position. */
  sizeDelta: BigInt;
  /** Price 18. */
  limitPrice: BigInt;
  /** Seconds; zero: none. */
  deadline: BigInt;
  nonce: BigInt;
  generation: i32;
  flags: i32;
  /** Price 18. */
  triggerPrice: BigInt;
  /** Tenths of a basis point. */
  builderFee: i32;
  /** 20 bytes, all zero: none. */
  builder: Bytes;

  constructor(terms: BigInt, extras: BigInt) {
    this.sizeDelta = signed(terms, 0, 88);
    this.limitPrice = unsigned(terms, 88, 88);
    this.deadline = unsigned(terms, 176, 32);
    this.nonce = unsigned(terms, 208, 24);
    this.generation = unsigned(terms, 232, 16).toI32();
    this.flags = unsigned(terms, 248, 8).toI32();
    this.triggerPrice = unsigned(extras, 0, 88);
    this.builderFee = unsigned(extras, 88, 8).toI32();
    this.builder = bytesOf(unsigned(extras, 96, 160), 20);
  }
}

/** The word of a market's parameters; scales as in the schema's Market. */
export class ConfigWord {
  skewScale: BigInt;
  initialMarginBps: i32;
  maintenanceMarginBps: i32;
  marginSlopeBps: i32;
  skewCapBps: i32;
  openInterestCapBps: i32;
  profitWeightBps: i32;
  makerFeePpm: i32;
  takerFeePpm: i32;
  penaltyBps: i32;
  accountCapPercent: i32;
  fundingCoefficientBps: i32;
  fundingCapPpm: i32;
  allocationPercent: i32;
  flags: i32;

  /** @param bytes As the event has it: the highest byte first. */
  constructor(bytes: Bytes) {
    const word = numberOf(bytes);
    this.skewScale = unsigned(word, 0, 64).times(BigInt.fromI32(1_000_000));
    this.initialMarginBps = unsigned(word, 64, 16).toI32();
    this.maintenanceMarginBps = unsigned(word, 80, 16).toI32();
    this.marginSlopeBps = unsigned(word, 96, 16).toI32();
    this.skewCapBps = unsigned(word, 112, 16).toI32();
    this.openInterestCapBps = unsigned(word, 128, 16).toI32();
    this.profitWeightBps = unsigned(word, 144, 16).toI32();
    this.makerFeePpm = unsigned(word, 160, 16).toI32();
    this.takerFeePpm = unsigned(word, 176, 16).toI32();
    this.penaltyBps = unsigned(word, 192, 8).toI32();
    this.accountCapPercent = unsigned(word, 200, 8).toI32();
    this.fundingCoefficientBps = unsigned(word, 208, 16).toI32();
    this.fundingCapPpm = unsigned(word, 224, 16).toI32();
    this.allocationPercent = unsigned(word, 240, 8).toI32();
    this.flags = unsigned(word, 248, 8).toI32();
  }
}

/** Bytes, the highest first, as a number that is not negative. */
export function numberOf(bytes: Bytes): BigInt {
  const value = new BigInt(bytes.length + 1);
  for (let i = 0; i < bytes.length; i++) value[bytes.length - 1 - i] = bytes[i];
  return value;
}

/** A number that is not negative as bytes, the highest first. */
export function bytesOf(value: BigInt, length: i32): Bytes {
  const bytes = new Bytes(length);
  for (let i = 0; i < length && i < value.length; i++) bytes[length - 1 - i] = value[i];
  return bytes;
}
