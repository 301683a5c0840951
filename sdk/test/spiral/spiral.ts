import { loadMarket, loadRisk } from '../../src/model/engineState.ts';
import { accountOf } from '../../src/model/index.ts';
import { Chain } from '../differential/chain.ts';
import { ADMIN, deploy, KEEPER } from '../differential/world.ts';
import {
  type Cash,
  GAPPING,
  LONGS,
  type Moment,
  OTHER,
  OTHERS,
  PARTIES,
  RAW,
  SHORTS,
  Stage,
  UNIT,
  USDC,
  WAD,
} from './stage.ts';

/** Who has paid and who has received between two moments, USD, 18 decimals, + received; adds up to zero. */
export interface Flow {
  /** Of the waterfall. */
  stage: string;
  flow: Cash;
}

/** What the liquidated have lost at the index, and who bore it. USD, 30 decimals, but for the fund's: 18. */
interface Losses {
  lost: bigint;
  equity: bigint;
  insurance: bigint;
  pool: bigint;
  /** By liquidation, in order, USD, 18 decimals: what insurance paid. */
  covered: bigint[];
  fund: bigint;
}

interface Margins {
  longs: bigint[];
  shorts: bigint[];
}

export interface Spiral {
  flows: Flow[];
  moments: Moment[];
  losses: Losses;
  /** The largest that claims and what was crystallised for them came to. USD, 18 decimals. */
  claims: { most: bigint; crystallised: bigint; atEnd: bigint };
  /** The shorts, base units, 12 decimals, and what the cut cost the pool, USD, 30 decimals. */
  deleveraged: { before: bigint; rest: bigint; moved: bigint };
  /** Accounts whose margin a step moved that was neither theirs nor the keeper's: none. */
  strangers: string[];
  /** Margins by leverage, USD, 18 decimals. */
  before: Margins;
  after: Margins;
  /** What the market locked when the price gapped, and what it may, USD, 30 decimals. */
  allocation: { locked: bigint; allotted: bigint };
  tokens: { before: bigint; after: bigint };
}

const LEVERAGES = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n] as const;
const ENTRY = 2000n;
const GAP = 800n;
const LONG_SIZE = 4n * UNIT;
/** The last asks for more than the allocation bears, and is filled in part. */
const SHORT_SIZES = [10n, 11n, 11n, 11n, 11n, 11n, 11n, 11n, 13n].map((units) => units * UNIT);
const TOO_MUCH = UNIT;

/** A gap of 60 % with the pool at its allocation and no keeper for ten minutes. @param artifacts Forge's output. */
export async function runSpiral(artifacts: string): Promise<Spiral> {
  const chain = await Chain.create(artifacts);
  const { at, world } = await deploy(chain);
  const stage = new Stage(chain, at, world);
  await open(stage);
  const allocation = stage.allocation();
  const strangers: string[] = [];
  const margins = () => ({
    longs: LEVERAGES.map((leverage) => stage.marginOf(accountOf(LONGS, leverage))),
    shorts: LEVERAGES.map((leverage) => stage.marginOf(accountOf(SHORTS, leverage))),
  });
  const before = margins();
  const start = stage.cash();
  const flows: Flow[] = [];
  let last = start;
  const close = (name: string) => {
    const now = stage.cash();
    flows.push({ stage: name, flow: difference(last, now) });
    last = now;
  };
  /** Only the margins of those named, and the keeper's, may have moved. */
  const only = (moved: string[], ...owners: string[]) =>
    strangers.push(...moved.filter((id) => ![...owners, accountOf(KEEPER)].includes(id)));

  stage.gap(GAP * WAD);
  for (const leverage of LEVERAGES.slice(1).reverse())
    only(await stage.closeNow(SHORTS, leverage, 60n), accountOf(SHORTS, leverage));
  close('Winners leave without any operator: the pool pays, then owes');

  const most = stage.state.claims.outstanding;
  const held = accountOf(LONGS, 1n);
  const uncrystallised = stage.marginOf(held);
  only(await stage.do(OTHERS, 'crystallise', [held, GAPPING, []], { wait: 60n }), held);
  const crystallised = uncrystallised - stage.marginOf(held);
  close('A winner crystallises a loss: claims are paid from it');

  await stage.do(OTHERS, 'closeNow', [accountOf(OTHERS), OTHER, UNIT / 20n, 0n, []], { wait: 30n });
  close('The other market trades on');

  const losses = await liquidate(stage, only);
  close('Keepers return and liquidate: equity, insurance to its cap, the pool');

  const sold = loadMarket(stage.state, GAPPING).shorts;
  const worth = stage.worth();
  only(await stage.do(KEEPER, 'deleverage', [GAPPING, []]));
  const rest = loadMarket(stage.state, GAPPING).shorts;
  const deleveraged = { before: sold, rest, moved: stage.worth() - worth };
  close('Deleveraging: no cash moves');

  const settlesAt = stage.time + 86_400n;
  await stage.do(ADMIN, 'scheduleSettlement', [GAPPING, settlesAt]);
  await stage.do(KEEPER, 'settleMarket', [GAPPING, []], { wait: 86_400n });
  for (const owner of [SHORTS, LONGS])
    only(await stage.do(KEEPER, 'settlePosition', [accountOf(owner, 1n), GAPPING]), accountOf(owner, 1n));
  for (const account of LEVERAGES.map((leverage) => accountOf(SHORTS, leverage)))
    if (stage.hasClaim(account)) only(await stage.do(SHORTS, 'collectClaim', [account]), account);
  close('Final settlement, and claims collected');

  await stage.do(KEEPER, 'updateIndices', [1n << OTHER, []]);
  await stage.do(KEEPER, 'appraise', []);
  await stage.trade(OTHERS, 0n, OTHER, UNIT / 20n);
  close('The other market opens again, at what the pool has left');

  return {
    flows,
    moments: stage.moments,
    losses,
    claims: { most, crystallised, atEnd: stage.state.claims.outstanding },
    deleveraged,
    strangers,
    before,
    after: margins(),
    allocation,
    tokens: { before: sum(start), after: sum(last) },
  };
}

async function open(stage: Stage): Promise<void> {
  await stage.list();
  const pool = 100_000n * USDC;
  await stage.do(ADMIN, 'receiveLiquidity', [KEEPER, pool], { mint: [{ to: KEEPER, assets: pool }] });
  await stage.do(ADMIN, 'addLiquidity', [100_000n * WAD]);
  const insurance = 20_000n * USDC;
  await stage.do(KEEPER, 'fundInsurance', [insurance], { mint: [{ to: KEEPER, assets: insurance }] });
  await stage.fund(accountOf(OTHERS), 20_000n * USDC);
  await stage.trade(OTHERS, 0n, OTHER, UNIT / 10n);
  for (const [i, leverage] of LEVERAGES.entries()) {
    const sold = SHORT_SIZES[i] ?? 0n;
    await stage.fund(accountOf(LONGS, leverage), (LONG_SIZE * ENTRY * USDC) / UNIT / leverage);
    await stage.trade(LONGS, leverage, GAPPING, LONG_SIZE);
    await stage.fund(accountOf(SHORTS, leverage), (sold * ENTRY * USDC) / UNIT / leverage);
    await stage.trade(SHORTS, leverage, GAPPING, -(leverage === 9n ? sold + TOO_MUCH : sold));
  }
}

type Only = (moved: string[], ...owners: string[]) => void;

/** The losers below maintenance, the most leveraged first; what each of the three bore. */
async function liquidate(stage: Stage, only: Only): Promise<Losses> {
  const fund = await divided(stage);
  const losses: Losses = { lost: 0n, equity: 0n, insurance: 0n, pool: stage.worth(), covered: [], fund };
  for (const leverage of LEVERAGES.slice(1).reverse()) {
    const account = accountOf(LONGS, leverage);
    const margin = stage.marginOf(account);
    const value = stage.valueOf(account);
    const spent = loadRisk(stage.state, GAPPING).insuranceSpent;
    only(await stage.do(KEEPER, 'liquidate', [account, []]), account);
    losses.lost -= value;
    losses.equity += (margin - stage.marginOf(account)) * RAW;
    losses.covered.push(loadRisk(stage.state, GAPPING).insuranceSpent - spent);
  }
  losses.insurance = losses.covered.reduce((total, paid) => total + paid, 0n) * RAW;
  losses.pool -= stage.worth();
  return losses;
}

/** The fund after the fees it was due, USD, 18 decimals. */
async function divided(stage: Stage): Promise<bigint> {
  await stage.do(KEEPER, 'divideReserves', [], { wait: 30n });
  return stage.state.reserves.insurance;
}

function difference(before: Cash, after: Cash): Cash {
  return Object.fromEntries(PARTIES.map((party) => [party, after[party] - before[party]])) as Cash;
}

/** Over all parties. */
export function sum(cash: Cash): bigint {
  return PARTIES.reduce((total, party) => total + cash[party], 0n);
}
