import { type Address, decodeFunctionData, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../test/model/exchange.ts';
import {
  derivativesEngineAbi,
  governanceAbi,
  liquidityVaultAbi,
  postConditionsAbi,
  priceOracleAbi,
} from '../abi/index.ts';
import { type MarketConfig, ParameterOutOfBoundsError } from '../math/index.ts';
import * as Proposals from './builders.ts';
import type { MarketParameters } from './marketChanges.ts';
import { metadataDigest, type ProposalMetadata, parseDescription } from './metadata.ts';
import { MetadataInvalidError } from './metadataErrors.ts';
import { ProposalInvalidError } from './proposalErrors.ts';
import { ProposalKind } from './proposalTypes.ts';

const who = (byte: string): Address => `0x${byte.repeat(20)}`;
const [engine, oracle, vault, governor, treasury, proxy, implementation, postConditions] = [
  who('11'),
  who('12'),
  who('13'),
  who('14'),
  who('15'),
  who('16'),
  who('17'),
  who('18'),
];
const proposer = who('1a');
const DAY = 86_400n;
const metadata: ProposalMetadata = { version: 1, title: 'Less', summary: 'Less of it.', body: 'Why.', links: [] };
const idle = { from: CONFIG, to: CONFIG, startedAt: 0n, endsAt: 0n, keeperFeeCents: 0n };
const present: MarketParameters = { market: 3n, inForce: CONFIG, keeperFeeCents: 50n, schedule: idle };
const onItsWay: MarketParameters = {
  ...present,
  schedule: { ...idle, to: { ...CONFIG, takerFeePpm: 700n }, startedAt: 1n, endsAt: 9n, keeperFeeCents: 60n },
};

const onlyCall = ({ actions }: { actions: readonly { target: Address; value: bigint; data: Hex }[] }) => {
  expect(actions).toHaveLength(1);
  return actions[0] as (typeof actions)[number];
};
const engineCall = (part: Parameters<typeof onlyCall>[0]) => {
  const { target, value, data } = onlyCall(part);
  expect([target, value]).toEqual([engine, 0n]);
  return decodeFunctionData({ abi: derivativesEngineAbi, data });
};

describe('a change of parameters', () => {
  const change = (changes: Partial<Omit<MarketConfig, 'flags'>>, from = present, duration = DAY) =>
    Proposals.changeParameters({ engine, present: from, changes, duration });

  it('names all fields and leaves the others as they are', () => {
    const { functionName, args } = engineCall(change({ takerFeePpm: 600n }));
    expect(functionName).toBe('scheduleParameters');
    const { skewScale } = CONFIG;
    expect(args).toMatchObject([3n, { takerFeePpm: 600, initialMarginBps: 1000, skewScale, flags: 0 }, 50, DAY]);
  });

  it('is risk when it decides who is liquidated or what the pool bears', () => {
    expect(change({ takerFeePpm: 600n }).kind).toBe(ProposalKind.Parameter);
    expect(change({ initialMarginBps: 1100n }).kind).toBe(ProposalKind.Parameter);
    expect(change({ initialMarginBps: 999n }).kind).toBe(ProposalKind.Risk);
    expect(change({ takerFeePpm: 600n, penaltyBps: 51n }).kind).toBe(ProposalKind.Risk);
    const fee = { engine, present, changes: {}, keeperFeeCents: 60n, duration: DAY };
    expect(Proposals.changeParameters(fee).kind).toBe(ProposalKind.Parameter);
  });

  it('begins where a change that is on its way leads', () => {
    const { args } = engineCall(change({ makerFeePpm: 100n }, onItsWay));
    expect(args).toMatchObject([3n, { makerFeePpm: 100, takerFeePpm: 700 }, 60, DAY]);
    expect(change({ takerFeePpm: 500n }, onItsWay).kind).toBe(ProposalKind.Parameter);
  });

  it('is compared with what is in force, too: how soon a risk is there is risk', () => {
    const risky = { ...onItsWay, schedule: { ...onItsWay.schedule, to: { ...CONFIG, skewCapBps: 100n } } };
    expect(change({}, onItsWay).kind).toBe(ProposalKind.Parameter);
    expect(change({}, risky).kind).toBe(ProposalKind.Risk);
    expect(change({ skewCapBps: CONFIG.skewCapBps }, risky).kind).toBe(ProposalKind.Risk);
  });

  it('is refused when it changes nothing, is out of bounds or too fast', () => {
    expect(() => change({})).toThrow(ProposalInvalidError);
    expect(() => change({ initialMarginBps: 199n })).toThrow(ParameterOutOfBoundsError);
    expect(() => change({ takerFeePpm: 600n }, present, DAY - 1n)).toThrow(ParameterOutOfBoundsError);
    expect(() => change({ skewScale: 2n * CONFIG.skewScale }, present, DAY)).toThrow(ParameterOutOfBoundsError);
  });

  it('is stopped as what is left of it', () => {
    const stop = Proposals.cancelParameters(engine, onItsWay);
    expect(engineCall(stop)).toEqual({ functionName: 'cancelParameters', args: [3n] });
    expect(stop.kind).toBe(ProposalKind.Parameter);
    const risky = { ...onItsWay, schedule: { ...onItsWay.schedule, to: { ...CONFIG, skewCapBps: 100n } } };
    expect(Proposals.cancelParameters(engine, risky).kind).toBe(ProposalKind.Risk);
    expect(() => Proposals.cancelParameters(engine, present)).toThrow(ProposalInvalidError);
  });

  it('of liquidations is risk', () => {
    const changes = { maintenanceMarginBps: 610n };
    expect(Proposals.changeLiquidation({ engine, present, changes, duration: DAY }).kind).toBe(ProposalKind.Risk);
  });
});

describe('a new market', () => {
  const feed = {
    pythId: `0x${'ab'.repeat(32)}` as Hex,
    chainlink: who('21'),
    heartbeat: 1200,
    thresholdPpm: 1500,
    haltPpm: 30_000,
    strainConfidencePpm: 5000,
    floor: 10n ** 18n,
    ceiling: 10n ** 22n,
  };
  const market = { engine, oracle, market: 2n, feed, config: CONFIG, keeperFeeCents: 50n };

  it('is proposed, accepted and listed', () => {
    const { actions, kind } = Proposals.addMarket(market);
    expect(kind).toBe(ProposalKind.Market);
    expect(actions.map(({ target }) => target)).toEqual([oracle, oracle, engine]);
    const [propose, accept, list] = actions.map(({ data }) =>
      decodeFunctionData({ abi: [...priceOracleAbi, ...derivativesEngineAbi], data }),
    );
    const told = { floor: 10n ** 8n, ceiling: 10n ** 12n, heartbeat: 1200 };
    expect(propose).toMatchObject({ functionName: 'proposeFeed', args: [2n, told] });
    expect(accept).toEqual({ functionName: 'acceptFeed', args: [2n] });
    expect(list).toMatchObject({ functionName: 'listMarket', args: [{ penaltyBps: 50 }, 50] });
  });

  it('is refused with a bound that the chain would cut, or out of bounds', () => {
    const fine = { ...market, feed: { ...feed, floor: 1n } };
    expect(() => Proposals.addMarket(fine)).toThrow(ProposalInvalidError);
    expect(() => Proposals.addMarket({ ...market, keeperFeeCents: 501n })).toThrow(ParameterOutOfBoundsError);
  });
});

describe('other parts', () => {
  it.each([
    ['setReduceOnly', Proposals.setReduceOnly(engine, 1n, true), [1n, true], ProposalKind.Parameter],
    ['setReduceOnly', Proposals.setReduceOnly(engine, 1n, false), [1n, false], ProposalKind.Risk],
    [
      'scheduleSettlement',
      Proposals.scheduleSettlement(engine, 1n, 1_800_000_000n),
      [1n, 1_800_000_000],
      ProposalKind.Risk,
    ],
    ['payTreasury', Proposals.collectTreasury(engine, treasury, 5n), [treasury, 5n], ProposalKind.Risk],
  ])('%s calls the engine', (functionName, part, args, kind) => {
    expect(engineCall(part)).toEqual({ functionName, args });
    expect(part.kind).toBe(kind);
  });

  it.each([
    ['setCooldown', Proposals.setCooldown(vault, 3600n, 7n * DAY), [3600n, 7n * DAY], ProposalKind.Parameter],
    ['setDepositLock', Proposals.setDepositLock(vault, 0n), [0n], ProposalKind.Parameter],
    ['setOutflowCap', Proposals.setOutflowCap(vault, 5000n), [5000n], ProposalKind.Risk],
  ])('%s calls the vault', (functionName, part, args, kind) => {
    const { target, data } = onlyCall(part);
    expect(target).toBe(vault);
    expect(decodeFunctionData({ abi: liquidityVaultAbi, data })).toEqual({ functionName, args });
    expect(part.kind).toBe(kind);
  });

  it.each([
    () => Proposals.setCooldown(vault, 3599n, DAY),
    () => Proposals.setCooldown(vault, 2n * DAY, DAY),
    () => Proposals.setCooldown(vault, DAY, 7n * DAY + 1n),
    () => Proposals.setDepositLock(vault, 7n * DAY + 1n),
    () => Proposals.setOutflowCap(vault, 99n),
    () => Proposals.setOutflowCap(vault, 5001n),
    () => Proposals.scheduleSettlement(engine, 0n, 2n ** 40n),
    () => Proposals.collectTreasury(engine, treasury, 0n),
    () => Proposals.payFromTreasury({ treasury, token: proxy, to: proposer, amount: 0n }),
    () => Proposals.custom({ target: proxy, value: 0n, data: '0x123456' }),
    () => Proposals.custom({ target: proxy, value: -1n, data: '0x12345678' }),
    () => Proposals.custom({ target: '0x12', value: 0n, data: '0x12345678' }),
  ])('out of bounds are refused: %s', (build) => {
    expect(build).toThrow(ProposalInvalidError);
  });

  it('that change the rules are upgrades', () => {
    const upgrade = Proposals.upgrade(proxy, implementation);
    expect(upgrade.kind).toBe(ProposalKind.Upgrade);
    const { target, data } = onlyCall(upgrade);
    expect(target).toBe(proxy);
    const { args } = decodeFunctionData({ abi: derivativesEngineAbi, data });
    expect(args).toEqual([implementation, '0x']);
    const council = Proposals.replaceCouncil(governor, proposer);
    expect(council.kind).toBe(ProposalKind.Upgrade);
    const called = decodeFunctionData({ abi: governanceAbi, data: onlyCall(council).data });
    expect(called.functionName).toBe('setCouncil');
    const action = { target: proxy, value: 0n, data: '0x12345678' } as const;
    expect(Proposals.custom(action)).toEqual({ actions: [action], kind: ProposalKind.Upgrade });
    expect(Proposals.custom({ ...action, value: 1n }, ProposalKind.Parameter).kind).toBe(ProposalKind.Upgrade);
  });
});

describe('a draft', () => {
  const parts = [Proposals.setReduceOnly(engine, 1n, true), Proposals.setOutflowCap(vault, 1000n)];

  it('has the strictest kind, the actions in order and a description of its metadata', () => {
    const { actions, kind, description, block, cid } = Proposals.draft(proposer, metadata, ...parts);
    expect(kind).toBe(ProposalKind.Risk);
    expect(actions).toEqual(parts.flatMap((part) => part.actions));
    const named = parseDescription(description);
    expect(named).toMatchObject({ digest: metadataDigest(block), cid });
    expect(named.proposer.toLowerCase()).toBe(proposer);
  });

  it('is refused without actions, with too many, or without a title', () => {
    const many = Array.from({ length: 21 }, () => parts[0] as (typeof parts)[number]);
    expect(() => Proposals.draft(proposer, metadata)).toThrow(ProposalInvalidError);
    expect(Proposals.draft(proposer, metadata, ...many.slice(1)).actions).toHaveLength(20);
    expect(() => Proposals.draft(proposer, metadata, ...many)).toThrow(ProposalInvalidError);
    expect(() => Proposals.draft(proposer, { ...metadata, title: '' }, ...parts)).toThrow(MetadataInvalidError);
  });

  it('is guarded by the same conditions at both ends', () => {
    const conditions = {
      netAssetValueBps: 10n,
      fundingBps: 1n,
      liquidatable: 0n,
      sample: [`0x${'cd'.repeat(32)}`] as const,
    };
    const part = parts[0] as (typeof parts)[number];
    const { actions, kind } = Proposals.guard(postConditions, conditions, part);
    expect(kind).toBe(part.kind);
    expect(actions.slice(1, -1)).toEqual(part.actions);
    const ends = [actions[0], actions[2]].map((action) => {
      expect(action?.target).toBe(postConditions);
      return decodeFunctionData({ abi: postConditionsAbi, data: action?.data ?? '0x' });
    });
    expect(ends).toEqual([
      { functionName: 'begin', args: [conditions] },
      { functionName: 'end', args: [conditions] },
    ]);
    const full = Proposals.join(...Array.from({ length: 19 }, () => part));
    expect(() => Proposals.guard(postConditions, conditions, full)).toThrow(ProposalInvalidError);
  });
});
