import { type Abi, type Address, decodeFunctionData, isAddressEqual } from 'viem';
import {
  derivativesEngineAbi,
  emergencyGuardianAbi,
  governanceAbi,
  liquidityVaultAbi,
  postConditionsAbi,
  priceOracleAbi,
  proposalPolicyAbi,
  riskStewardAbi,
  timelockAbi,
  treasuryAbi,
} from '../abi/index.ts';
import type { AnyClient } from '../actions/engine.ts';
import { assessAction, upgradeOf } from './assessAction.ts';
import { ENGINE } from './describeEngine.ts';
import {
  ACCESS,
  describeUpgrade,
  GOVERNANCE,
  GUARDIAN,
  POLICY,
  POST_CONDITIONS,
  STEWARD,
  TREASURY,
} from './describeRules.ts';
import { ORACLE, VAULT } from './describeSurroundings.ts';
import { type Describe, type Description, described, type Surroundings } from './description.ts';
import type { GovernedExchange, ProposalAction, ProposalKind } from './proposalTypes.ts';

/** What one action of a proposal does, and what it counts as. */
export interface DecodedAction extends Description {
  action: ProposalAction;
  kind: ProposalKind;
}

/** By contract: its ABI, and how its functions are told. */
const CONTRACTS: Record<keyof GovernedExchange, readonly [abi: Abi, functions: Record<string, Describe>]> = {
  engine: [derivativesEngineAbi, { ...ACCESS, ...ENGINE }],
  oracle: [priceOracleAbi, { ...ACCESS, ...ORACLE }],
  vault: [liquidityVaultAbi, { ...ACCESS, ...VAULT }],
  governor: [governanceAbi, GOVERNANCE],
  timelock: [timelockAbi, ACCESS],
  policy: [proposalPolicyAbi, POLICY],
  postConditions: [postConditionsAbi, POST_CONDITIONS],
  treasury: [treasuryAbi, TREASURY],
  emergencyGuardian: [emergencyGuardianAbi, GUARDIAN],
  riskSteward: [riskStewardAbi, STEWARD],
};

/**
 * What actions do, in plain words, with what they change as it is now. It is read from the chain, never from what the
 * proposer says. What is not known is shown raw, with a warning.
 * @throws {TidemarkError} When the chain cannot be asked.
 */
export function decodeProposal(
  client: AnyClient,
  { exchange, actions, blockNumber, marketName = String }: decodeProposal.Parameters,
): Promise<decodeProposal.ReturnType> {
  const surroundings = { client, exchange, blockNumber, marketName };
  return Promise.all(
    actions.map(async (action) => {
      const { governor, policy } = exchange;
      const [description, { kind, refusal }] = await Promise.all([
        describe(action, surroundings),
        assessAction(client, { governor, policy, action, blockNumber }),
      ]);
      const warnings = [...description.warnings];
      if (action.value !== 0n) warnings.push(`It sends ${action.value} wei.`);
      if (refusal) warnings.push(`It would be refused now: ${refusal.shortMessage}`);
      return { ...description, warnings, action, kind };
    }),
  );
}

export declare namespace decodeProposal {
  interface Parameters {
    exchange: GovernedExchange;
    actions: readonly ProposalAction[];
    /** At which block; the newest when absent. */
    blockNumber?: bigint;
    /** A market as it is called, e.g. "ETH"; its number when absent. */
    marketName?: (market: bigint) => string;
  }
  /** In the order of the actions. */
  type ReturnType = DecodedAction[];
}

async function describe(action: ProposalAction, surroundings: Surroundings): Promise<Description> {
  const upgrade = upgradeOf(action);
  if (upgrade) return describeUpgrade(action.target, upgrade, surroundings);
  const contract = contractAt(action.target, surroundings.exchange);
  if (!contract) return unknown(action);
  const [abi, functions] = CONTRACTS[contract];
  const call = callOf(abi, action);
  if (!call) return unknown(action);
  const tell = Object.hasOwn(functions, call.functionName) ? functions[call.functionName] : undefined;
  if (tell) return tell(call.args as never, surroundings);
  return described(`Call ${call.functionName} of the ${contract}`, {
    sentences: call.args.map((argument, i) => `Argument ${i + 1}: ${shown(argument)}.`),
    warnings: ['What it does is not explained here: read the code of the contract before voting for it.'],
  });
}

function contractAt(target: Address, exchange: GovernedExchange): keyof GovernedExchange | undefined {
  const names = Object.keys(CONTRACTS) as (keyof GovernedExchange)[];
  return names.find((name) => isAddressEqual(exchange[name], target));
}

function callOf(abi: Abi, { data }: ProposalAction) {
  try {
    const { functionName, args } = decodeFunctionData({ abi, data });
    return { functionName, args: args ?? [] };
  } catch {
    return null;
  }
}

function unknown({ target, value, data }: ProposalAction): Description {
  return described('An action that is not known', {
    sentences: [`It calls ${target} with ${value} wei and the data ${data}.`],
    warnings: ['Nothing is known of it: read the code at its target before voting for it.'],
  });
}

const shown = (argument: unknown): string =>
  JSON.stringify(argument, (_, value) => (typeof value === 'bigint' ? String(value) : value));
