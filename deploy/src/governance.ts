import {
  derivativesEngineAbi,
  emergencyGuardianAbi,
  governanceTokenAbi,
  liquidityVaultAbi,
  postConditionsAbi,
  priceOracleAbi,
  treasuryAbi,
} from '@tidemark/sdk';
import {
  type Abi,
  type AbiFunction,
  type Address,
  encodeFunctionData,
  getAbiItem,
  type Hex,
  parseEther,
  toFunctionSelector,
  zeroAddress,
} from 'viem';
import distribution from '../networks/distribution.json' with { type: 'json' };

/** Who holds the token at first: roles of `deploy/networks/distribution.json`, the treasury aside. */
export type HolderRole = Exclude<keyof typeof distribution, 'treasury'>;

/** Whom a network's governance begins with. */
export interface GovernancePlan {
  /** Safe of 3 of 5: may pause. */
  readonly guardian: Address;
  /** Safe of 5 of 7: may cancel proposals. */
  readonly council: Address;
  /** Safe of 2 of 3: may tighten risk parameters. */
  readonly steward: Address;
  readonly holders: Readonly<Record<HolderRole, Address>>;
}

/** Addresses of the governance of one exchange. */
export interface GovernanceDeployment {
  readonly token: Address;
  /** Holds the exchange's roles, and executes what passed. */
  readonly timelock: Address;
  readonly governor: Address;
  readonly policy: Address;
  readonly validator: Address;
  readonly postConditions: Address;
  readonly treasury: Address;
  readonly emergencyGuardian: Address;
  readonly riskSteward: Address;
  /** The Safes of the plan. */
  readonly guardian: Address;
  readonly council: Address;
  readonly steward: Address;
}

/** Nobody's address, to which the treasury's votes are delegated: `Governance.EXCLUDED`. */
export const EXCLUDED: Address = '0x000000000000000000000000000000000000dEaD';

const DAY = 86_400;

/** As in the contracts' enumeration ProposalKind; of the upgrade nothing is registered, all else is one. */
const Kind = { Parameter: 0, Market: 1, Risk: 2 } as const;

/** What proposals have to pass, by kind, the upgrade last: the table of docs/governance.md. */
export const TERMS = [
  { thresholdBps: 25, votingDelay: DAY, votingPeriod: 3 * DAY, quorumBps: 300, approvalBps: 5000, timelock: 2 * DAY },
  { thresholdBps: 25, votingDelay: DAY, votingPeriod: 3 * DAY, quorumBps: 300, approvalBps: 5000, timelock: 2 * DAY },
  { thresholdBps: 50, votingDelay: DAY, votingPeriod: 5 * DAY, quorumBps: 400, approvalBps: 5000, timelock: 3 * DAY },
  {
    thresholdBps: 100,
    votingDelay: 2 * DAY,
    votingPeriod: 7 * DAY,
    quorumBps: 600,
    approvalBps: 6670,
    timelock: 7 * DAY,
  },
] as const;

/** What proposals may do that is no upgrade: the least it counts as, and whether the validator is asked of it. */
const REGISTRY = [
  {
    on: 'engine',
    functions: [
      'scheduleParameters',
      'cancelParameters',
      'listMarket',
      'setReduceOnly',
      'setGasMarket',
      'payTreasury',
      'scheduleSettlement',
      'cancelSettlement',
    ],
    kind: Kind.Parameter,
    validated: true,
  },
  {
    on: 'oracle',
    functions: ['proposeFeed', 'acceptFeed', 'releaseMarket', 'beginClosing', 'cancelClosing', 'voteClosingPrice'],
    kind: Kind.Parameter,
    validated: true,
  },
  {
    on: 'vault',
    functions: ['setCooldown', 'setDepositLock', 'setOutflowCap'],
    kind: Kind.Parameter,
    validated: true,
  },
  { on: 'postConditions', functions: ['begin', 'end'], kind: Kind.Parameter, validated: false },
  { on: 'emergencyGuardian', functions: ['lift'], kind: Kind.Parameter, validated: false },
  { on: 'treasury', functions: ['pay'], kind: Kind.Risk, validated: false },
] as const;

/** What of the exchange is to be governed. */
export interface Governed {
  readonly oracle: Address;
  readonly engine: Address;
  readonly riskManager: Address;
  readonly vault: Address;
}

/** How a deployment takes its steps. */
export interface Steps {
  /** @param contract Its name in the release build. */
  create(name: string, contract: string, ...args: unknown[]): Promise<Address>;
  send(name: string, to: Address, data: Hex): Promise<Hex>;
}

/**
 * Deploys what governs an exchange, and gives the timelock's roles to the governor; the exchange's stay where they are.
 * @param me Who deploys, and admin of the timelock for the time being.
 */
export async function deployGovernance(
  { create, send }: Steps,
  { guardian, council, steward, holders }: GovernancePlan,
  { oracle, engine, riskManager, vault }: Governed,
  me: Address,
): Promise<GovernanceDeployment> {
  const grants = Object.entries({ treasury: me, ...holders }).map(([role, to]) => ({
    to,
    amount: parseEther(`${distribution[role as keyof typeof distribution]}`),
  }));
  const token = await create('governance token', 'GovernanceToken', grants);
  const timelock = await create('timelock', 'TimelockController', BigInt(2 * DAY), [], [], me);
  const treasury = await create('treasury', 'Treasury', timelock, token, EXCLUDED);
  // The treasury names the token, so it comes after the distribution.
  const fund = [treasury, parseEther(`${distribution.treasury}`)] as const;
  await send(
    'fund the treasury',
    token,
    encodeFunctionData({ abi: governanceTokenAbi, functionName: 'transfer', args: fund }),
  );
  const emergency = [engine, oracle, timelock, guardian];
  const emergencyGuardian = await create('emergency guardian', 'EmergencyGuardian', ...emergency);
  const riskSteward = await create('risk steward', 'RiskSteward', engine, timelock, steward);
  const conditions = [engine, riskManager, timelock];
  const postConditions = await create('post-conditions', 'PostConditions', ...conditions);
  const judged = [engine, vault, oracle, treasury];
  const validator = await create('exchange validator', 'ExchangeValidator', ...judged);
  const targets = {
    engine: { address: engine, abi: derivativesEngineAbi },
    oracle: { address: oracle, abi: priceOracleAbi },
    vault: { address: vault, abi: liquidityVaultAbi },
    postConditions: { address: postConditions, abi: postConditionsAbi },
    emergencyGuardian: { address: emergencyGuardian, abi: emergencyGuardianAbi },
    treasury: { address: treasury, abi: treasuryAbi },
  };
  const actions = REGISTRY.flatMap(({ on, functions, kind, validated }) =>
    functions.map((name) => ({
      target: targets[on].address,
      selector: toFunctionSelector(getAbiItem({ abi: targets[on].abi as Abi, name }) as AbiFunction),
      kind,
      validator: validated ? validator : zeroAddress,
    })),
  );
  const policy = await create('proposal policy', 'ProposalPolicy', timelock, postConditions, TERMS, actions);
  const governor = await create('governor', 'Governance', token, timelock, policy, council);
  return {
    token,
    timelock,
    governor,
    policy,
    validator,
    postConditions,
    treasury,
    emergencyGuardian,
    riskSteward,
    guardian,
    council,
    steward,
  };
}
