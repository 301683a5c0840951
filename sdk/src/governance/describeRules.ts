import {
  type Address,
  erc20Abi,
  formatUnits,
  getAddress,
  type Hex,
  keccak256,
  slice,
  stringToHex,
  zeroHash,
} from 'viem';
import { getStorageAt, readContract } from 'viem/actions';
import { proposalPolicyAbi } from '../abi/index.ts';
import { readGovernance } from '../actions/governance.ts';
import { onChain } from '../errors/index.ts';
import { widen } from '../math/engineTypes.ts';
import { codeHashOf } from './assessAction.ts';
import type { Conditions } from './builders.ts';
import { findMissingCode } from './codeScan.ts';
import { type Describe, type Description, described, type Surroundings } from './description.ts';
import { PROPOSAL_KINDS, type Terms } from './proposalTypes.ts';
import { changeOf, changeSentence, termChanges } from './words.ts';

// Actions on what governs: code, roles, registry, council, treasury, post-conditions. Arguments are as viem decodes them.

/** Of ERC-1967. */
const IMPLEMENTATION_SLOT = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';

const ROLES = new Map<Hex, string>([
  [zeroHash, 'DEFAULT_ADMIN_ROLE'],
  ...[
    'CONFIGURATOR_ROLE',
    'GUARDIAN_ROLE',
    'UPGRADER_ROLE',
    'VAULT_ROLE',
    'PROPOSER_ROLE',
    'CANCELLER_ROLE',
    'EXECUTOR_ROLE',
  ].map((name) => [keccak256(stringToHex(name)), name] as const),
]);

const roleName = (role: Hex): string => ROLES.get(role) ?? role;

/** An upgrade of a proxy: the code that it would run, and what that code names. */
export async function describeUpgrade(
  proxy: Address,
  { implementation, call }: { implementation: Address; call: Hex },
  { client, blockNumber }: Surroundings,
): Promise<Description> {
  const at = blockNumber === undefined ? {} : { blockNumber };
  const word = await onChain(() => getStorageAt(client, { address: proxy, slot: IMPLEMENTATION_SLOT, ...at }));
  const present = getAddress(slice(word ?? zeroHash, 12));
  const [before, after, missing] = await Promise.all([
    codeHashOf(client, present, blockNumber),
    codeHashOf(client, implementation, blockNumber),
    findMissingCode(client, implementation, blockNumber),
  ]);
  const changes = [
    changeOf('Implementation', present, implementation),
    changeOf("Hash of the implementation's code", before, after),
  ];
  return described(`Upgrade ${proxy}`, {
    sentences: [
      `${proxy} runs the code of ${implementation} from the execution on.`,
      ...(call === '0x' ? [] : [`It calls the new code at once, with ${call}.`]),
      ...changes.map(changeSentence),
    ],
    changes,
    warnings: [
      'The new code can do anything with what the contract holds: read it, and compare its hash with a build of your own.',
      ...missing.map(
        ({ address, namedBy, text }) =>
          `The code of ${namedBy} names ${address}${text === null ? '' : `, which reads "${text}"`}, where there is none: it could appear there later.`,
      ),
    ],
  });
}

/** Granting and revoking roles, of whatever contract has them. */
export const ACCESS: Record<string, Describe> = {
  grantRole: ([role, account]: readonly [Hex, Address]) =>
    described(`Give a role to ${account}`, {
      sentences: [`${account} gets the role ${roleName(role)} of the contract.`],
      warnings: ['Whoever holds a role needs no vote for what it permits.'],
    }),
  revokeRole: ([role, account]: readonly [Hex, Address]) =>
    described(`Take a role from ${account}`, {
      sentences: [`${account} loses the role ${roleName(role)} of the contract.`],
      warnings: ['What nobody holds any more nobody can do, votes included.'],
    }),
};

export const GOVERNANCE: Record<string, Describe> = {
  async setCouncil([council]: readonly [Address], { client, exchange: { governor }, blockNumber }) {
    const at = { governor, ...(blockNumber !== undefined && { blockNumber }) };
    const changes = [changeOf('Council', await readGovernance(client, at, 'council', []), council)];
    return described('Make another council', {
      sentences: ['It may cancel proposals for 365 days from the execution.', ...changes.map(changeSentence)],
      changes,
    });
  },
};

interface RegisteredAction {
  target: Address;
  selector: Hex;
  kind: number;
  validator: Address;
}

export const POLICY: Record<string, Describe> = {
  register: ([{ target, selector, kind, validator }]: readonly [RegisteredAction]) =>
    described('Let an action count as less than an upgrade', {
      sentences: [
        `Calls of ${selector} at ${target} count as ${PROPOSAL_KINDS[kind]}, or as what ${validator} says when that is more.`,
      ],
      warnings: ['From then on it needs less than now: read what it can do, and the code of its validator.'],
    }),
  remove: ([target, selector]: readonly [Address, Hex]) =>
    described('Make an action an upgrade', {
      sentences: [`Calls of ${selector} at ${target} count as an upgrade.`],
    }),
  async setTerms([kind, terms]: readonly [number, Terms], { client, exchange: { policy }, blockNumber }) {
    const call = { address: policy, abi: proposalPolicyAbi, functionName: 'getTerms', args: [kind], blockNumber };
    const before = (await onChain(() => readContract(client, call as never))) as Terms;
    const changes = termChanges(widen(before), widen(terms));
    return described(`Change what ${PROPOSAL_KINDS[kind]} proposals have to pass`, {
      sentences: ['It holds for proposals made after the execution.', ...changes.map(changeSentence)],
      changes,
    });
  },
};

export const POST_CONDITIONS: Record<string, Describe> = {
  begin: ([conditions]: readonly [Conditions]) =>
    described('Promise what the execution leaves as it was', {
      sentences: [
        `It reverts when the pool's value moves by more than ${formatUnits(conditions.netAssetValueBps, 2)} %.`,
        `It reverts when the funding of a market moves by more than ${formatUnits(conditions.fundingBps, 2)} % of its index.`,
        `It reverts when more than ${conditions.liquidatable} further accounts of ${conditions.sample.length} can be liquidated.`,
      ],
      warnings: ['What happens after the execution, as a change over days, is not covered.'],
    }),
  end: () => described('Check what was promised', { sentences: ['What moved since the first action is measured.'] }),
};

export const TREASURY: Record<string, Describe> = {
  async pay([token, to, amount]: readonly [Address, Address, bigint], { client, blockNumber }) {
    const call = { address: token, abi: erc20Abi, ...(blockNumber !== undefined && { blockNumber }) };
    const [symbol, decimals] = await Promise.allSettled([
      readContract(client, { ...call, functionName: 'symbol' }),
      readContract(client, { ...call, functionName: 'decimals' }),
    ]);
    const told =
      symbol.status === 'fulfilled' && decimals.status === 'fulfilled'
        ? `${formatUnits(amount, decimals.value)} ${symbol.value}`
        : `${amount} units`;
    return described('Pay from the treasury', { sentences: [`${told} of the token ${token} go to ${to}.`] });
  },
};

export const GUARDIAN: Record<string, Describe> = {
  setGuardian: ([guardian]: readonly [Address]) =>
    described('Appoint the guardian', { sentences: [`${guardian} may pause for 180 days from the execution.`] }),
  lift: () => described("End the guardian's pause", { sentences: ['Trading goes on at once.'] }),
};

export const STEWARD: Record<string, Describe> = {
  setSteward: ([steward]: readonly [Address]) =>
    described('Appoint the risk steward', {
      sentences: [`${steward} may tighten parameters for 180 days from the execution.`],
    }),
};
