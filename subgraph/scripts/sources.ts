import type { Deployment } from '@tidemark/deploy';
import {
  derivativesEngineAbi,
  emergencyGuardianAbi,
  governanceAbi,
  governanceTokenAbi,
  liquidityVaultAbi,
  priceOracleAbi,
  proposalPolicyAbi,
  riskStewardAbi,
  timelockAbi,
  treasuryAbi,
} from '@tidemark/sdk';
import type { Abi, AbiEvent, AbiFunction, AbiParameter, Address } from 'viem';

/** A contract whose events are indexed. */
export interface Source {
  /** In the manifest. */
  readonly name: string;
  readonly abi: Abi;
  /** Mappings in `src/`, without `.ts`; sources that share them are compiled once. */
  readonly mappings: string;
  /** Handlers whose name is not `handle<Event>`, because another source of the same mappings has such an event. */
  readonly handlers?: Readonly<Record<string, string>>;
  /** Events without a handler, and why. */
  readonly ignored: Readonly<Record<string, string>>;
  /** Functions that handlers call, because no event tells. */
  readonly calls: readonly string[];
  addressIn(deployment: Deployment): Address;
}

const INITIALIZED = 'Says only that the proxy was set up, which its deployment shows.';
const ALLOWANCE = 'An allowance moves nothing.';
const DOMAIN = 'Never emitted: name and version do not change.';

/** In the manifest's order. */
export const SOURCES: readonly Source[] = [
  {
    name: 'DerivativesEngine',
    abi: derivativesEngineAbi,
    mappings: 'engine',
    ignored: {
      Initialized: INITIALIZED,
      RoleAdminChanged: 'Never emitted: every role has the same admin.',
      LiquidityPaid: 'The vault tells whose: RedeemClaimed.',
      LiquidityReturned: 'The vault tells whose: DepositRefunded.',
    },
    calls: ['getMarket'],
    addressIn: ({ engine }) => engine,
  },
  {
    name: 'LiquidityVault',
    abi: liquidityVaultAbi,
    mappings: 'vault',
    ignored: {
      Initialized: INITIALIZED,
      RoleAdminChanged: 'Never emitted: every role has the same admin.',
      Approval: ALLOWANCE,
      OperatorSet: 'Moves nothing; what an operator does is told as the owner’s.',
    },
    calls: ['getVault'],
    addressIn: ({ vault }) => vault,
  },
  {
    name: 'PriceOracle',
    abi: priceOracleAbi,
    mappings: 'oracle',
    ignored: { RoleAdminChanged: 'Never emitted: every role has the same admin.' },
    calls: [],
    addressIn: ({ oracle }) => oracle,
  },
  {
    name: 'Governance',
    abi: governanceAbi,
    mappings: 'governance',
    ignored: { EIP712DomainChanged: DOMAIN },
    calls: [],
    addressIn: ({ governance }) => governance.governor,
  },
  {
    name: 'GovernanceToken',
    abi: governanceTokenAbi,
    mappings: 'governance',
    ignored: { Approval: ALLOWANCE, EIP712DomainChanged: DOMAIN },
    calls: [],
    addressIn: ({ governance }) => governance.token,
  },
  {
    name: 'Timelock',
    abi: timelockAbi,
    mappings: 'governance',
    ignored: {
      CallScheduled: 'The governor is the only proposer and tells it: ProposalQueued.',
      CallSalt: 'Part of the operation’s id.',
      CallExecuted: 'The governor is the only executor and tells it: ProposalExecuted.',
      Cancelled: 'The governor is the only canceller and tells it: ProposalCanceled.',
      RoleAdminChanged: 'Emitted at most by its constructor.',
    },
    calls: [],
    addressIn: ({ governance }) => governance.timelock,
  },
  {
    name: 'ProposalPolicy',
    abi: proposalPolicyAbi,
    mappings: 'governance',
    ignored: {},
    calls: [],
    addressIn: ({ governance }) => governance.policy,
  },
  {
    name: 'EmergencyGuardian',
    abi: emergencyGuardianAbi,
    mappings: 'governance',
    handlers: { Appointed: 'handleGuardianAppointed' },
    ignored: {},
    calls: [],
    addressIn: ({ governance }) => governance.emergencyGuardian,
  },
  {
    name: 'RiskSteward',
    abi: riskStewardAbi,
    mappings: 'governance',
    handlers: { Appointed: 'handleStewardAppointed' },
    ignored: {},
    calls: [],
    addressIn: ({ governance }) => governance.riskSteward,
  },
  {
    name: 'Treasury',
    abi: treasuryAbi,
    mappings: 'governance',
    ignored: {},
    calls: [],
    addressIn: ({ governance }) => governance.treasury,
  },
];

/** The events that a source's mappings handle, in the ABI's order. */
export const handledEvents = ({ abi, ignored }: Source): AbiEvent[] =>
  abi.filter((item): item is AbiEvent => item.type === 'event' && !(item.name in ignored));

export const handlerOf = ({ handlers }: Source, { name }: AbiEvent): string => handlers?.[name] ?? `handle${name}`;

/** What of a source's ABI the mappings are compiled against. */
export const compiledAbi = (source: Source): (AbiEvent | AbiFunction)[] => [
  ...handledEvents(source),
  ...source.abi.filter((item): item is AbiFunction => item.type === 'function' && source.calls.includes(item.name)),
];

/** An event as manifests have it: `Name(indexed type,type)`. */
export const signatureOf = ({ name, inputs }: AbiEvent): string =>
  `${name}(${inputs.map((input) => `${input.indexed ? 'indexed ' : ''}${typeOf(input)}`)})`;

/** An ABI's type with its tuples spelt out. */
export function typeOf(parameter: AbiParameter): string {
  if (!('components' in parameter)) return parameter.type;
  return `(${parameter.components.map(typeOf)})${parameter.type.slice('tuple'.length)}`;
}
