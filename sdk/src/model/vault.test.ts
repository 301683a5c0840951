import type { Address } from 'viem';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeVault } from './encodeVault.ts';
import { CONFIGURATOR_ROLE, initialState, roleKey, VAULT_ROLE } from './engineState.ts';
import type { Call } from './ledger.ts';
import type { ModelError } from './modelError.ts';
import * as Vault from './vault.ts';
import type { Verdict } from './vaultPreviews.ts';
import { initialVault, type Liquidity } from './vaultState.ts';

const who = (byte: string): Address => `0x${byte.repeat(20)}`;
const ENGINE = who('e0');
const VAULT = who('f0');
const ADMIN = who('a0');
const ALICE = who('c1');
const BOB = who('c2');
const USD = 10n ** 6n;
const SHARE = 10n ** 18n;
const HOUR = 3600n;
const RICH = { balance: 2n ** 60n, allowance: 2n ** 60n };
/** Within an hour, so that the next epoch is not due at once. */
const START = 472_222n * HOUR + 1000n;

let states: Liquidity;
let time: bigint;

const by = (sender: Address): Call => ({
  sender,
  time,
  value: 0n,
  oracle: {
    settlementPrice: none,
    presentPrices: () => [],
    observe: () => [],
    peek: none,
    closingPrice: none,
    offPeg: none,
  },
  token: { engine: ENGINE, pull: (_, assets) => assets, push: () => {} },
});
const none = (): never => {
  throw new RangeError('There is no market.');
};

beforeEach(() => {
  const engine = initialState(ADMIN);
  engine.roles.add(roleKey(VAULT_ROLE, VAULT));
  states = { vault: initialVault(VAULT, ENGINE, ADMIN, 'Liquidity', 'LP'), engine };
  time = START;
});

function lend(owner: Address, assets: bigint): bigint {
  const { requestId, ...after } = Vault.requestDeposit(states, by(owner), assets, owner, owner);
  states = after;
  return requestId;
}

function leave(owner: Address, shares: bigint): bigint {
  const { requestId, ...after } = Vault.requestRedeem(states, by(owner), shares, owner, owner);
  states = after;
  return requestId;
}

function settle(): Vault.Settlement {
  time = (time / HOUR + 1n) * HOUR + 15n;
  const { settlement, ...after } = Vault.settleEpoch(states, by(BOB));
  states = after;
  return settlement;
}

/** Alice with a thousand shares of hers. */
function provide(): void {
  const requestId = lend(ALICE, 1000n * USD);
  settle();
  time += 24n * HOUR;
  states = Vault.claimDeposit(states, by(ALICE), requestId, ALICE, ALICE);
}

function resultOf<result>(verdict: Verdict<result>): result {
  if (!verdict.permitted) throw verdict.reason;
  return verdict.result;
}

function reasonOf(verdict: Verdict<unknown>): [string, ...ModelError['args']] {
  if (verdict.permitted) throw new Error('It was permitted.');
  return [verdict.reason.errorName, ...verdict.reason.args];
}

describe('a deposit', () => {
  const request = { assets: 1000n * USD, controller: ALICE, owner: ALICE };

  test('is foreseen with its epoch, times and shares', () => {
    expect(resultOf(Vault.previewRequestDeposit(states, time, ALICE, request, RICH))).toEqual({
      requestId: 472_222n,
      executesFrom: 472_223n * HOUR + 15n,
      claimableFrom: 472_247n * HOUR + 15n,
      shares: 1000n * SHARE,
    });
  });

  test('buys at the value of the next epoch and stays in keeping for the lock', () => {
    const requestId = lend(ALICE, 1000n * USD);
    expect(settle()).toMatchObject({ depositedAmount: 1000n * SHARE, mintedShares: 1000n * SHARE, supply: 0n });
    const claim = { requestId, to: BOB, controller: ALICE };
    const early = Vault.previewClaimDeposit(states, time, ALICE, claim);
    expect(reasonOf(early)).toEqual(['NothingToClaim', ALICE, requestId]);
    time += 24n * HOUR;
    expect(reasonOf(Vault.previewClaimDeposit(states, time, BOB, claim))).toEqual(['NotOperator', BOB, ALICE]);
    expect(resultOf(Vault.previewClaimDeposit(states, time, ALICE, claim))).toEqual({ shares: 1000n * SHARE });
    states = Vault.claimDeposit(states, by(ALICE), requestId, BOB, ALICE);
    expect(Vault.balanceOf(states.vault, BOB)).toBe(1000n * SHARE);
    const again = Vault.previewClaimDeposit(states, time, ALICE, claim);
    expect(reasonOf(again)).toEqual(['NothingToClaim', ALICE, requestId]);
  });

  test('fails for the reasons it is told beforehand', () => {
    const preview = (sender: Address, more: object, wallet = RICH) =>
      reasonOf(Vault.previewRequestDeposit(states, time, sender, { ...request, ...more }, wallet));
    expect(preview(ALICE, { assets: 0n })).toEqual(['ZeroRequest']);
    expect(preview(ALICE, { controller: who('00') })).toEqual(['ZeroController']);
    expect(preview(BOB, {})).toEqual(['NotOperator', BOB, ALICE]);
    expect(preview(ALICE, { assets: 2n ** 56n })).toEqual(['SafeCastOverflowedUintDowncast', 56n, 2n ** 56n]);
    expect(preview(ALICE, {}, { ...RICH, allowance: 1n })).toEqual([
      'ERC20InsufficientAllowance',
      ENGINE,
      1n,
      1000n * USD,
    ]);
    expect(preview(ALICE, {}, { ...RICH, balance: 2n })).toEqual(['ERC20InsufficientBalance', ALICE, 2n, 1000n * USD]);
  });

  test('that no epoch reaches for a week after its hour may be taken back', () => {
    const requestId = lend(ALICE, 5n * USD);
    const claim = { requestId, to: ALICE, controller: ALICE };
    time = (requestId + 1n) * HOUR + 7n * 24n * HOUR - 1n;
    expect(reasonOf(Vault.previewRefundDeposit(states, time, ALICE, claim))).toEqual([
      'NotRefundable',
      ALICE,
      requestId,
    ]);
    time += 1n;
    expect(resultOf(Vault.previewRefundDeposit(states, time, ALICE, claim))).toEqual({ assets: 5n * USD });
    states = Vault.refundDeposit(states, by(ALICE), requestId, ALICE, ALICE);
    expect(states.engine.custody).toBe(0n);
    expect(states.engine.lpPending).toBe(0n);
  });
});

describe('a redemption', () => {
  beforeEach(provide);

  test('is foreseen with its cooldown, epoch and assets', () => {
    const request = { shares: 100n * SHARE, controller: BOB, owner: ALICE };
    const requestId = (time + 24n * HOUR + HOUR - 1n) / HOUR;
    expect(resultOf(Vault.previewRequestRedeem(states, time, ALICE, request))).toEqual({
      requestId,
      cooldown: 24n * HOUR,
      executesFrom: requestId * HOUR + 15n,
      assets: 100n * USD,
    });
    expect(reasonOf(Vault.previewRequestRedeem(states, time, BOB, request))).toEqual([
      'ERC20InsufficientAllowance',
      BOB,
      0n,
      100n * SHARE,
    ]);
  });

  test('beyond the outflow cap is cut pro rata and goes on a day later', () => {
    states = Vault.transfer(states, by(ALICE), BOB, 400n * SHARE);
    const requestId = leave(ALICE, 600n * SHARE);
    leave(BOB, 150n * SHARE);
    time += 24n * HOUR;
    expect(settle()).toMatchObject({ redeemedShares: 150n * SHARE, redeemedAmount: 150n * SHARE });
    const claim = { requestId, to: ALICE, controller: ALICE };
    expect(resultOf(Vault.previewClaimRedeem(states, time, ALICE, claim))).toEqual({
      assets: 120n * USD,
      pending: 480n * SHARE,
    });
    states = Vault.claimRedeem(states, by(ALICE), requestId, ALICE, ALICE);
    const next = resultOf(Vault.previewSettleEpoch(states, (time / HOUR + 1n) * HOUR + 15n, BOB, []));
    expect(next).toMatchObject({ redeemedShares: 0n, redemptionsWaiting: 600n * SHARE, refused: false });
    time += 23n * HOUR;
    // 15 % of the 850 that are left.
    expect(settle()).toMatchObject({ redeemedAmount: (1275n * SHARE) / 10n });
    expect(Vault.claimableRedeemAssets(states.vault, requestId, ALICE)).toBe(102n * USD);
    expect(Vault.claimableRedeemRequest(states.vault, requestId, ALICE)).toBe(102n * SHARE);
  });

  test('that leaves next to nothing ends its round: the rest goes on in the next', () => {
    const requestId = leave(ALICE, 150n * SHARE + 1n);
    time += 24n * HOUR;
    expect(settle()).toMatchObject({ redeemedShares: 150n * SHARE, redeemedAmount: 150n * SHARE });
    expect(states.vault.vault).toMatchObject({ round: 1n, redemptionsWaiting: 1n });
    expect(states.vault.rounds.get(1n)).toEqual({ left: 10n ** 36n, paid: 0n });
    expect(Vault.pendingRedeemRequest(states.vault, requestId, ALICE)).toBe(0n);
    // Less than a token unit is lost to rounding.
    expect(Vault.claimableRedeemAssets(states.vault, requestId, ALICE)).toBe(150n * USD - 1n);
  });

  test('is claimed by an operator as well, and by nobody else', () => {
    const requestId = leave(ALICE, 10n * SHARE);
    time += 24n * HOUR;
    settle();
    const claim = { requestId, to: BOB, controller: ALICE };
    expect(reasonOf(Vault.previewClaimRedeem(states, time, BOB, claim))).toEqual(['NotOperator', BOB, ALICE]);
    states = Vault.setOperator(states, by(ALICE), BOB, true);
    expect(resultOf(Vault.previewClaimRedeem(states, time, BOB, claim))).toEqual({ assets: 10n * USD, pending: 0n });
    states = Vault.setOperator(states, by(ALICE), BOB, false);
    expect(reasonOf(Vault.previewClaimRedeem(states, time, BOB, claim))).toEqual(['NotOperator', BOB, ALICE]);
  });
});

describe('an epoch', () => {
  test('is settled once, from 15 s after its beginning', () => {
    settle();
    const next = (time / HOUR + 1n) * HOUR + 15n;
    expect(reasonOf(Vault.previewSettleEpoch(states, time, BOB, []))).toEqual(['EpochNotEnded', time, next]);
    expect(Vault.previewSettleEpoch(states, next, BOB, []).permitted).toBe(true);
  });

  test('leaves what it was asked about as it was', () => {
    lend(ALICE, 1000n * USD);
    const words = [...encodeVault(states.vault, VAULT)];
    settle();
    const settled = [...encodeVault(states.vault, VAULT)];
    expect(settled).not.toEqual(words);
    resultOf(Vault.previewSettleEpoch(states, time + HOUR, BOB, []));
    expect([...encodeVault(states.vault, VAULT)]).toEqual(settled);
  });
});

describe('parameters and roles', () => {
  const refused = (ask: () => unknown) => {
    try {
      ask();
    } catch (error) {
      return [(error as ModelError).errorName, ...(error as ModelError).args];
    }
    throw new Error('It was permitted.');
  };

  test('stay within their bounds', () => {
    const call = by(ADMIN);
    const week = 7n * 24n * HOUR;
    expect(refused(() => Vault.setCooldown(states, call, HOUR - 1n, week))).toEqual([
      'CooldownOutOfBounds',
      HOUR - 1n,
      HOUR,
    ]);
    expect(refused(() => Vault.setCooldown(states, call, HOUR, week + 1n))).toEqual([
      'CooldownOutOfBounds',
      week + 1n,
      week,
    ]);
    expect(refused(() => Vault.setDepositLock(states, call, week + 1n))).toEqual([
      'DepositLockOutOfBounds',
      week + 1n,
      week,
    ]);
    expect(refused(() => Vault.setOutflowCap(states, call, 99n))).toEqual(['OutflowCapOutOfBounds', 99n, 100n]);
    expect(Vault.setOutflowCap(states, call, 100n).vault.vault.outflowCapBps).toBe(100n);
  });

  test("are the role's", () => {
    const role = CONFIGURATOR_ROLE;
    expect(refused(() => Vault.setDepositLock(states, by(BOB), 0n))).toEqual([
      'AccessControlUnauthorizedAccount',
      BOB,
      role,
    ]);
    states = Vault.grantRole(states, by(ADMIN), role, BOB);
    expect(Vault.setDepositLock(states, by(BOB), 0n).vault.vault.depositLock).toBe(0n);
    states = Vault.renounceRole(states, by(BOB), role, BOB);
    expect(states.vault.roles.has(roleKey(role, BOB))).toBe(false);
    expect(refused(() => Vault.renounceRole(states, by(BOB), role, ADMIN))).toEqual(['AccessControlBadConfirmation']);
  });
});
