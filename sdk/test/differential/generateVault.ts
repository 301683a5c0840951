import { type Address, type Hex, keccak256, toHex, zeroAddress } from 'viem';
import { VaultMath } from '../../src/math/index.ts';
import { Vault } from '../../src/model/index.ts';
import type { Random } from './random.ts';
import { ADMIN, KEEPER, type Operation, OWNERS, PAUPER, type World } from './world.ts';

// Random steps of the liquidity vault that suit the world they are drawn in: mostly permitted, sometimes just beyond.

/** Prices of all markets for a step that waits so long. */
type Prices = (wait: bigint) => NonNullable<Operation['prices']>;
type Draw = (r: Random, w: World, prices: Prices) => Operation;

const NO_UPDATE: readonly Hex[] = [];
/** More than a deposit's place holds, than its field, than a redemption's: USDC units and shares. */
const BEYOND_PLACE = 2n ** 56n;
const BEYOND_DEPOSITS = 2n ** 64n;
const BEYOND_SHARES = 2n ** 128n;
const UNLIMITED = 2n ** 256n - 1n;

const call = (sender: Address, name: string, args: readonly unknown[], more: Partial<Operation> = {}): Operation => ({
  name,
  sender,
  args,
  wait: 0n,
  ...more,
});

const admin = (r: Random) => (r.chance(0.9) ? ADMIN : PAUPER);
const someone = (r: Random): Address => r.pick([...OWNERS, ...OWNERS, KEEPER, PAUPER]);
const sharesOf = (w: World, holder: Address) => Vault.balanceOf(w.vault, holder);

/** Who holds shares, or anybody when none does. */
function holder(r: Random, w: World): Address {
  const holders = OWNERS.filter((owner) => sharesOf(w, owner) !== 0n);
  return r.pick(holders.length > 0 && r.chance(0.95) ? holders : OWNERS);
}

/** Mostly who may act for an owner. */
function actor(r: Random, w: World, owner: Address): Address {
  if (r.chance(0.75)) return owner;
  const operators = OWNERS.filter((one) => Vault.isOperator(w.vault, owner, one));
  return operators.length > 0 && r.chance(0.7) ? r.pick(operators) : someone(r);
}

const controllerOf = (r: Random, owner: Address) =>
  r.chance(0.03) ? zeroAddress : r.chance(0.85) ? owner : r.pick(OWNERS);

/** A part of shares, sometimes a little more than there are. */
const part = (r: Random, whole: bigint) =>
  (whole * r.pick([1n, 5n, 25n, 50n, 100n])) / 100n + (r.chance(0.1) ? r.big(1, 9) : 0n);

const requestDeposit: Draw = (r, w) => {
  const owner = r.pick(OWNERS);
  const sender = r.chance(0.8) ? owner : r.chance(0.5) ? someone(r) : actor(r, w, owner);
  const wait = r.pick([0n, 0n, 5n, 600n, 3600n]);
  if (r.chance(0.04)) {
    const assets = r.pick([BEYOND_PLACE - 1n, BEYOND_PLACE, BEYOND_DEPOSITS - 1n, BEYOND_DEPOSITS]);
    return call(owner, 'requestDeposit', [assets, owner, owner], { wait });
  }
  const assets = r.chance(0.03) ? 0n : r.big(1, 1_000_000) * r.pick([1n, 1000n, 300_000n]);
  return call(sender, 'requestDeposit', [assets, controllerOf(r, owner), owner], {
    wait,
    mint: [{ to: owner, assets: r.chance(0.96) ? assets : 0n }],
  });
};

const requestRedeem: Draw = (r, w, prices) => {
  const owner = holder(r, w);
  if (sharesOf(w, owner) === 0n && r.chance(0.8)) return claimDeposit(r, w, prices);
  const wait = r.pick([0n, 0n, 5n, 600n, 3600n]);
  if (r.chance(0.03)) {
    const shares = r.pick([BEYOND_SHARES, BEYOND_SHARES - 1n, UNLIMITED]);
    return call(owner, 'requestRedeem', [shares, owner, owner], { wait });
  }
  const shares = r.chance(0.04) ? 0n : part(r, sharesOf(w, owner));
  return call(actor(r, w, owner), 'requestRedeem', [shares, controllerOf(r, owner), owner], { wait });
};

/** Bands so wide that the pool may be worth something or nothing. */
const doubtful = (r: Random, prices: ReturnType<Prices>) =>
  prices.map((price) => ({ ...price, halfWidthBps: r.pick([100n, 400n, 1000n, 2500n]) }));

/** Mostly as soon as the next epoch may be settled. */
const settleEpoch: Draw = (r, w, prices) => {
  const { settledEpoch } = w.vault.vault;
  const present = VaultMath.epochOf(w.time);
  const epoch = present > settledEpoch ? present : settledEpoch + 1n;
  const from = VaultMath.settlesFrom(epoch);
  const due = from > w.time ? from - w.time : 0n;
  const early = due > 0n && r.chance(0.12);
  const cut = w.vault.vault.redemptionsWaiting !== 0n && w.vault.redeemed.length > 0;
  const capped = cut && r.chance(0.3) ? r.pick(w.vault.redeemed) : undefined;
  // About when what an epoch redeemed leaves the outflow cap.
  const leaving = capped ? VaultMath.settlesFrom(capped.key + r.big(23, 24)) - w.time : 0n;
  const later = leaving > due ? leaving : due + r.pick([0n, 0n, 9n, 3600n, 8000n]);
  const wait = early ? r.pick([0n, due - 1n]) : later;
  return call(r.pick([KEEPER, PAUPER]), 'settleEpoch', [NO_UPDATE], {
    wait,
    prices: r.chance(0.25) ? doubtful(r, prices(wait)) : prices(wait),
    value: r.chance(0.1) ? 1n : 0n,
  });
};

/** Every deposit that waits to be claimed or refunded. */
function deposits(w: World): [Address, bigint][] {
  const recent = [...w.vault.recent].flatMap(([owner, places]) =>
    [0n, 80n, 160n].flatMap((shift): [Address, bigint][] => {
      const place = (places >> shift) & (2n ** 80n - 1n);
      return place % 2n ** 56n === 0n ? [] : [[owner as Address, place >> 56n]];
    }),
  );
  return [...recent, ...keys(w.vault.deposits.keys())];
}

const keys = (of: Iterable<string>): [Address, bigint][] =>
  [...of].map((key) => {
    const [epoch, owner] = key.split('/') as [string, Address];
    return [owner, BigInt(epoch)];
  });

/** Sometimes by an operator or a stranger, of another epoch or beyond any. */
function claim(r: Random, w: World, name: string, [owner, requestId]: [Address, bigint], wait: bigint): Operation {
  const sender = r.chance(0.8) ? owner : actor(r, w, owner);
  const id = r.chance(0.93) ? requestId : r.pick([0n, requestId + 1n, requestId - 1n, 2n ** 48n, UNLIMITED]);
  const to = r.chance(0.9) ? sender : r.pick([zeroAddress, w.address, w.vault.address, KEEPER]);
  return call(sender, name, [id, to, r.chance(0.97) ? owner : someone(r)], { wait });
}

const claimDeposit: Draw = (r, w, prices) => {
  const all = deposits(w);
  const ready = all.filter(([owner, id]) => Vault.claimableDepositShares(w.vault, w.time, id, owner) !== 0n);
  const filled = all.filter(([, id]) => w.vault.filledEpochs.some(({ key }) => key > id));
  if (filled.length === 0 && r.chance(0.8))
    return all.length > 0 ? settleEpoch(r, w, prices) : requestDeposit(r, w, prices);
  if (ready.length > 0 && r.chance(0.9)) return claim(r, w, 'claimDeposit', r.pick(ready), r.big(0, 5));
  const { depositLock } = w.vault.vault;
  const one: [Address, bigint] = [someone(r), VaultMath.epochOf(w.time)];
  const wait = r.chance(0.7) ? depositLock : r.big(0, 600);
  return claim(r, w, 'claimDeposit', filled.length > 0 ? r.pick(filled) : all.length > 0 ? r.pick(all) : one, wait);
};

const refundDeposit: Draw = (r, w, prices) => {
  const all = deposits(w);
  const { refusedEpoch, settledEpoch } = w.vault.vault;
  const open = all.filter(([, id]) => id < refusedEpoch && !w.vault.filledEpochs.some(({ key }) => key > id));
  if (open.length > 0) return claim(r, w, 'refundDeposit', r.pick(open), r.big(0, 5));
  const unreached = all.filter(([, id]) => id >= settledEpoch);
  if (unreached.length > 0 && r.chance(0.4)) {
    const one = r.pick(unreached);
    const from = VaultMath.refundableFrom(one[1]) - w.time;
    return claim(r, w, 'refundDeposit', one, from > 0n ? from - (r.chance(0.25) ? 1n : 0n) : 0n);
  }
  if (r.chance(0.75)) return all.length > 0 ? settleEpoch(r, w, prices) : requestDeposit(r, w, prices);
  const one: [Address, bigint] = [someone(r), VaultMath.epochOf(w.time)];
  return claim(r, w, 'refundDeposit', all.length > 0 ? r.pick(all) : one, 0n);
};

const claimRedeem: Draw = (r, w, prices) => {
  const all = keys(w.vault.redemptions.keys());
  const ready = all.filter(([owner, id]) => Vault.claimableRedeemAssets(w.vault, id, owner) !== 0n);
  if (ready.length > 0 && r.chance(0.92)) return claim(r, w, 'claimRedeem', r.pick(ready), r.big(0, 5));
  if (r.chance(0.75)) return all.length > 0 ? settleEpoch(r, w, prices) : requestRedeem(r, w, prices);
  const one: [Address, bigint] = [someone(r), VaultMath.epochOf(w.time)];
  return claim(r, w, 'claimRedeem', all.length > 0 ? r.pick(all) : one, 0n);
};

const setOperator: Draw = (r) => call(r.pick(OWNERS), 'setOperator', [someone(r), r.chance(0.75)]);

const transfer: Draw = (r, w) => {
  const from = holder(r, w);
  const to = r.chance(0.06) ? zeroAddress : r.chance(0.05) ? w.vault.address : r.pick(OWNERS);
  return call(r.chance(0.95) ? from : PAUPER, 'transfer', [to, part(r, sharesOf(w, from))]);
};

const approve: Draw = (r, w) => {
  const from = holder(r, w);
  const shares = r.chance(0.2) ? UNLIMITED : part(r, sharesOf(w, from));
  return call(from, 'approve', [r.chance(0.3) ? zeroAddress : r.pick(OWNERS), shares]);
};

const transferFrom: Draw = (r, w, prices) => {
  const allowed = [...w.vault.allowances].filter(([, shares]) => shares !== 0n);
  if (allowed.length === 0 && r.chance(0.8)) return approve(r, w, prices);
  // An allowance of nothing is enough for nothing, of nobody as well.
  if (r.chance(0.25)) return call(KEEPER, 'transferFrom', [zeroAddress, KEEPER, r.pick([0n, 0n, 0n, 1n])]);
  const [pair, shares] = allowed.length > 0 ? r.pick(allowed) : [`${OWNERS[0]}/${OWNERS[1]}`, 1n];
  const [from, spender] = pair.split('/') as [Address, Address];
  const balance = sharesOf(w, from);
  const most = shares < balance ? shares : balance;
  const to = r.chance(0.04) ? zeroAddress : r.pick(OWNERS);
  return call(r.chance(0.95) ? spender : KEEPER, 'transferFrom', [from, to, part(r, most)]);
};

const setCooldown: Draw = (r) => {
  const least = r.pick([3600n, 3600n, 3600n, 7201n, 90_000n]) + (r.chance(0.2) ? -1n : 0n);
  const most = r.pick([3600n, 7200n, 7200n, 86_400n, 604_800n]) + (r.chance(0.2) ? 1n : 0n);
  return call(admin(r), 'setCooldown', [least, r.chance(0.85) && most < least ? least : most]);
};

const setDepositLock: Draw = (r) =>
  call(admin(r), 'setDepositLock', [r.pick([0n, 0n, 60n, 3600n, 604_800n]) + (r.chance(0.4) ? 604_801n : 0n)]);

const setOutflowCap: Draw = (r) =>
  call(admin(r), 'setOutflowCap', [r.chance(0.6) ? r.big(100, 5000) : r.pick([99n, 5001n, 0n, UNLIMITED])]);

const ROLES = ['CONFIGURATOR_ROLE', 'UPGRADER_ROLE', 'OTHER_ROLE'].map((name) => keccak256(toHex(name)));

const grantRole: Draw = (r) => call(admin(r), 'grantRole', [r.pick(ROLES), r.pick([...OWNERS, KEEPER])]);
const revokeRole: Draw = (r) => call(admin(r), 'revokeRole', [r.pick(ROLES), r.pick([...OWNERS, KEEPER])]);
const renounceRole: Draw = (r) => {
  const holding = r.pick([...OWNERS, KEEPER]);
  return call(holding, 'renounceRole', [r.pick(ROLES), r.chance(0.75) ? holding : ADMIN]);
};

export const VAULT_DRAWS: Record<string, Draw> = {
  requestDeposit,
  requestRedeem,
  settleEpoch,
  claimDeposit,
  refundDeposit,
  claimRedeem,
  approve,
  transferFrom,
  setCooldown,
  setDepositLock,
  setOutflowCap,
  renounceRole,
};

/** Refusals that chance alone would reach too seldom. */
export const VAULT_SELDOM: readonly Draw[] = [
  (r) => call(r.pick(OWNERS), 'renounceRole', [r.pick(ROLES), ADMIN]),
  () => call(KEEPER, 'transferFrom', [zeroAddress, KEEPER, 0n]),
  (r, w) => call(holder(r, w), 'approve', [zeroAddress, 1n]),
  (r) => {
    const owner = r.pick(OWNERS);
    return call(owner, 'requestDeposit', [BEYOND_DEPOSITS, owner, owner]);
  },
  (r) => {
    const owner = r.pick(OWNERS);
    return call(owner, 'requestDeposit', [1n, zeroAddress, owner]);
  },
  () => call(ADMIN, 'setCooldown', [3599n, 3600n]),
  (_, __, prices) => call(KEEPER, 'settleEpoch', [NO_UPDATE], { prices: prices(0n) }),
  () => call(ADMIN, 'setDepositLock', [604_801n]),
  (r) => call(ADMIN, 'setOutflowCap', [r.pick([99n, 5001n])]),
  (r, w) => {
    const one = someone(r);
    return call(one, 'refundDeposit', [VaultMath.epochOf(w.time), one, one]);
  },
];

const WEIGHTS: readonly [Draw, number][] = [
  [requestDeposit, 14],
  [requestRedeem, 14],
  [settleEpoch, 16],
  [claimDeposit, 9],
  [refundDeposit, 2],
  [claimRedeem, 9],
  [setOperator, 3],
  [transfer, 3],
  [approve, 2],
  [transferFrom, 4],
  [setCooldown, 3],
  [setDepositLock, 3],
  [setOutflowCap, 3],
  [grantRole, 2],
  [revokeRole, 2],
  [renounceRole, 2],
];
const TOTAL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

/** Any step of the vault. */
export const vaultOperation: Draw = (r, w, prices) => {
  let left = r.unit() * TOTAL;
  for (const [draw, weight] of WEIGHTS) {
    left -= weight;
    if (left < 0) return draw(r, w, prices);
  }
  return settleEpoch(r, w, prices);
};
