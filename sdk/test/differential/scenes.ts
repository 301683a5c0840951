import type { Hex } from 'viem';
import { OrderWords, packOrder } from '../../src/math/index.ts';
import { accountOf } from '../../src/model/index.ts';
import { WALLET } from './signing.ts';
import { ADMIN, BUILDER, CONFIG, DELEGATES, KEEPER, type Operation, OWNERS } from './world.ts';

/** Where a sequence begins: steps that both sides take once, then a snapshot. */
export interface Scene {
  name: string;
  steps: readonly Operation[];
  /** What is drawn more often here. */
  focus: readonly string[];
}

const [ALICE, BOB, CAROL] = OWNERS;
const PRICES = [2000n, 60_000n, 150n];
const MAX_LIMIT = OrderWords.MAX_LIMIT_PRICE;

const price = (market: bigint, dollars: bigint, publishTime: bigint) => ({
  market,
  mid: dollars * 10n ** 18n,
  publishTime,
  halfWidthBps: 5n,
  bandBps: 10n,
});

/** Writes steps with a clock of its own, so that publish times are known. */
class Script {
  readonly steps: Operation[] = [];
  private time = 1_700_000_000n;

  do(sender: Operation['sender'], name: string, args: readonly unknown[], more: Partial<Operation> = {}): this {
    const wait = more.wait ?? 0n;
    this.time += wait;
    this.steps.push({ name, sender, args, ...more, wait });
    return this;
  }

  list(count: number, skewScale: bigint): this {
    for (let id = 0n; id < BigInt(count); id++)
      this.do(ADMIN, 'listMarket', [{ ...CONFIG, skewScale, fundingCapPpm: 5000n }, 50n], {
        prices: [price(id, PRICES[Number(id)] ?? 100n, this.time)],
      });
    return this;
  }

  /** Owners let others trade and charge for them. */
  allow(): this {
    const all = { markets: 2n ** 64n - 1n, permissions: 7n, dailyLimit: 100_000n, spent: 0n, day: 0n };
    const [first, second] = DELEGATES;
    this.do(ALICE, 'setDelegate', [first, { ...all, expiry: this.time + 1_000_000n }]);
    this.do(BOB, 'setDelegate', [second, { ...all, expiry: this.time + 5000n, permissions: 6n }]);
    return this.do(ALICE, 'approveBuilder', [BUILDER, 50n]).do(CAROL, 'approveBuilder', [BUILDER, 10n]);
  }

  pool(assets: bigint): this {
    this.do(ADMIN, 'receiveLiquidity', [KEEPER, assets], { mint: [{ to: KEEPER, assets }] });
    return this.do(ADMIN, 'addLiquidity', [assets * 10n ** 12n]);
  }

  /** Takes cash of the pool out again, so that what was opened by it stands on less. */
  drain(assets: bigint): this {
    this.do(ADMIN, 'removeLiquidity', [assets * 10n ** 12n]);
    return this.do(ADMIN, 'payLiquidity', [KEEPER, assets]);
  }

  fund(account: Hex, assets: bigint): this {
    return this.do(KEEPER, 'deposit', [account, assets], { mint: [{ to: KEEPER, assets }] });
  }

  commit(owner: Operation['sender'], market: bigint, sizeDelta: bigint, sub = 0n): this {
    return this.do(owner, 'commit', [market, [this.order(owner, sizeDelta, sub)]]);
  }

  private order(owner: Operation['sender'], sizeDelta: bigint, sub: bigint) {
    return packOrder({ account: accountOf(owner, sub), sizeDelta, limitPrice: sizeDelta > 0n ? MAX_LIMIT : 0n });
  }

  trade(owner: Operation['sender'], market: bigint, sizeDelta: bigint, dollars: bigint, sub = 0n): this {
    this.commit(owner, market, sizeDelta, sub);
    return this.do(KEEPER, 'settle', [market, [[this.order(owner, sizeDelta, sub)]], []], {
      wait: 3n,
      prices: [price(market, dollars, this.time + 3n)],
    });
  }

  /** Every market at its price, this one at `dollars`. */
  private prices(count: number, market: bigint, dollars: bigint, publishTime: bigint) {
    return PRICES.slice(0, count).map((usual, id) =>
      price(BigInt(id), BigInt(id) === market ? dollars : usual, publishTime),
    );
  }

  deleverage(market: bigint, dollars: bigint): this {
    const prices = this.prices(3, market, dollars, this.time + 2n);
    return this.do(KEEPER, 'deleverage', [market, []], { wait: 2n, prices });
  }

  /** At the prices there are. */
  liquidate(owner: Operation['sender'], sub = 0n): this {
    return this.do(KEEPER, 'liquidate', [accountOf(owner, sub), []]);
  }

  announceEnd(market: bigint): this {
    return this.do(ADMIN, 'scheduleSettlement', [market, this.time + 86_400n]);
  }

  endMarket(market: bigint, dollars: bigint): this {
    this.announceEnd(market);
    const prices = [price(market, dollars, this.time + 86_400n)];
    return this.do(KEEPER, 'settleMarket', [market, []], { wait: 86_400n, prices });
  }

  /** The epoch of the newest deposit of liquidity. */
  lentAt = 0n;

  lend(owner: Operation['sender'], assets: bigint): this {
    this.lentAt = this.time / 3600n;
    return this.do(owner, 'requestDeposit', [assets, owner, owner], { mint: [{ to: owner, assets }] });
  }

  /** Settles the next epoch as soon as it may be, the first market at a price. */
  nextEpoch(dollars = 2000n): this {
    const wait = 3600n - (this.time % 3600n) + 15n;
    const prices = this.prices(3, 0n, dollars, this.time + wait);
    return this.do(KEEPER, 'settleEpoch', [[]], { wait, prices });
  }

  move(market: bigint, dollars: bigint): this {
    return this.do(KEEPER, 'updateIndices', [1n << market, []], {
      wait: 2n,
      prices: [price(market, dollars, this.time + 2n)],
    });
  }
}

const U = 10n ** 12n;
const USD = 10n ** 6n;
const SHARE = 10n ** 18n;

function open(poolAssets: bigint, markets = 3, skewScale = 10_000n * USD): Script {
  const script = new Script().list(markets, skewScale).pool(poolAssets);
  script.do(KEEPER, 'fundInsurance', [1000n * USD], { mint: [{ to: KEEPER, assets: 1000n * USD }] });
  for (const owner of OWNERS) script.fund(accountOf(owner), 100_000n * USD).fund(accountOf(owner, 1n), 5000n * USD);
  return script
    .fund(accountOf(WALLET), 20_000n * USD)
    .fund(accountOf(KEEPER), 10n * USD)
    .allow();
}

const quiet = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 40n * U, 2000n)
    .trade(BOB, 0n, -15n * U, 2010n)
    .trade(CAROL, 1n, U, 60_000n);

/** Eight positions of ten markets. */
const crowded = () => {
  const script = open(1_000_000n * USD, 10);
  for (let id = 0n; id < 8n; id++)
    script.trade(ALICE, id, (20n * U) / (id === 1n ? 40n : 1n), PRICES[Number(id)] ?? 100n);
  return script.commit(ALICE, 8n, U);
};

/** Longs in profit against a pool that cannot pay them. */
const drained = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 100n * U, 2000n)
    .trade(BOB, 0n, 60n * U, 2000n)
    .trade(CAROL, 1n, 2n * U, 60_000n)
    .trade(CAROL, 0n, -10n * U, 2000n)
    .drain(997_000n * USD)
    .trade(ALICE, 0n, -50n * U, 2300n)
    .move(0n, 2400n);

/** One account's order waits while its position falls below maintenance. */
const underwater = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 12n * U, 2000n, 1n)
    .trade(BOB, 0n, -12n * U, 2000n, 1n)
    .commit(ALICE, 0n, 10n ** 10n, 1n)
    .commit(BOB, 0n, 10n ** 10n, 1n)
    .move(0n, 1560n);

/** Equity below zero in the open, and profitable positions beside losing ones. */
const sunk = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 15n * U, 2000n, 1n)
    .trade(BOB, 0n, -15n * U, 2000n, 1n)
    .trade(CAROL, 0n, 15n * U, 2000n, 1n)
    .move(0n, 1400n);

/** Markets and a pool deep enough for the largest position, and somebody with the margin for it and the lowest fees. */
const deep = () => {
  const script = open(10_000_000_000n * USD, 3, 10n ** 13n * 100n);
  script.fund(accountOf(ALICE), 900_000_000n * USD).fund(accountOf(BOB), 900_000_000n * USD);
  return script.trade(ALICE, 0n, 10_000n * U, 2000n).trade(BOB, 0n, -60_000n * U, 2000n);
};

/** A pool so small that its allocation is the next cap. */
const allocated = () =>
  open(20_000n * USD)
    .trade(ALICE, 0n, 12n * U, 2000n)
    .trade(BOB, 0n, -9n * U, 2000n)
    .commit(CAROL, 0n, 30n * U)
    .commit(BOB, 0n, -30n * U);

/** Parameters on their way. */
const ramping = () => {
  const script = open(1_000_000n * USD)
    .trade(ALICE, 0n, 40n * U, 2000n)
    .trade(BOB, 0n, -15n * U, 2010n);
  const to = {
    ...CONFIG,
    skewScale: 10_500n * USD,
    initialMarginBps: 1200n,
    maintenanceMarginBps: 700n,
    penaltyBps: 40n,
  };
  script.do(ADMIN, 'scheduleParameters', [0n, to, 20n, 90_000n], { wait: 17n });
  return script.do(KEEPER, 'advanceParameters', [0n], { wait: 4000n });
};

/** A queue without a free place. */
const full = () => {
  const script = open(1_000_000n * USD, 1);
  for (let i = 0n; i < 1024n; i++) {
    if (i % 8n === 0n) script.do(KEEPER, 'accrue', [0n], { wait: 61n });
    script.do(ALICE, 'commit', [
      0n,
      [packOrder({ account: accountOf(ALICE), sizeDelta: U, limitPrice: MAX_LIMIT, reduceOnly: true })],
    ]);
  }
  return script;
};

/** Opening orders wait while new risk is paused. */
const paused = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, U, 2000n)
    .commit(ALICE, 1n, U / 10n)
    .commit(BOB, 2n, -U)
    .commit(CAROL, 0n, U)
    .do(ADMIN, 'setPauseLevel', [1n]);

/** Longs on the side of fewer, all below maintenance: what their liquidations add to the skew fills the meter. */
const metered = () =>
  open(1_000_000n * USD, 1, 500n * USD)
    .trade(ALICE, 0n, -10n * U, 2000n)
    .trade(ALICE, 0n, 6n * U, 2000n, 1n)
    .trade(BOB, 0n, -6n * U, 2000n)
    .trade(BOB, 0n, 6n * U, 2000n, 1n)
    .trade(CAROL, 0n, -4n * U, 2000n)
    .trade(CAROL, 0n, 6n * U, 2000n, 1n)
    .move(0n, 1215n);

/** As above, the meter filled by the first of them. */
const spent = () => metered().liquidate(ALICE, 1n);

/** The skew stands at its cap. */
const capped = () =>
  open(1_000_000n * USD, 3, 500n * USD)
    .trade(ALICE, 0n, 12n * U, 2000n)
    .commit(BOB, 0n, U);

/** Longs whose exposure is more than the market's allocation of the pool; after `cuts` deleveragings. */
const overexposed = (cuts: number) => {
  const script = open(1_000_000n * USD)
    .trade(ALICE, 0n, 90n * U, 2000n)
    .trade(BOB, 0n, 60n * U, 2000n)
    .trade(CAROL, 0n, -20n * U, 2000n)
    .trade(CAROL, 1n, U / 2n, 60_000n)
    .drain(900_000n * USD);
  const rises = [2060n, 2130n, 2220n];
  for (let i = 0; i < cuts; i++) script.deleverage(0n, rises[i] ?? 2200n);
  return script.move(0n, 2050n + 65n * BigInt(cuts));
};

/** Shorts that meet the longs' profit: more than the market's allocation is owed, and no skew is left to cut. */
const matched = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 90n * U, 2000n)
    .trade(BOB, 0n, -50n * U, 2200n)
    .trade(CAROL, 0n, -40n * U, 2200n)
    .drain(960_000n * USD);

/** A pool whose value is gone: whatever stands open is deleveraged to nothing. */
const wiped = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 60n * U, 2000n)
    .trade(BOB, 0n, 40n * U, 2000n)
    .trade(BOB, 1n, U / 10n, 60_000n)
    .trade(CAROL, 0n, -50n * U, 2000n)
    .trade(CAROL, 0n, 50n * U, 2000n)
    .drain(997_000n * USD)
    .deleverage(0n, 2200n);

/** All markets are about to end. */
const announced = () => quiet().announceEnd(0n).announceEnd(1n).announceEnd(2n);

/** One market at its end with winners and losers in it, another about to be. */
const ending = () =>
  open(1_000_000n * USD)
    .trade(ALICE, 0n, 12n * U, 2000n, 1n)
    .trade(BOB, 0n, -12n * U, 2000n, 1n)
    .trade(BOB, 1n, U / 10n, 60_000n, 1n)
    .trade(CAROL, 0n, 30n * U, 2000n)
    .trade(CAROL, 1n, U, 60_000n)
    .endMarket(0n, 2400n)
    .do(ADMIN, 'scheduleSettlement', [1n, 1_700_000_000n + 200_000n]);

/** Liquidity that came through the vault, its shares taken; who holds them lets others act. */
const provided = (assets = 500_000n) => {
  const script = new Script().list(3, 10_000n * USD);
  script.do(ADMIN, 'setCooldown', [3600n, 7200n]).do(ADMIN, 'setDepositLock', [600n]);
  for (const owner of OWNERS) script.lend(owner, assets * USD);
  script.nextEpoch().do(KEEPER, 'accrue', [0n], { wait: 700n });
  for (const owner of OWNERS) script.do(owner, 'claimDeposit', [script.lentAt, owner, owner]);
  script.do(ALICE, 'setOperator', [BOB, true]).do(CAROL, 'approve', [BOB, 1000n * SHARE]);
  for (const owner of OWNERS) script.fund(accountOf(owner), 100_000n * USD).fund(accountOf(owner, 1n), 5000n * USD);
  return script.fund(accountOf(KEEPER), 10n * USD);
};

/** Redemptions beyond the outflow cap, cut once; more cool and deposits wait. */
const redeeming = () => {
  const script = provided()
    .trade(ALICE, 0n, 20n * U, 2000n)
    .do(ALICE, 'requestRedeem', [400_000n * SHARE, ALICE, ALICE])
    .do(BOB, 'requestRedeem', [300_000n * SHARE, CAROL, BOB])
    .nextEpoch()
    .nextEpoch()
    .nextEpoch();
  return script
    .do(CAROL, 'requestRedeem', [250_000n * SHARE, CAROL, CAROL])
    .lend(ALICE, 70n * USD)
    .lend(BOB, 1n);
};

/**
 * Redemptions that an epoch executes to the last or but for one unit, so that rounds end; and deposits of four epochs by one
 * owner.
 */
const rounds = () => {
  // 15 % of the pool and a unit, then room for more.
  const script = provided()
    .do(BOB, 'requestRedeem', [225_000n * SHARE + 1n, BOB, BOB])
    .nextEpoch()
    .nextEpoch();
  script.do(ADMIN, 'setOutflowCap', [5000n]).do(ADMIN, 'setDepositLock', [0n]);
  for (let i = 0n; i < 4n; i++) {
    script.lend(ALICE, (10n + i) * USD).lend(BOB, 1000n * USD);
    script.do(BOB, 'requestRedeem', [50n * SHARE + i, BOB, BOB]).do(CAROL, 'requestRedeem', [7n, BOB, CAROL]);
    script.nextEpoch();
  }
  return script;
};

/** Deposits that met a pool owing more than it has, nothing of it a claim. */
const refused = () =>
  provided(300_000n)
    .trade(ALICE, 0n, 80n * U, 2000n)
    .trade(BOB, 0n, 40n * U, 2000n)
    .drain(880_000n * USD)
    .lend(ALICE, 5000n * USD)
    .lend(CAROL, 1n)
    .lend(BOB, 30_000n * USD)
    .move(0n, 2250n)
    .nextEpoch(2300n)
    .lend(CAROL, 9n * USD);

/** Fifty markets and as many accounts: what one long sequence begins in. */
export const vast = (): Scene => {
  const script = open(20_000_000n * USD, 50);
  for (const owner of OWNERS) for (let sub = 0n; sub < 17n; sub++) script.fund(accountOf(owner, sub), 20_000n * USD);
  return { name: 'vast', steps: script.steps, focus: [] };
};

const VAULT_FOCUS = ['vault', 'vault', 'vault', 'settleEpoch'];

/** Everything a sequence may begin in; the numbers are how often. */
export const SCENES: readonly [() => Scene, number][] = [
  [() => ({ name: 'empty', steps: [], focus: ['listMarket'] }), 1],
  [() => ({ name: 'quiet', steps: quiet().steps, focus: [] }), 30],
  [() => ({ name: 'signed', steps: quiet().steps, focus: ['commitSigned', 'settle', 'settle'] }), 22],
  [() => ({ name: 'crowded', steps: crowded().steps, focus: ['commit', 'settle'] }), 12],
  [
    () => ({
      name: 'drained',
      steps: drained().steps,
      focus: ['closeNow', 'collectClaim', 'liquidate', 'crystallise'],
    }),
    18,
  ],
  [() => ({ name: 'underwater', steps: underwater().steps, focus: ['liquidate', 'settle'] }), 26],
  [() => ({ name: 'sunk', steps: sunk().steps, focus: ['closeNow', 'liquidate', 'withdraw'] }), 14],
  [() => ({ name: 'deep', steps: deep().steps, focus: ['commit', 'settle'] }), 25],
  [() => ({ name: 'allocated', steps: allocated().steps, focus: ['settle', 'commit', 'appraise'] }), 7],
  [
    () => ({
      name: 'ramping',
      steps: ramping().steps,
      focus: ['advanceParameters', 'cancelParameters', 'commit', 'settle'],
    }),
    8,
  ],
  [() => ({ name: 'full', steps: full().steps, focus: ['commit', 'commit', 'expire'] }), 9],
  [() => ({ name: 'paused', steps: paused().steps, focus: ['settle', 'expire'] }), 8],
  [() => ({ name: 'metered', steps: metered().steps, focus: ['liquidate', 'liquidateAgain', 'liquidateMany'] }), 30],
  [() => ({ name: 'spent', steps: spent().steps, focus: ['liquidateAgain', 'liquidateAgain', 'liquidateMany'] }), 12],
  [() => ({ name: 'capped', steps: capped().steps, focus: ['settle', 'commit'] }), 6],
  [
    () => ({
      name: 'overexposed',
      steps: overexposed(0).steps,
      focus: ['deleverage', 'deleverageAgain', 'commit', 'closeNow'],
    }),
    14,
  ],
  [
    () => ({ name: 'deleveraged', steps: overexposed(3).steps, focus: ['deleverage', 'deleverageAgain', 'settle'] }),
    16,
  ],
  [() => ({ name: 'matched', steps: matched().steps, focus: ['deleverage', 'deleverageAgain'] }), 8],
  [
    () => ({ name: 'wiped', steps: wiped().steps, focus: ['settlePosition', 'commit', 'crystallise', 'deleverage'] }),
    12,
  ],
  [() => ({ name: 'provided', steps: provided().steps, focus: VAULT_FOCUS }), 14],
  [
    () => ({
      name: 'ruled',
      steps: provided().steps,
      focus: ['setCooldown', 'setDepositLock', 'setOutflowCap', 'approve', 'transferFrom', 'renounceRole'],
    }),
    12,
  ],
  [() => ({ name: 'redeeming', steps: redeeming().steps, focus: [...VAULT_FOCUS, 'claimRedeem'] }), 14],
  [() => ({ name: 'rounds', steps: rounds().steps, focus: [...VAULT_FOCUS, 'claimRedeem', 'claimDeposit'] }), 14],
  [() => ({ name: 'refused', steps: refused().steps, focus: ['refundDeposit', 'refundDeposit', 'vault'] }), 10],
  [
    () => ({
      name: 'announced',
      steps: announced().steps,
      focus: ['setReduceOnly', 'setReduceOnly', 'settleMarket', 'cancelSettlement'],
    }),
    14,
  ],
  [() => ({ name: 'ending', steps: ending().steps, focus: ['settlePosition', 'settleMarket', 'withdraw'] }), 12],
];
