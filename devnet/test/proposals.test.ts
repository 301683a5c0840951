import {
  cancelProposal,
  castOverrideVoteBySig,
  castVote,
  castVoteBySig,
  checkProposal,
  decodeProposal,
  delegateBySig,
  derivativesEngineAbi,
  executeProposal,
  getDelegate,
  getMarketParameters,
  getProposal,
  getTimeline,
  getTokenBalance,
  getVotingPower,
  hasOverridden,
  hasVoted,
  kindOfChange,
  listProposals,
  type MarketConfig,
  ParameterOutOfBoundsError,
  PROPOSAL_STATES,
  type ProposalAction,
  ProposalKind,
  type ProposalPart,
  Proposals,
  parseDescription,
  proposalPolicyAbi,
  propose,
  queueProposal,
  RiskParameters,
  Support,
  scheduleParameters,
  signDelegation,
  signOverrideVote,
  signVote,
} from '@tidemark/sdk';
import {
  type Address,
  concat,
  encodeFunctionData,
  getAbiItem,
  getAddress,
  type Hash,
  keccak256,
  parseAbi,
  toFunctionSelector,
} from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { asTimelock } from './asTimelock.ts';
import { type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

// What the SDK says of proposals, signs and reads, against the contracts.

const ETH = 0n;
const BTC = 1n;
const DAY = 86_400n;
const metadata = { version: 1, title: 'A test', summary: 'Of the SDK.', body: 'None.', links: [] } as const;
/** Votes with its own tokens and with those of `delegator`. */
const voter = ACCOUNTS.traders[0];
const delegator = ACCOUNTS.traders[1];

let stage: Stage;
let stranger: ReturnType<typeof connect>;

const at = () => ({ governor: stage.deployment.governance.governor });
const token = () => ({ token: stage.deployment.governance.token });
const exchange = () => ({ ...stage.deployment, ...stage.deployment.governance });
const clientOf = (account: typeof voter) => connect(stage.rpc, account);
const decode = (actions: readonly ProposalAction[]) =>
  decodeProposal(stage.admin, { exchange: exchange(), actions, marketName: (id) => (id === ETH ? 'ETH' : 'BTC') });

async function included(sending: Promise<Hash>): Promise<void> {
  const { status } = await stage.admin.waitForTransactionReceipt({ hash: await sending });
  expect(status).toBe('success');
}

/** Lets time pass to a moment, seconds. */
const goTo = (timestamp: bigint) =>
  stage.admin.request({ method: 'evm_mine', params: [{ timestamp: Number(timestamp) }] } as never);

/** Proposes and returns the proposal's number. */
async function proposed(account: typeof voter, ...parts: ProposalPart[]): Promise<bigint> {
  const draft = Proposals.draft(account.address, metadata, ...parts);
  await included(propose(clientOf(account), { ...at(), ...draft }));
  const { proposals } = await listProposals(stage.admin, { ...at(), count: 1n });
  const { id, kind, metadata: digest } = proposals[0] as (typeof proposals)[number];
  expect(kind).toBe(draft.kind);
  expect(digest).toBe(parseDescription(draft.description).digest);
  return id;
}

const changeOf = async (market: bigint, changes: Partial<Omit<MarketConfig, 'flags'>>) => {
  const { engine } = stage.deployment;
  const present = await getMarketParameters(stage.admin, { engine, market });
  return Proposals.changeParameters({ engine, present, changes, duration: DAY });
};

beforeAll(async () => {
  stage = await setStage(waveSource);
  await stage.admin.setAutomine(true);
  stranger = connect(stage.rpc, ACCOUNTS.keeper);
}, 120_000);

afterAll(async () => {
  await stage.end();
});

describe('signatures', () => {
  it('delegate, once', async () => {
    const to = ACCOUNTS.liquidityProvider.address;
    const account = ACCOUNTS.wallet.address;
    const before = await getVotingPower(stage.admin, { ...token(), account: to });
    const { timestamp } = await stage.admin.getBlock();
    const terms = { ...token(), delegatee: to, expiry: timestamp + DAY };
    const signed = await signDelegation(clientOf(ACCOUNTS.wallet), terms);
    await included(delegateBySig(stranger, { ...token(), ...signed }));
    expect(await getDelegate(stage.admin, { ...token(), account })).toBe(to);
    const moved = await getTokenBalance(stage.admin, { ...token(), account });
    expect(await getVotingPower(stage.admin, { ...token(), account: to })).toBe(before + moved);
    const again = delegateBySig(stranger, { ...token(), ...signed });
    await expect(again).rejects.toMatchObject({ error: 'InvalidAccountNonce', args: [account, 1n] });
    const late = await signDelegation(clientOf(ACCOUNTS.wallet), { ...terms, expiry: timestamp - 1n });
    const expired = delegateBySig(stranger, { ...token(), ...late });
    await expect(expired).rejects.toMatchObject({ error: 'VotesExpiredSignature', args: [timestamp - 1n] });
  });

  it('vote, and vote in the place of a delegate; what passes is queued and executed', async () => {
    const proposalId = await proposed(voter, await changeOf(ETH, { takerFeePpm: 600n }));
    const tooSoon = castVote(clientOf(voter), { ...at(), proposalId, support: Support.For });
    await expect(tooSoon).rejects.toMatchObject({ error: 'GovernorUnexpectedProposalState' });
    const { snapshot, quorum } = await getProposal(stage.admin, { ...at(), proposalId });
    expect(quorum).toBeNull();
    await goTo(snapshot + 1n);

    const vote = await signVote(clientOf(voter), { ...at(), proposalId, support: Support.For });
    await included(castVoteBySig(stranger, { ...at(), ...vote }));
    const power = await getVotingPower(stage.admin, { ...token(), account: voter.address, time: snapshot });
    expect(await getProposal(stage.admin, { ...at(), proposalId })).toMatchObject({
      votes: { against: 0n, for: power, abstain: 0n },
    });
    expect(await hasVoted(stage.admin, { ...at(), proposalId, account: voter.address })).toBe(true);
    const forged = castVoteBySig(stranger, { ...at(), ...vote, support: Support.Against });
    await expect(forged).rejects.toMatchObject({ error: 'GovernorInvalidSignature', args: [voter.address] });

    const account = delegator.address;
    const own = await getTokenBalance(stage.admin, { ...token(), account });
    const ballot = { ...at(), proposalId, support: Support.Against, reason: 'Too dear.' };
    const override = await signOverrideVote(clientOf(delegator), ballot);
    await included(castOverrideVoteBySig(stranger, { ...at(), ...override }));
    const counted = await getProposal(stage.admin, { ...at(), proposalId });
    expect(counted.votes).toEqual({ against: own, for: power - own, abstain: 0n });
    expect(counted.quorum).toBeGreaterThan(0n);
    expect(await hasOverridden(stage.admin, { ...at(), proposalId, account })).toBe(true);
    expect(await hasVoted(stage.admin, { ...at(), proposalId, account })).toBe(false);

    const moments = await getTimeline(stage.admin, { ...at(), proposalId });
    expect(moments.map(({ name, past }) => [name, past])).toEqual([
      ['created', true],
      ['votingStarts', true],
      ['votingEnds', false],
      ['queued', false],
      ['executable', false],
      ['expires', false],
    ]);
    const created = await stage.admin.getBlock({ blockNumber: counted.proposedIn ?? 0n });
    expect(moments[0]?.at).toBe(created.timestamp);
    for (const [offset, state] of [
      [-1n, 'Active'],
      [0n, 'Succeeded'],
    ] as const) {
      await goTo((moments[2]?.at ?? 0n) + offset);
      expect(PROPOSAL_STATES[(await getProposal(stage.admin, { ...at(), proposalId })).state]).toBe(state);
    }

    await included(queueProposal(stranger, { ...at(), proposalId }));
    const { eta } = await getProposal(stage.admin, { ...at(), proposalId });
    const early = executeProposal(stranger, { ...at(), proposalId });
    await expect(early).rejects.toMatchObject({ error: 'TimelockUnexpectedOperationState' });
    await goTo(eta);
    expect(await checkProposal(stage.admin, { ...at(), proposalId })).toEqual([]);
    await included(executeProposal(stranger, { ...at(), proposalId }));
    const { timestamp } = await stage.admin.getBlock();
    const past = await getTimeline(stage.admin, { ...at(), proposalId });
    expect(past.slice(-3)).toMatchObject([{ name: 'queued' }, { name: 'executable', at: eta }, { name: 'executed' }]);
    expect(past.at(-1)).toEqual({ name: 'executed', at: timestamp, past: true });
    const { schedule } = await getMarketParameters(stage.admin, { ...stage.deployment, market: ETH });
    expect(schedule).toMatchObject({ startedAt: timestamp, endsAt: timestamp + DAY, to: { takerFeePpm: 600n } });
  }, 60_000);
});

describe('decoding', () => {
  it('tells a change of parameters with its values before and after', async () => {
    const { inForce } = await getMarketParameters(stage.admin, { ...stage.deployment, market: BTC });
    const { actions } = await changeOf(BTC, { initialMarginBps: inForce.initialMarginBps - 100n, takerFeePpm: 700n });
    const [told] = await decode(actions);
    const percent = (bps: bigint) => String(Number(bps) / 100);
    expect(told).toMatchObject({ title: 'Change the parameters of market BTC', kind: ProposalKind.Risk });
    expect(told?.changes).toEqual([
      {
        name: 'Initial margin',
        before: percent(inForce.initialMarginBps),
        after: percent(inForce.initialMarginBps - 100n),
        unit: '%',
      },
      { name: 'Taker fee', before: percent(inForce.takerFeePpm / 100n), after: '0.07', unit: '%' },
    ]);
    expect(told?.sentences).toContain(`Taker fee: ${percent(inForce.takerFeePpm / 100n)} % → 0.07 %.`);
    expect(told?.warnings).toEqual(['Positions that are healthy now can be liquidated as this takes effect.']);
  });

  it('says what would be refused', async () => {
    const { inForce } = await getMarketParameters(stage.admin, { ...stage.deployment, market: BTC });
    const { target } = (await changeOf(BTC, { takerFeePpm: 700n })).actions[0] as ProposalAction;
    const to = { ...inForce, skewScale: inForce.skewScale + 1n, flags: 0n };
    const data = encodeFunctionData({
      abi: derivativesEngineAbi,
      functionName: 'scheduleParameters',
      args: [BTC, to as never, 50, DAY - 1n],
    });
    const [told] = await decode([{ target, value: 0n, data }]);
    expect(told?.warnings).toEqual([expect.stringMatching(/^It would be refused now: .*duration.*86399.*\.$/)]);
  });

  it('tells every kind of action that is registered, and its kind as it is built', async () => {
    const { engine, vault, usdc } = stage.deployment;
    const { treasury, postConditions } = stage.deployment.governance;
    const conditions = { netAssetValueBps: 10n, fundingBps: 1n, liquidatable: 0n, sample: [] };
    const payment = { treasury, token: usdc, to: voter.address, amount: 1_500_000n };
    const parts: [string, ProposalPart][] = [
      ['Let market BTC only shrink', Proposals.setReduceOnly(engine, BTC, true)],
      ['Let market BTC grow again', Proposals.setReduceOnly(engine, BTC, false)],
      ['End market BTC', Proposals.scheduleSettlement(engine, BTC, 1_800_000_000n)],
      ['Move fees to the treasury', Proposals.collectTreasury(engine, treasury, 1n)],
      ['Pay from the treasury', Proposals.payFromTreasury(payment)],
      ["Change the vault's cooldown", Proposals.setCooldown(vault, 3600n, DAY)],
      ["Change the vault's deposit lock", Proposals.setDepositLock(vault, DAY)],
      ["Change the vault's outflow cap", Proposals.setOutflowCap(vault, 2500n)],
      ['Make another council', Proposals.replaceCouncil(at().governor, voter.address)],
    ];
    for (const [title, { actions, kind }] of parts) expect(await decode(actions)).toMatchObject([{ title, kind }]);
    const guarded = Proposals.guard(postConditions, conditions, parts[0]?.[1] as ProposalPart);
    const [begin, , end] = await decode(guarded.actions);
    expect([begin?.kind, end?.kind]).toEqual([ProposalKind.Parameter, ProposalKind.Parameter]);
    const [pay] = await decode(Proposals.payFromTreasury(payment).actions);
    expect(pay?.sentences[0]).toMatch(/^1\.5 USDC of the token .* go to /);
  });

  it('shows an unknown action raw, with a warning', async () => {
    const target = voter.address;
    const unknown = Proposals.custom({ target, value: 5n, data: '0x12345678' });
    const [told] = await decode(unknown.actions);
    expect(told).toMatchObject({ title: 'An action that is not known', kind: ProposalKind.Upgrade });
    expect(told?.sentences).toEqual([`It calls ${target} with 5 wei and the data 0x12345678.`]);
    expect(told?.warnings).toHaveLength(2);
  });

  it('warns of an upgrade whose code names an address without code', async () => {
    const implementation = `0x${'77'.repeat(20)}` as Address;
    const gone = `0x${'99'.repeat(20)}` as Address;
    const bytecode = concat(['0x73', gone, '0x50', '0x00']);
    await stage.admin.setCode({ address: implementation, bytecode });
    const { engine, vault } = stage.deployment;
    const [told] = await decode(Proposals.upgrade(engine, implementation).actions);
    expect(told).toMatchObject({ title: `Upgrade ${engine}`, kind: ProposalKind.Upgrade });
    expect(told?.changes).toMatchObject([{ after: implementation }, { after: keccak256(bytecode) }]);
    const { code } = stage.deployment;
    expect(told?.changes[0]?.before).toBe(getAddress(code.DerivativesEngine ?? ''));
    expect(told?.warnings.slice(1)).toEqual([
      `The code of ${implementation} names ${gone}, where there is none: it could appear there later.`,
    ]);
    const [same] = await decode(Proposals.upgrade(vault, code.LiquidityVault as Address).actions);
    expect(same?.warnings.slice(1)).toEqual([]);
  });
});

describe('a live proposal', () => {
  it('is checked: the action whose code or state has changed is named', async () => {
    const target = `0x${'88'.repeat(20)}` as Address;
    await stage.admin.setCode({ address: target, bytecode: '0x00' });
    const parts = [
      Proposals.custom({ target, value: 0n, data: '0x12345678' }),
      Proposals.setDepositLock(stage.deployment.vault, DAY),
      await changeOf(ETH, { takerFeePpm: 700n }),
    ];
    const proposalId = await proposed(ACCOUNTS.liquidityProvider, ...parts);
    const check = () => checkProposal(stage.admin, { ...at(), proposalId });
    expect(await check()).toEqual([]);
    // What is set without a transaction changes the last block.
    await stage.admin.mine({ blocks: 1 });
    await stage.admin.setCode({ address: target, bytecode: '0x5b00' });
    expect(await check()).toMatchObject([{ what: 'code', action: 0 }]);
    const { engine } = stage.deployment;
    const { inForce } = await getMarketParameters(stage.admin, { engine, market: ETH });
    const config = { ...inForce, makerFeePpm: inForce.makerFeePpm - 1n, flags: 0n };
    const change = { engine, market: ETH, config: config as never, keeperFeeCents: 50, duration: DAY };
    await included(scheduleParameters(await asTimelock(stage), change));
    expect(await check()).toMatchObject([
      { what: 'code', action: 0 },
      { what: 'before', action: 2 },
    ]);
  }, 60_000);

  it('is cancelled by its proposer before voting', async () => {
    const { proposals } = await listProposals(stage.admin, { ...at(), count: 1n });
    const proposalId = proposals[0]?.id ?? 0n;
    const foreign = cancelProposal(stranger, { ...at(), proposalId });
    const args = [proposalId, ACCOUNTS.keeper.address];
    await expect(foreign).rejects.toMatchObject({ error: 'GovernorUnableToCancel', args });
    await included(cancelProposal(clientOf(ACCOUNTS.liquidityProvider), { ...at(), proposalId }));
    const { timestamp } = await stage.admin.getBlock();
    const moments = await getTimeline(stage.admin, { ...at(), proposalId });
    expect(moments.map(({ name }) => name)).toEqual(['created', 'canceled']);
    expect(moments[1]).toEqual({ name: 'canceled', at: timestamp, past: true });
  });

  it('is told apart from others, page by page', async () => {
    const { proposals, total, next } = await listProposals(stage.admin, { ...at(), count: 1n });
    expect([total, next]).toEqual([2n, 1n]);
    const rest = await listProposals(stage.admin, { ...at(), count: 5n, before: next ?? 0n });
    expect(rest).toMatchObject({ total: 2n, next: null });
    expect(rest.proposals).toHaveLength(1);
    expect(rest.proposals[0]?.id).not.toBe(proposals[0]?.id);
  });
});

describe('the kind of a change', () => {
  const validatorAbi = parseAbi(['function validate(address, bytes) view returns (uint8 kind, bytes32 before)']);

  it.each([
    ['as it was', BTC],
    ['changing', ETH],
  ])(
    'is the contract’s for random changes of a market that is %s',
    async (_, market) => {
      const { engine } = stage.deployment;
      const { policy } = stage.deployment.governance;
      const present = await getMarketParameters(stage.admin, { engine, market });
      expect(present.schedule.endsAt !== 0n).toBe(market === ETH);
      const fragment = getAbiItem({ abi: derivativesEngineAbi, name: 'scheduleParameters' });
      const args = [engine, toFunctionSelector(fragment)] as const;
      const rule = { address: policy, abi: proposalPolicyAbi, functionName: 'getAction', args } as const;
      const [, address] = await stage.admin.readContract(rule);
      const kinds = new Set<number>();
      for (const to of changesOf(present.inForce)) {
        const data = encodeFunctionData({
          abi: derivativesEngineAbi,
          functionName: 'scheduleParameters',
          args: [market, to as never, 50, 365n * DAY],
        });
        const call = { address, abi: validatorAbi, functionName: 'validate', args: [engine, data] } as const;
        const [kind] = await stage.admin.readContract(call);
        expect(kindOfChange(present, to)).toBe(kind);
        kinds.add(kind);
      }
      expect([...kinds].sort()).toEqual([ProposalKind.Parameter, ProposalKind.Risk]);
    },
    60_000,
  );
});

/** Parameters of which some are moved by one: each alone, then random ones together; those within the bounds. */
function* changesOf(inForce: MarketConfig): Generator<MarketConfig> {
  const names = (Object.keys(inForce) as (keyof MarketConfig)[]).filter((name) => name !== 'flags');
  const moved = (from: MarketConfig, name: keyof MarketConfig, by: bigint) => ({ ...from, [name]: from[name] + by });
  const from = { ...inForce, flags: 0n };
  let seed = 1n;
  for (let i = 0; i < 80; i++) {
    let to = from;
    for (const [place, name] of names.entries()) {
      seed = BigInt.asUintN(64, seed * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
      const moves = i < names.length ? i === place : seed >> 62n === 0n;
      if (moves) to = moved(to, name, isWithinBounds(moved(from, name, 1n)) ? 1n : -1n);
    }
    if (isWithinBounds(to)) yield to;
  }
}

function isWithinBounds(config: MarketConfig): boolean {
  try {
    RiskParameters.validate(config, 50n);
    return true;
  } catch (error) {
    if (error instanceof ParameterOutOfBoundsError) return false;
    throw error;
  }
}
