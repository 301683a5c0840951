import { type Address, type Hex, keccak256 } from 'viem';
import type { MarketConfig } from '../math/engineTypes.ts';
import type { EngineState } from './engineState.ts';

// The engine's state as its raw storage: the layouts of EngineTypes.sol and EngineStorage.sol, word by word.

/** ERC-7201 base of "tidemark.storage.Engine". */
export const ENGINE_STORAGE = 0xf74014143085709cecb4a3a0216928a701f3f837dc01f40937042c59d9da0500n;
/** ERC-7201 base of OpenZeppelin's AccessControl. */
export const ACCESS_CONTROL_STORAGE = 0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800n;
/** ERC-7201 base of OpenZeppelin's Initializable. */
export const INITIALIZABLE_STORAGE = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00n;
/** ERC-1967: where the proxy keeps its implementation. */
export const IMPLEMENTATION_SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbcn;

/** The fields of the layout. */
const SLOT = {
  accounts: 0n,
  markets: 1n,
  pool: 2n,
  reserves: 3n,
  claims: 4n,
  custody: 5n,
  payable: 6n,
  marketCount: 7n,
  gasMarket: 8n,
  delegations: 9n,
  builderFees: 10n,
  outflow: 11n,
} as const;
/** Where the parts of what is stored under an account's key begin. */
const ACCOUNT = { account: 0n, claim: 1n, positions: 2n, nonces: 66n, cancelled: 67n, doubt: 68n } as const;
/** Likewise of a market's. */
const MARKET = {
  market: 0n,
  config: 3n,
  queue: 4n,
  risk: 5n,
  settlesAt: 6n,
  schedule: 7n,
  deleveragings: 10n,
  items: 13n,
  pins: 1037n,
} as const;

const hex64 = (value: bigint) => value.toString(16).padStart(64, '0');
/** A number as 32 bytes. */
export const word = (value: bigint): Hex => `0x${hex64(value)}`;
const known = new Map<bigint, Map<bigint | string, bigint>>();

/** Where a mapping keeps the value of a key: keccak256(key . slot). */
export function mapped(key: bigint | string, slot: bigint): bigint {
  let bySlot = known.get(slot);
  if (bySlot === undefined) {
    bySlot = new Map();
    known.set(slot, bySlot);
  }
  let found = bySlot.get(key);
  if (found === undefined) {
    const preimage: Hex = `0x${hex64(BigInt(key))}${hex64(slot)}`;
    found = BigInt(keccak256(preimage));
    bySlot.set(key, found);
  }
  return found;
}

/** Packs [value, bits] pairs, lowest bits first; negative values in two's complement. */
export function pack(...fields: [bigint, number][]): bigint {
  let word = 0n;
  let shift = 0n;
  for (const [value, width] of fields) {
    word |= BigInt.asUintN(width, value) << shift;
    shift += BigInt(width);
  }
  return word;
}

export function configWord(c: MarketConfig): bigint {
  return pack(
    [c.skewScale, 64],
    [c.initialMarginBps, 16],
    [c.maintenanceMarginBps, 16],
    [c.marginSlopeBps, 16],
    [c.skewCapBps, 16],
    [c.openInterestCapBps, 16],
    [c.profitWeightBps, 16],
    [c.makerFeePpm, 16],
    [c.takerFeePpm, 16],
    [c.penaltyBps, 8],
    [c.accountCapPercent, 8],
    [c.fundingCoefficientBps, 16],
    [c.fundingCapPpm, 16],
    [c.allocationPercent, 8],
    [c.flags, 8],
  );
}

/**
 * The engine's whole storage.
 * @param implementation Behind the proxy.
 * @returns Every word that is not zero, by slot.
 */
export function encodeStorage(s: EngineState, implementation: Address): Map<bigint, bigint> {
  const words = new Map<bigint, bigint>();
  const put = (slot: bigint, word: bigint) => {
    if (word !== 0n) words.set(slot, word);
  };
  const root = (slot: bigint) => ENGINE_STORAGE + slot;
  const split = (key: string) => key.split('/') as [string, string];

  const ofAccount = (account: string, part: bigint) => mapped(account, root(SLOT.accounts)) + part;
  const ofMarket = (id: bigint, part: bigint) => mapped(id, root(SLOT.markets)) + part;

  for (const [account, a] of s.accounts)
    put(
      ofAccount(account, ACCOUNT.account),
      pack(
        [a.margin, 96],
        [a.committedAt, 32],
        [a.markets, 64],
        [a.moments, 24],
        [a.purge, 6],
        [a.market, 6],
        [a.pending, 4],
        [a.volume, 24],
      ),
    );
  for (const [account, c] of s.claimOf)
    put(ofAccount(account, ACCOUNT.claim), pack([c.amount, 112], [c.factor, 112], [c.round, 32]));
  for (const [account, d] of s.doubts) put(ofAccount(account, ACCOUNT.doubt), pack([d.held, 64], [d.flaggedAt, 40]));
  for (const [key, p] of s.positions) {
    const [account, market] = split(key);
    put(
      ofAccount(account, ACCOUNT.positions) + BigInt(market),
      pack([p.size, 88], [p.cash, 136], [p.checkpoint, 16], [p.generation, 16]),
    );
  }
  for (const name of ['nonces', 'cancelled'] as const)
    for (const [key, used] of s[name]) {
      const [account, word] = split(key);
      put(mapped(word, ofAccount(account, ACCOUNT[name])), used);
    }
  for (const [id, m] of s.markets) {
    const slot = ofMarket(id, MARKET.market);
    put(slot, pack([m.longs, 88], [m.shorts, 88], [m.accruedAt, 40], [m.indexAt, 40]));
    put(slot + 1n, pack([m.funding, 96], [m.index, 96], [m.fundingRate, 56]));
    put(slot + 2n, pack([m.cash, 152], [m.skewSeconds, 104]));
  }
  for (const [id, c] of s.configs) put(ofMarket(id, MARKET.config), configWord(c));
  for (const [id, q] of s.queues)
    put(
      ofMarket(id, MARKET.queue),
      pack([q.head, 40], [q.tail, 40], [q.escrow, 96], [q.keeperFeeCents, 16], [q.marginPerUnit, 64]),
    );
  for (const [id, r] of s.risks)
    put(
      ofMarket(id, MARKET.risk),
      pack([r.insuranceSpent, 96], [r.insuranceHour, 32], [r.metered, 88], [r.meteredAt, 40]),
    );
  for (const [id, at] of s.settlesAt) put(ofMarket(id, MARKET.settlesAt), at);
  for (const [id, d] of s.schedules) {
    const slot = ofMarket(id, MARKET.schedule);
    put(slot, configWord(d.from));
    put(slot + 1n, configWord(d.to));
    put(slot + 2n, pack([d.startedAt, 40], [d.endsAt, 40], [d.keeperFeeCents, 16]));
  }
  for (const [id, d] of s.deleveragings) put(ofMarket(id, MARKET.deleveragings), pack([d.longs, 16], [d.shorts, 16]));
  for (const [offset, checkpoints] of [s.checkpoints, s.roundEnds].entries())
    for (const [key, c] of checkpoints) {
      const [market, place] = split(key);
      const slot = mapped(place, ofMarket(BigInt(market), MARKET.deleveragings) + 1n + BigInt(offset));
      put(slot, pack([c.multiplier, 128], [c.round, 32]));
      put(slot + 1n, pack([c.cash, 256]));
    }
  for (const [key, i] of s.items) {
    const [market, place] = split(key);
    put(
      ofMarket(BigInt(market), MARKET.items) + BigInt(place),
      pack([i.digest, 200], [i.count, 8], [i.feeCents, 16], [i.committedAt, 32]),
    );
  }
  for (const [key, p] of s.pins) {
    const [market, place] = split(key);
    put(
      ofMarket(BigInt(market), MARKET.pins) + BigInt(place),
      pack([p.funding, 96], [p.index, 96], [p.committedAt, 40], [p.age, 24]),
    );
  }
  for (const [key, d] of s.delegations) {
    const [owner, delegate] = split(key);
    put(
      mapped(delegate, mapped(owner, root(SLOT.delegations))),
      pack([d.expiry, 40], [d.markets, 64], [d.permissions, 8], [d.dailyLimit, 48], [d.spent, 48], [d.day, 32]),
    );
  }
  for (const [key, fee] of s.builderFees) {
    const [owner, builder] = split(key);
    put(mapped(builder, mapped(owner, root(SLOT.builderFees))), fee);
  }
  const { pool, reserves, claims } = s;
  put(
    root(SLOT.pool),
    pack([pool.cash, 96], [pool.fees, 96], [pool.value, 48], [pool.pauseLevel, 8], [pool.claimsOpen ? 1n : 0n, 8]),
  );
  put(root(SLOT.reserves), pack([reserves.insurance, 128], [reserves.treasury, 128]));
  put(root(SLOT.claims), pack([claims.outstanding, 112], [claims.factor, 112], [claims.round, 32]));
  put(root(SLOT.custody), pack([s.custody, 128], [s.lpPending, 128]));
  put(root(SLOT.payable), pack([s.lpPayable, 128], [s.claimsPaid, 128]));
  put(root(SLOT.marketCount), s.marketCount);
  put(root(SLOT.gasMarket), s.gasMarket);
  put(root(SLOT.outflow), pack([s.outflow.hour, 32], [s.outflow.floor, 96]));
  for (const key of s.roles) {
    const [role, holder] = split(key);
    put(mapped(holder, mapped(role, ACCESS_CONTROL_STORAGE)), 1n);
  }
  put(INITIALIZABLE_STORAGE, 1n);
  put(IMPLEMENTATION_SLOT, BigInt(implementation));
  return words;
}
