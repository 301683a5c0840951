import { describe, expect, test } from 'vitest';
import * as VaultMath from './vaultMath.ts';

const wad = 10n ** 18n;
const vault: VaultMath.Vault = {
  depositsWaiting: 0n,
  depositsOpen: 0n,
  openEpoch: 0n,
  refusedEpoch: 0n,
  settledEpoch: 0n,
  depositLock: 86_400n,
  redemptionsCooling: 0n,
  maturedEpoch: 0n,
  minCooldown: 86_400n,
  maxCooldown: 259_200n,
  utilisationBps: 0n,
  outflowCapBps: 1500n,
  redemptionsWaiting: 0n,
  round: 0n,
};
const start = { left: VaultMath.ROUND_START, paid: 0n };
const none = () => ({ left: 0n, paid: 0n });

describe('epochs', () => {
  test('are the hours, settled from 15 s after their boundary on', () => {
    expect(VaultMath.epochOf(7199n)).toBe(1n);
    expect(VaultMath.settlesFrom(2n)).toBe(7215n);
    expect(VaultMath.refundableFrom(1n)).toBe(7200n + 604_800n);
  });

  test('a redemption waits for the first boundary its cooldown has passed by', () => {
    expect(VaultMath.redemptionEpoch(7200n, 3600n)).toBe(3n);
    expect(VaultMath.redemptionEpoch(7201n, 3600n)).toBe(4n);
  });

  test('the cooldown is linear in the utilisation, rounded up', () => {
    expect(VaultMath.cooldown(vault)).toBe(86_400n);
    expect(VaultMath.cooldown({ ...vault, utilisationBps: 10_000n })).toBe(259_200n);
    // 172,800 · 1 / 10,000 = 17.28
    expect(VaultMath.cooldown({ ...vault, utilisationBps: 1n })).toBe(86_418n);
  });

  test('the utilisation is rounded up, and whole where nothing is left', () => {
    expect(VaultMath.utilisation(0n, -5n)).toBe(0n);
    expect(VaultMath.utilisation(1n, 0n)).toBe(10_000n);
    expect(VaultMath.utilisation(1n, 10n ** 9n)).toBe(1n);
    expect(VaultMath.utilisation(3n * wad, 2n * wad)).toBe(10_000n);
  });
});

describe('prices', () => {
  test('the first deposit buys shares at a dollar, later ones at the highest value, rounded down', () => {
    expect(VaultMath.mintedShares(5n * wad, 0n, 0n)).toBe(5n * wad);
    // (2 + 1) shares stand for (3 + 1) dollars.
    expect(VaultMath.mintedShares(1n, 2n * wad, 3n * wad)).toBe(0n);
    expect(VaultMath.mintedShares(5n, 2n * wad, 3n * wad)).toBe(3n);
  });

  test('deposits meet no price in a pool that may be without value', () => {
    expect(VaultMath.refusesDeposits(-1n, 0n, 0n)).toBe(false);
    expect(VaultMath.refusesDeposits(-2n, -1n, 0n)).toBe(true);
    expect(VaultMath.refusesDeposits(0n, 5n, 1n)).toBe(true);
    expect(VaultMath.refusesDeposits(1n, 5n, 1n)).toBe(false);
  });

  test('estimates count a negative value as none', () => {
    expect(VaultMath.convertToShares(7n, 0n, -wad)).toBe(7n * 10n ** 12n);
    expect(VaultMath.convertToAssets(2n * wad - 1n, wad, wad)).toBe(1_999_999n);
  });
});

describe('redemptions', () => {
  test('the cap counts what was redeemed before', () => {
    expect(VaultMath.outflowLeft(999n, 1500n, 0n)).toBe(149n);
    expect(VaultMath.outflowLeft(999n, 1500n, 100n)).toBe(49n);
    expect(VaultMath.outflowLeft(999n, 1500n, 150n)).toBe(0n);
  });

  test('an epoch redeems at most what cap, cash and locks leave', () => {
    expect(VaultMath.redemptionLimit(5n, 6n, 10n, 3n)).toBe(5n);
    expect(VaultMath.redemptionLimit(9n, 6n, 10n, 3n)).toBe(6n);
    expect(VaultMath.redemptionLimit(9n, 8n, 10n, 3n)).toBe(7n);
    expect(VaultMath.redemptionLimit(9n, 8n, 10n, 11n)).toBe(0n);
  });

  test('what does not fit is cut: the amount is the limit, its shares are rounded up', () => {
    expect(VaultMath.redeem(3n, 100n, 2n * wad, 4n * wad)).toEqual({ redeemedShares: 3n, redeemedAmount: 5n });
    // 4 · 3 / 5 = 2.4
    expect(VaultMath.redeem(3n, 4n, 2n * wad, 4n * wad)).toEqual({ redeemedShares: 3n, redeemedAmount: 4n });
    expect(VaultMath.redeem(30n, 4n, 2n * wad, 4n * wad)).toEqual({ redeemedShares: 3n, redeemedAmount: 4n });
  });

  test('a cut leaves each request its part and pays it the rest, rounded down', () => {
    const round = VaultMath.execute(start, 70n, 200n, 300n);
    expect(round).toEqual({ left: (2n * 10n ** 36n) / 3n, paid: (70n * 10n ** 36n) / 300n });
    const entry = { ...start, round: 0n };
    expect(VaultMath.standing(90n, entry, () => round, 0n)).toEqual({ pending: 59n, earned: 20n });
  });

  test('what a round leaves stands in the next ones, two of them at most', () => {
    const entry = { left: VaultMath.ROUND_START, round: 0n, paid: 0n };
    const half = { left: VaultMath.ROUND_START / 2n, paid: VaultMath.ROUND_START };
    expect(VaultMath.standing(80n, entry, () => half, 0n)).toEqual({ pending: 40n, earned: 80n });
    expect(VaultMath.standing(80n, entry, () => half, 1n)).toEqual({ pending: 20n, earned: 120n });
    expect(VaultMath.standing(80n, entry, () => half, 9n)).toEqual({ pending: 10n, earned: 140n });
  });

  test('without an entry everything is pending', () => {
    expect(VaultMath.standing(80n, undefined, none, 0n)).toEqual({ pending: 80n, earned: 0n });
    expect(VaultMath.standing(0n, { ...start, round: 0n }, none, 0n)).toEqual({ pending: 0n, earned: 0n });
  });

  test('shares whose assets are not claimed are rounded up, none below a token unit', () => {
    const unit = 10n ** 12n;
    const redemption = { shares: 100n, claimed: 2n * unit };
    expect(VaultMath.claimableRedeemShares(redemption, 50n, 3n * unit - 1n)).toBe(0n);
    expect(VaultMath.claimableRedeemShares(redemption, 50n, 3n * unit)).toBe(17n);
  });
});

test("a deposit's part of its epoch is rounded down and waits for the lock", () => {
  const fill = { assets: 3n, shares: 10n, claimableAt: 50n };
  expect(VaultMath.claimableShares(2n, fill)).toBe(6n);
  expect(VaultMath.isClaimable(fill, 49n)).toBe(false);
  expect(VaultMath.isClaimable(fill, 50n)).toBe(true);
  expect(VaultMath.isClaimable({ assets: 0n, shares: 0n, claimableAt: 0n }, 50n)).toBe(false);
});
