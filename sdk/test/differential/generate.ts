import { type Address, encodeFunctionData, type Hex, zeroAddress, zeroHash } from 'viem';
import {
  type MarketConfig,
  MarketFlags,
  type Order,
  type OrderFields,
  OrderWords,
  PriceState,
  packOrder,
  unpackOrder,
} from '../../src/math/index.ts';
import { accountOf, CONFIGURATOR_ROLE, Engine, GUARDIAN_ROLE, roleKey, VAULT_ROLE } from '../../src/model/index.ts';
import { bits, pendingOf } from '../../src/model/ledger.ts';
import { OracleModel, type Slot } from './doubles.ts';
import { VAULT_DRAWS, VAULT_SELDOM, vaultOperation } from './generateVault.ts';
import type { Random } from './random.ts';
import { type Signing, WALLET } from './signing.ts';
import {
  ADMIN,
  BUILDER,
  CONFIG,
  DELEGATES,
  engineAbi,
  KEEPER,
  type Operation,
  OWNERS,
  PAUPER,
  STRANGER,
  type World,
} from './world.ts';

// Random steps that suit the world they are drawn in: mostly permitted, sometimes just beyond.

const UNIT = 10n ** 12n;
const MAX_LIMIT = OrderWords.MAX_LIMIT_PRICE;
/** USDC units. */
const MORE_THAN_FITS = 2n ** 96n / 10n ** 12n;
const NO_UPDATE: readonly Hex[] = [];

/** How rough the prices of a sequence are, relative to the last one. */
export interface Mood {
  volatility: number;
}

type Draw = (r: Random, w: World, mood: Mood) => Operation;

const call = (sender: Address, name: string, args: readonly unknown[], more: Partial<Operation> = {}): Operation => ({
  name,
  sender,
  args,
  wait: 0n,
  ...more,
});

const few = [...OWNERS.flatMap((owner) => [accountOf(owner), accountOf(owner, 1n)]), accountOf(WALLET)];
/** Fifty-one, where there are fifty markets. */
const crowd = OWNERS.flatMap((owner) => Array.from({ length: 17 }, (_, sub) => accountOf(owner, BigInt(sub))));
const accountsOf = (w: World) => (w.engine.marketCount >= 50n ? crowd : few);
const ownerOf = (account: Hex): Address => account.slice(0, 42) as Address;

function market(r: Random, w: World): bigint {
  return r.chance(0.98) ? r.big(0, Number(w.engine.marketCount) - 1) : w.engine.marketCount + r.big(0, 3);
}

const DOUBTFUL = [
  PriceState.Strained,
  PriceState.Guarded,
  PriceState.Single,
  PriceState.Single,
  PriceState.SequencerDown,
];

/** The next price of a market: a jump in both directions, rarely an absurd one. */
function priceAt(r: Random, w: World, id: bigint, publishTime: bigint, mood: Mood): Slot & { market: bigint } {
  const last = w.oracle.slots.get(id)?.mid || 2000n * 10n ** 18n;
  const factor = Math.exp((r.unit() + r.unit() - 1) * mood.volatility);
  const moved = (last * BigInt(Math.floor(factor * 1e9))) / 10n ** 9n;
  const mid = r.chance(0.009) ? 10n ** 26n : moved > 10n ** 24n ? 10n ** 21n : moved + 1n;
  const state = r.chance(0.92) ? PriceState.Normal : r.pick(DOUBTFUL);
  return { market: id, mid, publishTime, halfWidthBps: r.big(1, 12), bandBps: r.big(0, 40), state };
}

function priceNow(r: Random, w: World, ids: bigint, time: bigint, mood: Mood) {
  const prices: (Slot & { market: bigint })[] = [];
  const stale = r.chance(0.04);
  for (let id = 0n; id < w.engine.marketCount; id++) {
    if (((ids >> id) & 1n) === 0n) continue;
    const publishTime = stale ? time - 400n : time - r.big(0, 1);
    prices.push(priceAt(r, w, id, publishTime, mood));
  }
  return prices;
}

const marketsOf = (w: World, account: Hex) => w.engine.accounts.get(account)?.markets ?? 0n;
const livingOf = (w: World, account: Hex, id: bigint) =>
  Engine.currentPosition(w.engine, account, id, w.engine.configs.get(id)?.flags ?? 0n);
const positionOf = (w: World, account: Hex, id: bigint) => livingOf(w, account, id).size;
const magnitude = (x: bigint) => (x < 0n ? -x : x);

/** Accounts with a position, or any when none has. */
function exposed(r: Random, w: World): Hex {
  const held = [...w.engine.accounts].filter(([, a]) => a.markets !== 0n).map(([account]) => account as Hex);
  return r.pick(held.length > 0 ? held : accountsOf(w));
}

function heldMarket(r: Random, w: World, account: Hex): bigint {
  const held: bigint[] = [];
  for (let id = 0n; id < w.engine.marketCount; id++) if ((marketsOf(w, account) >> id) & 1n) held.push(id);
  return held.length > 0 && r.chance(0.9) ? r.pick(held) : market(r, w);
}

const deposit: Draw = (r, w) => {
  const account = r.pick(accountsOf(w));
  const assets = r.chance(0.03) ? 0n : r.big(1, 1_000_000) * r.pick([1n, 1000n, 1_000_000n]);
  if (r.chance(0.02)) return call(KEEPER, 'deposit', [account, MORE_THAN_FITS]);
  const from = r.chance(0.05) ? PAUPER : ownerOf(account);
  return call(from, 'deposit', [account, assets], {
    mint: [{ to: from, assets: r.chance(0.95) ? assets : 0n }],
    wait: r.big(0, 2),
  });
};

const withdraw: Draw = (r, w, mood) => {
  const account = r.chance(0.5) ? exposed(r, w) : r.pick(accountsOf(w));
  const margin = (w.engine.accounts.get(account)?.margin ?? 0n) / 10n ** 12n;
  const share = r.pick([5, 20, 60, 100, 101]);
  const assets = r.chance(0.03) ? 0n : (margin * BigInt(share)) / 100n;
  const wait = r.chance(0.6) ? 61n : r.big(0, 4);
  const sender = r.chance(0.96) ? ownerOf(account) : PAUPER;
  const to = r.chance(0.8) ? sender : r.pick([zeroAddress, w.address, w.address]);
  return call(sender, 'withdraw', [account, assets, to, NO_UPDATE], {
    wait,
    value: r.chance(0.25) ? 1n : 0n,
    prices: priceNow(r, w, Engine.leavingMarkets(w.engine, account), w.time + wait, mood),
  });
};

const moveMargin: Draw = (r, w, mood) => {
  const out = withdraw(r, w, mood);
  const [account, assets] = out.args as [Hex, bigint];
  const sibling = accountOf(ownerOf(account), account === accountOf(ownerOf(account)) ? 1n : 0n);
  const to = r.chance(0.9) ? sibling : r.chance(0.6) ? account : r.pick(accountsOf(w));
  return { ...out, name: 'moveMargin', args: [account, to, assets, NO_UPDATE] };
};

function order(r: Random, w: World, id: bigint, account: Hex): Order {
  const mid = w.engine.markets.get(id)?.index || 10n ** 18n;
  const margin = w.engine.accounts.get(account)?.margin ?? 0n;
  const held = positionOf(w, account, id);
  const reduceOnly = r.chance(0.18);
  let sizeDelta: bigint;
  if (held !== 0n && r.chance(0.4)) {
    sizeDelta = (-held * r.pick([1n, 2n, 3n, 4n, 7n])) / r.pick([4n, 4n, 3n]);
  } else {
    const leverage = r.pick([0.002, 0.05, 0.5, 2, 4, 7, 9.5, 12]);
    const notional = (margin * BigInt(Math.floor(leverage * 1000))) / 1000n;
    sizeDelta = (notional * UNIT) / mid;
    if (r.chance(0.45)) sizeDelta = -sizeDelta;
  }
  if (r.chance(0.02)) sizeDelta = r.big(-9, 9);
  const buys = sizeDelta > 0n;
  const near = (mid * r.big(990, 1010)) / 1000n;
  const limitPrice = r.chance(0.85) ? (buys ? MAX_LIMIT : 0n) : near;
  return conditioned(r, w, id, { account, sizeDelta: BigInt.asIntN(88, sizeDelta), limitPrice, reduceOnly });
}

/** With what an order may have beside its size and limit. */
function conditioned(r: Random, w: World, id: bigint, plain: OrderFields): Order {
  const { account } = plain;
  const fields = { ...plain };
  const { size, generation } = livingOf(w, account, id);
  if (size !== 0n ? r.chance(0.15) : r.chance(0.01)) {
    const share = r.pick([10_000n, 10_000n, 5000n, 20_000n, 1n, r.big(1, 20_001)]);
    fields.sizeDelta = r.chance(0.9) ? -share : share;
    fields.limitPrice = fields.sizeDelta > 0n === size > 0n ? MAX_LIMIT : 0n;
    fields.attachedTo = generation + (r.chance(0.06) ? 1n : 0n);
  }
  if (r.chance(0.15)) {
    const mid = w.engine.markets.get(id)?.index || 10n ** 18n;
    const above = r.chance(0.5);
    const beyond = r.big(0, 40) - (r.chance(0.08) ? 60n : 0n);
    fields.trigger = { above, price: (mid * (10_000n + (above ? -beyond : beyond))) / 10_000n };
  }
  if (r.chance(0.12)) {
    const most = w.engine.builderFees.get(`${ownerOf(account)}/${BUILDER}`.toLowerCase()) ?? 0n;
    const fee = r.chance(0.9) ? r.big(0, Number(most)) : r.big(0, 51);
    fields.builder = { address: BUILDER, fee };
  }
  if (r.chance(0.06)) fields.deadline = w.time + r.pick([-1n, 5n, 5n, 100n, 100n, 9999n]);
  const drawn = packOrder(fields);
  return r.chance(0.015) ? { ...drawn, terms: drawn.terms ^ (1n << r.big(232, 255)) } : drawn;
}

/** Whom an owner has let trade, or one of those whom some let. */
function delegateOf(r: Random, w: World, owner: Address): Address {
  const named = [...w.engine.delegations.keys()].flatMap((key) => {
    const [by, delegate] = key.split('/') as [Address, Address];
    return by === owner ? [delegate] : [];
  });
  return named.length > 0 && r.chance(0.9) ? r.pick(named) : r.pick(DELEGATES);
}

/** Mostly where the account's orders pend, if any do. */
function marketFor(r: Random, w: World, account: Hex): bigint {
  const stored = w.engine.accounts.get(account);
  const pends = stored !== undefined && pendingOf(stored, w.time) !== 0n;
  return pends && r.chance(0.9) ? stored.market : market(r, w);
}

/** What opens asks for first where the account's other markets have old indices; null where they have not. */
function refreshed(r: Random, w: World, account: Hex, id: bigint, mood: Mood): Operation | null {
  const others = marketsOf(w, account) & Engine.liveMarkets(w.engine) & ~(1n << id);
  const old = bits(others).some((one) => w.time > (w.engine.markets.get(one)?.indexAt ?? 0n) + 55n);
  if (!old || r.chance(0.2)) return null;
  return call(KEEPER, 'updateIndices', [others, NO_UPDATE], { prices: priceNow(r, w, others, w.time, mood) });
}

const commit: Draw = (r, w, mood) => {
  const account = r.chance(0.5) ? exposed(r, w) : r.pick(accountsOf(w));
  const id = marketFor(r, w, account);
  const before = refreshed(r, w, account, id, mood);
  if (before) return before;
  const owner = ownerOf(account);
  const sender = r.chance(0.89) ? owner : r.chance(0.9) ? delegateOf(r, w, owner) : PAUPER;
  const orders = [order(r, w, id, account)];
  const [first] = orders;
  if (first && (OrderWords.flagsOf(first.terms) & OrderWords.OrderFlags.Attached) !== 0n && r.chance(0.7))
    orders.push(first);
  while (r.chance(0.15)) orders.push(order(r, w, id, r.chance(0.5) ? account : accountOf(ownerOf(account), 1n)));
  if (r.chance(0.015)) orders.length = 0;
  if (r.chance(0.01)) while (orders.length < 33) orders.push(order(r, w, id, account));
  if (r.chance(0.02))
    while (orders.length < 9) orders.push(packOrder({ account, sizeDelta: 1n, limitPrice: 0n, reduceOnly: true }));
  return call(sender, 'commit', [id, orders], { wait: r.pick([0n, 0n, 1n, 2n, 5n]) });
};

/** Orders of several owners, each signed by its owner or by whom they let trade; some of them brought before. */
const commitSigned: Draw = (r, w, mood) => {
  const again = w.signed.length > 0 && r.chance(0.4) ? r.pick(w.signed) : undefined;
  const drawn = () => (r.chance(0.5) ? exposed(r, w) : r.pick(accountsOf(w)));
  let account = drawn();
  const id = again?.market ?? marketFor(r, w, account);
  const before = refreshed(r, w, account, id, mood);
  if (before) return before;
  const brought: { order: Order; signing: Signing }[] = again ? [again] : [];
  do {
    brought.push(...signedOrders(r, w, id, account));
    account = drawn();
  } while (r.chance(0.4));
  const [first] = brought;
  if (first && r.chance(0.05)) brought.push(first);
  const orders = brought.map((one) => one.order);
  const signings = brought.map((one) => one.signing);
  if (r.chance(0.02)) signings.pop();
  if (r.chance(0.01)) orders.length = signings.length = 0;
  return call(r.pick([KEEPER, STRANGER]), 'commitSigned', [id, orders], {
    wait: r.pick([0n, 0n, 1n, 2n, 5n]),
    signings,
  });
};

/** One order, or some under one signature. */
function signedOrders(r: Random, w: World, id: bigint, account: Hex): { order: Order; signing: Signing }[] {
  const owner = ownerOf(account);
  const by = owner === WALLET || r.chance(0.7) ? owner : r.chance(0.85) ? delegateOf(r, w, owner) : STRANGER;
  const bundled = r.chance(0.25);
  const drawn = [order(r, w, id, account)];
  while (bundled && r.chance(0.6)) drawn.push(order(r, w, id, account));
  const bundle = drawn.map((one) => numbered(r, w, one, bundled));
  const told = r.chance(0.02) ? id + 1n : id;
  return bundle.map((one, place) => {
    const kept = bundled ? { bundle, place } : { bundle: [one], place: 0 };
    const shown = r.chance(0.02) ? { ...one, terms: one.terms ^ 1n } : one;
    const none = r.pick<Hex>(['0x', '0x01', '0x0100', `0x${'17'.repeat(64)}`]);
    const apart = by === WALLET ? r.chance(0.9) : r.chance(0.1);
    return { order: shown, signing: { apart, ...(r.chance(0.02) ? { bytes: none } : { by, market: told, ...kept }) } };
  });
}

/** With a nonce, or for the moment. */
function numbered(r: Random, w: World, drawn: Order, bundled: boolean): Order {
  const fields = unpackOrder(drawn);
  if (fields.trigger === undefined && r.chance(0.3)) {
    fields.moment = true;
    fields.deadline = w.time + r.pick([3n, 9n, r.big(5, 23), r.big(0, 30)]);
  } else fields.nonce = r.chance(0.95) ? r.big(1, 2 ** 24 - 1) : r.big(0, 2);
  return packOrder({ ...fields, bundled });
}

/** Whatever is signed or not: nothing is checked. */
const announce: Draw = (r, w, mood) => {
  const op = commitSigned(r, w, mood);
  return op.name === 'commitSigned' ? { ...op, name: 'announce' } : op;
};

const setDelegate: Draw = (r, w) => {
  const delegation = {
    expiry: r.chance(0.1) ? 0n : w.time + r.pick([0n, 60n, 90_000n, 10_000_000n]),
    markets: r.chance(0.8) ? 2n ** 64n - 1n : r.bits(64),
    permissions: r.chance(0.6) ? 7n : r.big(0, 7),
    dailyLimit: r.pick([0n, 1000n, 30_000n, 1_000_000n, 2n ** 48n - 1n]),
    spent: r.bits(48),
    day: r.bits(32),
  };
  return call(r.pick([...OWNERS, WALLET]), 'setDelegate', [r.pick(DELEGATES), delegation]);
};

const approveBuilder: Draw = (r) => {
  const fee = r.chance(0.85) ? r.big(0, 50) : r.pick([51n, 2n ** 256n - 1n]);
  return call(r.pick([...OWNERS, WALLET]), 'approveBuilder', [r.chance(0.9) ? BUILDER : KEEPER, fee]);
};

const cancelNonces: Draw = (r, w) => {
  const known = w.signed.length > 0 && r.chance(0.7) ? r.pick(w.signed).order : undefined;
  const account = known?.account ?? r.pick(accountsOf(w));
  const nonce = known ? OrderWords.nonceOf(known.terms) : r.big(0, 2 ** 24 - 1);
  const nonces = (1n << (nonce & 255n)) | (r.chance(0.2) ? r.bits(256) : 0n);
  return call(r.chance(0.95) ? ownerOf(account) : PAUPER, 'cancelNonces', [account, nonce >> 8n, nonces]);
};

/** What fails is passed over. */
const permit: Draw = (r, w) =>
  call(r.pick(OWNERS), 'permit', [
    r.bits(64),
    w.time + 100n,
    27n,
    r.chance(0.5) ? zeroHash : `0x${'03'.repeat(32)}`,
    zeroHash,
  ]);

/** Several things of one owner. */
const multicall: Draw = (r, w, mood) => {
  const sender = r.pick(OWNERS);
  const steps = [deposit, setDelegate, approveBuilder, cancelNonces, permit].map((draw) => draw(r, w, mood));
  const chosen = steps.filter(() => r.chance(0.5)).map((op) => (op.name === 'deposit' ? ofOwner(r, sender) : op));
  const calls = chosen.map((op) =>
    encodeFunctionData({ abi: engineAbi, functionName: op.name, args: op.args as unknown[] }),
  );
  return call(sender, 'multicall', [calls], { mint: chosen.flatMap((op) => op.mint ?? []) });
};

function ofOwner(r: Random, owner: Address): Operation {
  const assets = r.chance(0.05) ? 0n : r.big(1, 1_000_000);
  return call(owner, 'deposit', [accountOf(owner), assets], { mint: [{ to: owner, assets }] });
}

/** The queues that hold something. */
function waiting(w: World): bigint[] {
  return [...w.batches].filter(([, batches]) => batches.length > 0).map(([id]) => id);
}

const settle: Draw = (r, w, mood) => {
  const queued = waiting(w);
  if (queued.length === 0 && r.chance(0.9)) return commit(r, w, mood);
  const id = queued.length > 0 && r.chance(0.97) ? r.pick(queued) : market(r, w);
  const all = w.batches.get(id) ?? [];
  const committedAt = w.engine.items.get(`${id}/${(all[0]?.index ?? 0n) % 1024n}`)?.committedAt ?? w.time;
  const same = all.filter((b) => w.engine.items.get(`${id}/${b.index % 1024n}`)?.committedAt === committedAt);
  const batches = (r.chance(0.8) ? same : same.slice(0, 1)).map((b) => b.orders);
  if (r.chance(0.7)) batches.push(...all.slice(same.length, same.length + 1).map((b) => b.orders));
  if (r.chance(0.02)) batches.push([]);
  const spoilt = batches[0]?.[0];
  if (spoilt && r.chance(0.02)) batches[0] = [{ ...spoilt, terms: spoilt.terms ^ (1n << 88n) }];
  if (w.time > committedAt + 60n && r.chance(0.8)) return call(KEEPER, 'expire', [id, r.big(1, 9)]);
  const publishTime = committedAt + (r.chance(0.98) ? r.big(2, 6) : r.big(0, 1));
  const at = publishTime > w.time ? publishTime : w.time;
  const wait = at - w.time + (r.chance(0.03) ? 70n : r.big(0, 1));
  return call(r.pick([KEEPER, KEEPER, OWNERS[0]]), 'settle', [id, batches, NO_UPDATE], {
    wait,
    prices: [priceAt(r, w, id, publishTime, mood)],
  });
};

const closeNow: Draw = (r, w, mood) => {
  const account = exposed(r, w);
  const id = heldMarket(r, w, account);
  const held = magnitude(positionOf(w, account, id));
  const size = r.chance(0.03) ? 0n : (held * r.pick([1n, 2n, 4n, 5n])) / 4n || 1n;
  const wait = r.chance(0.8) ? 61n : r.big(0, 3);
  const buys = positionOf(w, account, id) < 0n;
  const limit = r.chance(0.93) ? (buys ? MAX_LIMIT : 0n) : (w.engine.markets.get(id)?.index ?? 1n);
  const owner = ownerOf(account);
  const sender = r.chance(0.87) ? owner : r.chance(0.85) ? delegateOf(r, w, owner) : PAUPER;
  return call(sender, 'closeNow', [account, id, size, limit, NO_UPDATE], {
    wait,
    prices: priceNow(r, w, 1n << id, w.time + wait, mood),
  });
};

/** Whether the stored indices put an account below maintenance that may be liquidated at all. */
function isWeak(w: World, account: Hex): boolean {
  const held = marketsOf(w, account);
  if ((held & Engine.liveMarkets(w.engine)) !== held || held === 0n) return false;
  const prices = new OracleModel(w.oracle).bands(held);
  return Engine.previewLiquidation(w.engine, w.time, account, prices).liquidation.due;
}

const liquidate: Draw = (r, w, mood) => {
  const weak = [...w.engine.accounts.keys()].filter((held) => isWeak(w, held as Hex)) as Hex[];
  if (weak.length === 0 && r.chance(0.75)) return closeNow(r, w, mood);
  const account = weak.length > 0 && r.chance(0.9) ? r.pick(weak) : exposed(r, w);
  const wait = r.big(0, 3);
  if (weak.length > 0 && r.chance(0.7)) mood = { volatility: 0.001 };
  const rough = { volatility: mood.volatility * 3 };
  return call(r.pick([KEEPER, OWNERS[1]]), 'liquidate', [account, NO_UPDATE], {
    wait,
    prices: priceNow(r, w, marketsOf(w, account), w.time + wait, rough),
  });
};

const liquidateMany: Draw = (r, w, mood) => {
  const weak = [...w.engine.accounts.keys()].filter((held) => isWeak(w, held as Hex)) as Hex[];
  const drawn = [...weak.slice(0, 3), exposed(r, w), r.pick(accountsOf(w))];
  const chosen = r.chance(0.04) ? [] : drawn.slice(0, r.int(1, drawn.length));
  if (r.chance(0.03)) while (chosen.length < 33) chosen.push(r.pick(accountsOf(w)));
  const held = chosen.reduce((all, account) => all | marketsOf(w, account), 0n);
  const wait = r.big(0, 3);
  return call(KEEPER, 'liquidateMany', [chosen, NO_UPDATE], {
    wait,
    prices: priceNow(r, w, held, w.time + wait, { volatility: mood.volatility * 2 }),
  });
};

/** Mostly where it may be: the state of one of the account's markets Single, the others no worse. */
const flag: Draw = (r, w, mood) => {
  const op = liquidate(r, w, mood);
  if (op.name !== 'liquidate') return op;
  return { ...op, name: 'flag', prices: op.prices?.map((price) => (r.chance(0.9) ? alone(price) : price)) };
};

/** By one source. */
const alone = <S extends Slot>(price: S): S => ({ ...price, state: PriceState.Single });

/** An account that was flagged, by one source again. */
const liquidateFlagged: Draw = (r, w, mood) => {
  const flagged = [...w.engine.doubts].flatMap(([account, { flaggedAt }]) =>
    flaggedAt !== 0n && w.time < flaggedAt + 700n && isWeak(w, account as Hex) ? [{ account, flaggedAt }] : [],
  );
  if (flagged.length === 0) return flag(r, w, mood);
  const { account, flaggedAt } = r.pick(flagged);
  const again = r.chance(0.25);
  const wait = r.chance(0.8) ? flaggedAt + r.pick([59n, 60n, 61n, 600n, 601n]) - w.time : 1n;
  const later = wait > 0n ? wait : 1n;
  const prices = priceNow(r, w, marketsOf(w, account as Hex), w.time + later, { volatility: 0.001 });
  return call(KEEPER, again ? 'flag' : 'liquidate', [account, NO_UPDATE], { wait: later, prices: prices.map(alone) });
};

const setGasMarket: Draw = (r, w) => call(admin(r), 'setGasMarket', [market(r, w)]);

const updateIndices: Draw = (r, w, mood) => {
  const all = (1n << w.engine.marketCount) - 1n;
  const markets = r.chance(0.97) ? r.big(0, Number(all)) & all : 1n << (w.engine.marketCount + 1n);
  const wait = r.big(0, 30);
  return call(KEEPER, 'updateIndices', [markets, NO_UPDATE], {
    wait,
    prices: priceNow(r, w, all, w.time + wait, mood),
    peg: Engine.isOffPeg(w.engine) ? r.pick(['on', 'on', 'silent', 'off']) : r.pick(PEG_MOODS),
  });
};

const PEG_MOODS = [...Array(10).fill('on'), 'silent', 'off'] as const;

const accrue: Draw = (r, w) =>
  call(KEEPER, 'accrue', [market(r, w)], { wait: r.pick([0n, 10n, 600n, 3600n, 9000n, 90_000n]) });

const expire: Draw = (r, w, mood) => {
  const queued = waiting(w);
  if (queued.length === 0 && r.chance(0.8)) return commit(r, w, mood);
  const id = queued.length > 0 && r.chance(0.98) ? r.pick(queued) : market(r, w);
  return call(KEEPER, 'expire', [id, r.big(0, 3)], { wait: r.chance(0.5) ? 61n : 1n });
};

const collectClaim: Draw = (r, w, mood) => {
  const claimants = [...w.engine.claimOf].filter(([, c]) => c.amount !== 0n).map(([account]) => account as Hex);
  if (claimants.length === 0 && r.chance(0.7)) return addLiquidity(r, w, mood);
  return call(KEEPER, 'collectClaim', [claimants.length > 0 ? r.pick(claimants) : r.pick(accountsOf(w))]);
};

const divideReserves: Draw = () => call(KEEPER, 'divideReserves', []);

const fundInsurance: Draw = (r) => {
  if (r.chance(0.06)) return call(KEEPER, 'fundInsurance', [MORE_THAN_FITS]);
  const assets = r.chance(0.04) ? 0n : r.big(1, 10_000_000);
  return call(KEEPER, 'fundInsurance', [assets], { mint: [{ to: KEEPER, assets }] });
};

const admin = (r: Random) => (r.chance(0.97) ? ADMIN : PAUPER);

const payTreasury: Draw = (r, w) => {
  const treasury = Number(w.engine.reserves.treasury / 10n ** 12n);
  return call(admin(r), 'payTreasury', [
    KEEPER,
    BigInt(Math.floor(treasury * r.pick([0, 0.3, 1]))) + (r.chance(0.1) ? 1n : 0n),
  ]);
};

/** Parameters of one byte; the others have two or more. */
const BYTES = new Set<keyof MarketConfig>(['penaltyBps', 'accountCapPercent', 'allocationPercent', 'flags']);

/** Mostly sound parameters, sometimes one of them beyond a bound. */
function config(r: Random): MarketConfig {
  const sound: MarketConfig = {
    ...CONFIG,
    skewScale: 10n ** r.big(8, 15),
    profitWeightBps: r.big(0, 9500),
    fundingCoefficientBps: r.big(0, 1000),
    fundingCapPpm: r.big(0, 5000),
    flags: r.chance(0.15) ? 2n : r.big(0, 1),
  };
  if (r.chance(0.85)) return sound;
  const field = r.pick(Object.keys(sound) as (keyof MarketConfig)[]);
  const most = BYTES.has(field) ? 255 : 65_535;
  return { ...sound, [field]: r.pick([0n, BigInt(most), r.big(0, most)]) };
}

const listMarket: Draw = (r, w, mood) => {
  const known = r.chance(0.65);
  const id = w.engine.marketCount;
  return call(admin(r), 'listMarket', [config(r), r.big(0, 510)], {
    prices: known
      ? [priceAt(r, w, id, w.time, mood)]
      : [{ market: id, mid: 0n, publishTime: 0n, halfWidthBps: 0n, bandBps: 0n }],
  });
};

/** Near the parameters in force, so that most changes fit a ramp. */
function changed(r: Random, before: MarketConfig): MarketConfig {
  if (r.chance(0.12)) return config(r);
  const near = (value: bigint, least: number, most: number) =>
    BigInt(Math.min(most, Math.max(least, Number(value) + r.int(-60, 60))));
  return {
    ...before,
    skewScale: (before.skewScale * r.big(952, 1050)) / 1000n,
    initialMarginBps: near(before.initialMarginBps, 900, 10_000),
    maintenanceMarginBps: near(before.maintenanceMarginBps, 530, 700),
    marginSlopeBps: near(before.marginSlopeBps, 0, 50_000),
    skewCapBps: near(before.skewCapBps, 20, 200),
    openInterestCapBps: near(before.openInterestCapBps, 200, 400),
    profitWeightBps: near(before.profitWeightBps, 0, 9500),
    takerFeePpm: r.big(300, 600),
    penaltyBps: r.big(20, 90),
    fundingCoefficientBps: r.big(0, 1000),
    fundingCapPpm: r.big(0, 5000),
    accountCapPercent: r.big(1, 100),
    allocationPercent: r.big(1, 50),
    flags: r.chance(0.04) ? 2n : 0n,
  };
}

const scheduleParameters: Draw = (r, w) => {
  const id = market(r, w);
  const before = w.engine.configs.get(id) ?? CONFIG;
  const duration = r.pick([86_400n, 86_400n, 100_000n, 400_000n]) + (r.chance(0.04) ? -1n : r.big(0, 9));
  return call(admin(r), 'scheduleParameters', [id, changed(r, before), r.big(0, 505), duration], {
    wait: r.big(0, 50),
  });
};

/** Markets whose parameters are changing, or any when none is. */
function changing(r: Random, w: World): bigint {
  const ids = [...w.engine.schedules].filter(([, s]) => s.endsAt !== 0n).map(([id]) => id);
  return ids.length > 0 && r.chance(0.9) ? r.pick(ids) : market(r, w);
}

const anyChanges = (w: World) => [...w.engine.schedules.values()].some((s) => s.endsAt !== 0n);

const advanceParameters: Draw = (r, w, mood) => {
  if (!anyChanges(w) && r.chance(0.7)) return scheduleParameters(r, w, mood);
  return call(KEEPER, 'advanceParameters', [changing(r, w)], {
    wait: r.pick([0n, 100n, 3600n, 7200n, 40_000n, 90_000n]),
  });
};

const cancelParameters: Draw = (r, w, mood) => {
  if (!anyChanges(w) && r.chance(0.5)) return scheduleParameters(r, w, mood);
  return call(admin(r), 'cancelParameters', [changing(r, w)], { wait: r.big(0, 5000) });
};

const setReduceOnly: Draw = (r, w) => {
  const id = market(r, w);
  const on = ((w.engine.configs.get(id)?.flags ?? 0n) & 2n) !== 0n;
  return call(admin(r), 'setReduceOnly', [id, r.chance(0.9) ? !on : on]);
};

/** Mostly where every index is young enough. */
const appraise: Draw = (r, w, mood) => {
  const oldest = [...w.engine.markets.values()].reduce(
    (age, m) => (w.time - m.indexAt > age ? w.time - m.indexAt : age),
    0n,
  );
  if (oldest <= 60n || r.chance(0.25)) return call(KEEPER, 'appraise', [], { wait: oldest > 50n ? 0n : r.big(0, 9) });
  const all = (1n << w.engine.marketCount) - 1n;
  return call(KEEPER, 'updateIndices', [all, NO_UPDATE], { wait: 2n, prices: priceNow(r, w, all, w.time + 2n, mood) });
};

const setPauseLevel: Draw = (r, w) => {
  const level = w.engine.pool.pauseLevel === 0n ? r.pick([0n, 1n, 1n, 2n, 3n]) : r.pick([0n, 0n, 0n, 1n]);
  return call(admin(r), 'setPauseLevel', [level], { wait: r.pick([0n, 5n, 4000n]) });
};

const receiveLiquidity: Draw = (r) => {
  if (r.chance(0.06)) return call(admin(r), 'receiveLiquidity', [KEEPER, MORE_THAN_FITS]);
  const assets = r.chance(0.05) ? 0n : r.big(1, 1_000_000) * r.pick([1n, 1_000_000n]);
  return call(admin(r), 'receiveLiquidity', [KEEPER, assets], { mint: [{ to: KEEPER, assets }] });
};

/** A part of what there is, sometimes more. */
const part = (r: Random, whole: bigint) => (whole * r.pick([0n, 1n, 2n, 4n, 4n])) / 4n + (r.chance(0.15) ? 1n : 0n);

const addLiquidity: Draw = (r, w) => call(admin(r), 'addLiquidity', [part(r, w.engine.lpPending)]);
const removeLiquidity: Draw = (r, w) =>
  call(admin(r), 'removeLiquidity', [r.chance(0.3) ? w.engine.pool.cash + 1n : part(r, w.engine.pool.cash)]);
const payLiquidity: Draw = (r, w) =>
  call(admin(r), 'payLiquidity', [OWNERS[2], part(r, w.engine.lpPayable) / 10n ** 12n]);
const returnLiquidity: Draw = (r, w) =>
  call(admin(r), 'returnLiquidity', [OWNERS[2], part(r, w.engine.lpPending) / 10n ** 12n]);
const priceLiquidity: Draw = (r, w, mood) => {
  const wait = r.big(0, 20);
  return call(admin(r), 'priceLiquidity', [NO_UPDATE], {
    wait,
    prices: priceNow(r, w, (1n << w.engine.marketCount) - 1n, w.time + wait, mood),
  });
};

/** The market whose exposure is largest beside its limit, at the stored indices. */
function mostExposed(r: Random, w: World): bigint {
  const idle = r.chance(0.6);
  const live = [...w.engine.configs].filter(([, c]) => (c.flags & MarketFlags.Settled) === 0n).map(([id]) => id);
  const owing = live.filter((id) => {
    const { reduction: one } = Engine.previewDeleveraging(w.engine, w.time, id, []);
    return one.exposure > one.limit && (one.cut !== 0n || idle);
  });
  return owing.length > 0 && r.chance(0.95) ? r.pick(owing) : market(r, w);
}

const deleverage: Draw = (r, w, mood) => {
  const wait = r.big(0, 20);
  const calm = r.chance(0.8) ? { volatility: 0.003 } : mood;
  return call(KEEPER, 'deleverage', [mostExposed(r, w), NO_UPDATE], {
    wait,
    prices: priceNow(r, w, (1n << w.engine.marketCount) - 1n, w.time + wait, calm),
  });
};

const crystallise: Draw = (r, w, mood) => {
  if (w.engine.claims.outstanding === 0n && r.chance(0.8)) return closeNow(r, w, mood);
  const losing = [...w.engine.accounts].flatMap(([account, { markets }]) =>
    [...w.engine.configs.keys()].flatMap((id) => {
      if (((markets & Engine.liveMarkets(w.engine)) >> id) % 2n === 0n) return [];
      const price = new OracleModel({ ...w.oracle, refused: false }).read(id, 0n);
      const { amount } = Engine.previewCrystallise(w.engine, w.time, account as Hex, id, price);
      return amount === 0n ? [] : [[account as Hex, id] as const];
    }),
  );
  const account = exposed(r, w);
  const [loser, id] = losing.length > 0 && r.chance(0.9) ? r.pick(losing) : [account, heldMarket(r, w, account)];
  const wait = r.big(0, 20);
  const calm = r.chance(0.6) ? { volatility: 0.003 } : mood;
  const prices = priceNow(r, w, 1n << id, w.time + wait, calm);
  return call(KEEPER, 'crystallise', [loser, id, NO_UPDATE], { wait, prices });
};

const scheduleSettlement: Draw = (r, w) => {
  const soon = r.chance(0.15) ? 86_399n : 86_400n + r.big(0, 100);
  return call(admin(r), 'scheduleSettlement', [market(r, w), w.time + soon]);
};

const cancelSettlement: Draw = (r, w, mood) => {
  const announced = [...w.engine.settlesAt.keys()];
  if (announced.length === 0 && r.chance(0.7)) return scheduleSettlement(r, w, mood);
  if (announced.length > 0 && r.chance(0.6))
    return call(admin(r), 'scheduleSettlement', [r.pick(announced), w.time + 86_400n]);
  return call(admin(r), 'cancelSettlement', [announced.length > 0 && r.chance(0.8) ? r.pick(announced) : market(r, w)]);
};

const settleMarket: Draw = (r, w, mood) => {
  const announced = [...w.engine.settlesAt];
  if (announced.length === 0 && r.chance(0.7)) return scheduleSettlement(r, w, mood);
  const [id, at] = announced.length > 0 ? r.pick(announced) : [market(r, w), w.time];
  const wait = r.chance(0.6) && at > w.time ? at - w.time : r.big(0, 100);
  const prices = priceNow(r, w, 1n << id, w.time + wait, mood);
  const closingPrices = r.chance(0.2) ? [{ market: id, price: r.big(1, 5000) * 10n ** 18n }] : [];
  return call(KEEPER, 'settleMarket', [id, NO_UPDATE], { wait, prices, closingPrices });
};

/** A position in a settled market or one that was deleveraged to nothing; sometimes any other. */
const settlePosition: Draw = (r, w, mood) => {
  const due = [...w.engine.accounts].flatMap(([account, { markets }]) =>
    [...w.engine.configs].flatMap(([id, { flags }]) => {
      if (((markets >> id) & 1n) === 0n) return [];
      const over = (flags & MarketFlags.Settled) !== 0n;
      const { size } = Engine.currentPosition(w.engine, account as Hex, id, flags);
      return over || size === 0n ? [[account as Hex, id] as const] : [];
    }),
  );
  if (due.length === 0 && r.chance(0.6)) return settleMarket(r, w, mood);
  const other = exposed(r, w);
  const [account, id] =
    due.length > 0 && r.chance(0.75) ? r.pick(due) : [other, r.chance(0.6) ? heldMarket(r, w, other) : market(r, w)];
  return call(KEEPER, 'settlePosition', [account, id], { wait: r.big(0, 5) });
};

/** Mostly of somebody who is nothing else; the admin keeps its roles, or nothing would be left to do. */
const changeRoles: Draw = (r, w) => {
  const holder = r.pick([OWNERS[2], PAUPER]);
  const role = r.pick([CONFIGURATOR_ROLE, GUARDIAN_ROLE, VAULT_ROLE]);
  const holds = w.engine.roles.has(roleKey(role, holder));
  if (!holds && r.chance(0.6)) return call(admin(r), 'grantRole', [role, holder]);
  if (r.chance(0.4)) return call(holder, 'renounceRole', [role, r.chance(0.8) ? holder : KEEPER]);
  return call(admin(r), 'revokeRole', [role, holder]);
};
/** The vault's steps, for which whatever waits there asks at first. */
const vault: Draw = (r, w, mood) => vaultOperation(r, w, (wait) => pricesAfter(r, w, wait, mood));

const pricesAfter = (r: Random, w: World, wait: bigint, mood: Mood) =>
  priceNow(r, w, (1n << w.engine.marketCount) - 1n, w.time + wait, r.chance(0.8) ? { volatility: 0.003 } : mood);

const DRAWS: readonly [Draw, number][] = [
  [deposit, 9],
  [withdraw, 12],
  [moveMargin, 6],
  [commit, 24],
  [commitSigned, 16],
  [announce, 2],
  [setDelegate, 4],
  [approveBuilder, 4],
  [cancelNonces, 3],
  [permit, 2],
  [multicall, 3],
  [closeNow, 9],
  [liquidate, 11],
  [liquidateMany, 5],
  [flag, 3],
  [liquidateFlagged, 4],
  [setGasMarket, 2],
  [updateIndices, 4],
  [accrue, 4],
  [expire, 3],
  [collectClaim, 3],
  [divideReserves, 2],
  [fundInsurance, 3],
  [payTreasury, 2],
  [listMarket, 2],
  [scheduleParameters, 3],
  [advanceParameters, 4],
  [cancelParameters, 2],
  [setReduceOnly, 3],
  [appraise, 5],
  [setPauseLevel, 4],
  [receiveLiquidity, 3],
  [addLiquidity, 2],
  [removeLiquidity, 2],
  [payLiquidity, 2],
  [returnLiquidity, 2],
  [priceLiquidity, 3],
  [deleverage, 4],
  [crystallise, 3],
  [scheduleSettlement, 1],
  [cancelSettlement, 9],
  [settleMarket, 3],
  [settlePosition, 3],
  [changeRoles, 2],
  [vault, 19],
];
const TOTAL = DRAWS.reduce((sum, [, weight]) => sum + weight, 0);

/** The next step of a sequence; `focus` names what a world is there for. */
export function nextOperation(r: Random, w: World, mood: Mood, focus: readonly string[]): Operation {
  const draw = r.chance(0.02) ? hostile : r.chance(0.105) ? r.pick(SELDOM) : undefined;
  const op = draw ? draw(r, w, mood) : drawOne(r, w, mood, focus);
  const hurt = w.token.feeBps !== 0n || w.oracle.refused;
  return hurt ? { feeBps: 0n, refused: false, ...op } : op;
}

/** Once more at the prices there are: a meter that was filled refuses. */
const liquidateAgain: Draw = (r, w, mood) => {
  const weak = [...w.engine.accounts.keys()].filter((held) => isWeak(w, held as Hex)) as Hex[];
  return weak.length > 0 ? call(KEEPER, 'liquidate', [r.pick(weak), NO_UPDATE]) : liquidate(r, w, mood);
};

/** Once more at prices near those there are: little or nothing is left to take. */
const deleverageAgain: Draw = (r, w) => {
  const prices = priceNow(r, w, (1n << w.engine.marketCount) - 1n, w.time + 1n, { volatility: 0.003 });
  const id = r.chance(0.7) ? 0n : mostExposed(r, w);
  return call(KEEPER, 'deleverage', [id, NO_UPDATE], { wait: 1n, prices });
};

const byName: Record<string, Draw> = {
  settle,
  commit,
  commitSigned,
  liquidate,
  liquidateMany,
  closeNow,
  expire,
  collectClaim,
  withdraw,
  listMarket,
  deleverage,
  deleverageAgain,
  liquidateAgain,
  flag,
  liquidateFlagged,
  crystallise,
  scheduleSettlement,
  cancelSettlement,
  settleMarket,
  settlePosition,
  setReduceOnly,
  advanceParameters,
  cancelParameters,
  appraise,
  vault,
  ...Object.fromEntries(
    Object.entries(VAULT_DRAWS).map(([name, draw]): [string, Draw] => [
      name,
      (r, w, mood) => draw(r, w, (wait) => pricesAfter(r, w, wait, mood)),
    ]),
  ),
};

function drawOne(r: Random, w: World, mood: Mood, focus: readonly string[]): Operation {
  const focused = focus.length > 0 && r.chance(0.4) ? byName[r.pick(focus)] : undefined;
  if (focused) return focused(r, w, mood);
  if (w.engine.pool.pauseLevel !== 0n && r.chance(0.4)) return setPauseLevel(r, w, mood);
  if (waiting(w).length > 0 && r.chance(0.55)) return settle(r, w, mood);
  let left = r.unit() * TOTAL;
  for (const [draw, weight] of DRAWS) {
    left -= weight;
    if (left < 0) return draw(r, w, mood);
  }
  return commit(r, w, mood);
}

type Batches = readonly (readonly Order[])[];
const spoilt = (op: Operation, change: (batches: Batches) => Batches): Operation =>
  op.name === 'settle' ? { ...op, args: [op.args[0], change(op.args[1] as Batches), NO_UPDATE] } : op;

/** Large sums in and out at once, of an account that does nothing else: about what the hour lets out. */
const throughTheHour: Draw = (r, w) => {
  const owner = r.pick(OWNERS);
  const account = accountOf(owner, 9n);
  const assets = r.big(1_000_000, 20_000_000) * 1_000_000n;
  const margin = (w.engine.accounts.get(account)?.margin ?? 0n) / 10n ** 12n;
  const left = Engine.withdrawalLeft(w.engine, w.time) / 10n ** 12n;
  const out = r.pick([assets, assets + margin, assets / 4n, left + assets, left + assets + 1n]);
  const steps = [
    ['deposit', [account, assets]],
    ['withdraw', [account, out < assets + margin ? out : assets + margin, owner, []]],
  ] as const;
  const calls = steps.map(([functionName, args]) => encodeFunctionData({ abi: engineAbi, functionName, args }));
  const wait = r.pick([0n, 2n, 3600n - (w.time % 3600n) - 1n, 3600n - (w.time % 3600n), 3600n]);
  return call(owner, 'multicall', [calls], { mint: [{ to: owner, assets }], wait });
};

/** Refusals and failures that chance alone would reach too seldom. */
const SELDOM: readonly Draw[] = [
  throughTheHour,
  throughTheHour,
  (r) => {
    const assets = r.big(1, 1_000_000);
    const calls = [
      encodeFunctionData({ abi: engineAbi, functionName: 'updateIndices', args: [0n, NO_UPDATE] }),
      encodeFunctionData({ abi: engineAbi, functionName: 'receiveLiquidity', args: [KEEPER, assets] }),
    ];
    return call(ADMIN, 'multicall', [calls], { mint: [{ to: KEEPER, assets }], peg: r.pick(['on', 'off', 'off']) });
  },
  (r, w, mood) => spoilt(settle(r, w, mood), ([first = [], ...rest]) => [[...first].reverse().slice(1), ...rest]),
  (r, w, mood) => {
    const op = settle(r, w, mood);
    const next = (w.batches.get(op.args[0] as bigint) ?? [])[1];
    return spoilt(op, ([first = []]) => (next ? [first, next.orders] : [first]));
  },
  (r, w, mood) => {
    const op = settle(r, w, mood);
    return { ...op, prices: op.prices?.map((price) => ({ ...price, publishTime: price.publishTime - 30n })) ?? [] };
  },
  (r, w, mood) => {
    const queued = waiting(w);
    return queued.length > 0 ? call(KEEPER, 'expire', [r.pick(queued), 1n]) : commit(r, w, mood);
  },
  (r, w) => {
    const id = market(r, w);
    const mid = w.engine.markets.get(id)?.index || 10n ** 18n;
    const account = r.pick(accountsOf(w));
    const sizeDelta = (5n * 10n ** 18n * UNIT) / mid + 1n;
    return call(ownerOf(account), 'commit', [id, [packOrder({ account, sizeDelta, limitPrice: MAX_LIMIT })]]);
  },
  (r, w) => {
    const account = exposed(r, w);
    const id = heldMarket(r, w, account);
    const { size, generation: attachedTo } = livingOf(w, account, id);
    const limitPrice = size < 0n ? MAX_LIMIT : 0n;
    const closing = [10_000n, 5000n].map((share) => packOrder({ account, sizeDelta: -share, limitPrice, attachedTo }));
    return call(ownerOf(account), 'commit', [id, closing]);
  },
  (r, w) => {
    const account = exposed(r, w);
    const id = heldMarket(r, w, account);
    const one = { account, sizeDelta: 1n, limitPrice: 0n, reduceOnly: true };
    const signed = Array.from({ length: 10 }, () => packOrder({ ...one, nonce: r.big(1, 2 ** 24 - 1) }));
    const signings = signed.map((order) => ({ by: ownerOf(account), market: id, bundle: [order], place: 0 }));
    return call(KEEPER, 'commitSigned', [id, signed], { signings });
  },
  (r, w) => {
    const owner = r.pick(OWNERS);
    const order = packOrder({
      account: accountOf(owner, 2n ** 96n - 1n),
      sizeDelta: 1n,
      limitPrice: 0n,
      reduceOnly: true,
    });
    return call(owner, 'commit', [market(r, w), [order]]);
  },
  (r, w) => {
    const account = r.pick(accountsOf(w));
    const builder = { address: r.pick([BUILDER, KEEPER]), fee: r.big(1, 50) };
    const order = packOrder({ account, sizeDelta: 1n, limitPrice: MAX_LIMIT, reduceOnly: true, builder });
    return call(ownerOf(account), 'commit', [market(r, w), [order]]);
  },
  (r, w) => {
    const account = r.pick(accountsOf(w));
    return call(ownerOf(account), 'moveMargin', [account, account, 1n, NO_UPDATE], { wait: 61n });
  },
  (r, w, mood) => {
    const announced = [...w.engine.settlesAt.keys()];
    if (announced.length === 0) return scheduleSettlement(r, w, mood);
    return call(ADMIN, 'setReduceOnly', [r.pick(announced), false]);
  },
  (r, w) => {
    const account = exposed(r, w);
    return call(KEEPER, 'settlePosition', [account, r.chance(0.5) ? heldMarket(r, w, account) : market(r, w)]);
  },
  () => call(KEEPER, 'appraise', [], { wait: 100n }),
  (r, w) => call(KEEPER, 'deposit', [r.pick(accountsOf(w)), MORE_THAN_FITS]),
  (r, w) => {
    const unknown = { market: w.engine.marketCount, mid: 0n, publishTime: 0n, halfWidthBps: 0n, bandBps: 0n };
    return call(ADMIN, 'listMarket', [{ ...CONFIG, flags: 0n }, r.big(0, 500)], { prices: [unknown] });
  },
  () => call(ADMIN, 'setPauseLevel', [2n]),
  (_, w) => call(ADMIN, 'addLiquidity', [w.engine.lpPending + 1n]),
  (r, w, mood) => r.pick(VAULT_SELDOM)(r, w, (wait) => pricesAfter(r, w, wait, mood)),
  (r, w, mood) => r.pick(VAULT_SELDOM)(r, w, (wait) => pricesAfter(r, w, wait, mood)),
  (r, w, mood) => r.pick(VAULT_SELDOM)(r, w, (wait) => pricesAfter(r, w, wait, mood)),
  (r, w, mood) => r.pick(VAULT_SELDOM)(r, w, (wait) => pricesAfter(r, w, wait, mood)),
];

/** A step whose surroundings refuse: a token with a fee, an oracle without an answer. */
function hostile(r: Random, w: World, mood: Mood): Operation {
  const rough = r.chance(0.6);
  const op = rough ? deposit(r, w, mood) : r.pick([closeNow, liquidate, updateIndices])(r, w, mood);
  return rough ? { ...op, feeBps: 100n } : { ...op, refused: true };
}
