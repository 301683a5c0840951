import type { Address } from 'viem';
import { readContract } from 'viem/actions';
import { proposalPolicyAbi } from '../abi/index.ts';
import { getProposal, type Proposal } from '../actions/getProposal.ts';
import { type AnyClient, type ProposalParameters, readGovernance } from '../actions/governance.ts';
import { ContractRefusedError, onChain, TidemarkError } from '../errors/index.ts';
import { type ActionAssessment, assessAction, chainDigests } from './assessAction.ts';
import { PROPOSAL_KINDS } from './proposalTypes.ts';

/** Why a proposal would be refused if it were executed now. */
export interface ProposalProblem {
  /**
   * `code`: of what it acts on has changed; no more can be queued either. `kind`: it counts as more than it did; likewise.
   * `before`: what it changes is not what it was. `refused`: it is out of bounds now; this may pass.
   */
  what: 'code' | 'kind' | 'before' | 'refused';
  /** Its place among the actions, from 0; null when that cannot be told. */
  action: number | null;
  sentence: string;
}

/**
 * Whether what a live proposal was bound to is still so, and its actions within their bounds.
 * @returns What would be in its way; empty when nothing would.
 * @throws {TidemarkError} When there is no such proposal.
 */
export async function checkProposal(
  client: AnyClient,
  parameters: checkProposal.Parameters,
): Promise<checkProposal.ReturnType> {
  const { governor, blockNumber } = parameters;
  const policy = await readGovernance(client, parameters, 'policy', []);
  const proposal = await getProposal(client, parameters);
  const at = { governor, policy, blockNumber };
  const present = await assessAll(client, proposal, at);
  const refused = present.flatMap(({ refusal }, action) => (refusal ? [problem('refused', action, refusal)] : []));
  if (refused.length > 0) return refused;

  const { actions } = proposal;
  const args = [
    actions.map(({ target }) => target),
    actions.map(({ value }) => value),
    actions.map(({ data }) => data),
  ] as const;
  const assess = { address: policy, abi: proposalPolicyAbi, functionName: 'assess', args } as const;
  try {
    await onChain(() => readContract(client, { ...assess, ...(blockNumber !== undefined && { blockNumber }) }));
  } catch (error) {
    if (!(error instanceof ContractRefusedError)) throw error;
    return [problem('refused', null, error)];
  }

  const problems: ProposalProblem[] = [];
  const differing = (['code', 'before'] as const).filter(
    (name) => chainDigests(present.map((action) => action[name])) !== proposal[name],
  );
  if (differing.length > 0) {
    const past = await pastOf(client, proposal, at);
    for (const name of differing) {
      const places = placesOf(name, proposal, present, past);
      problems.push(...places.map((action) => problem(name, action)));
    }
  }
  for (const [action, { kind }] of present.entries()) {
    if (kind > proposal.kind) problems.push(problem('kind', action, PROPOSAL_KINDS[kind]));
  }
  return problems;
}

export declare namespace checkProposal {
  interface Parameters extends ProposalParameters {
    /** Where its event is looked for from, see `getProposal`. */
    fromBlock?: bigint;
  }
  type ReturnType = ProposalProblem[];
}

interface Place {
  governor: Address;
  policy: Address;
  blockNumber?: bigint | undefined;
}

function assessAll(client: AnyClient, { actions }: Proposal, at: Place): Promise<ActionAssessment[]> {
  return Promise.all(actions.map((action) => assessAction(client, { ...at, action })));
}

/** What the actions amounted to in the proposal's block; null where the chain's endpoint does not remember. */
async function pastOf(client: AnyClient, proposal: Proposal, at: Place): Promise<ActionAssessment[] | null> {
  if (proposal.proposedIn === null) return null;
  try {
    return await assessAll(client, proposal, { ...at, blockNumber: proposal.proposedIn });
  } catch (error) {
    if (error instanceof TidemarkError) return null;
    throw error;
  }
}

/** Which actions' digests differ, if those of the past are the ones that it was bound to. */
function placesOf(
  name: 'code' | 'before',
  proposal: Proposal,
  present: readonly ActionAssessment[],
  past: readonly ActionAssessment[] | null,
): (number | null)[] {
  if (present.length === 1) return [0];
  if (!past || chainDigests(past.map((action) => action[name])) !== proposal[name]) return [null];
  return [...present.keys()].filter((i) => present[i]?.[name] !== past[i]?.[name]);
}

function problem(what: ProposalProblem['what'], action: number | null, reason?: unknown): ProposalProblem {
  const who = action === null ? 'One of its actions' : `Action ${action + 1}`;
  switch (what) {
    case 'refused':
      return { what, action, sentence: `${who} would be refused: ${(reason as TidemarkError).shortMessage}` };
    case 'code':
      return { what, action, sentence: `${who} acts on other code than when it was proposed: it cannot be executed.` };
    case 'before':
      return { what, action, sentence: `${who} changes what is not as it was when it was proposed: propose it anew.` };
    case 'kind':
      return { what, action, sentence: `${who} counts as ${reason}, more than it was voted on as: propose it anew.` };
  }
}
