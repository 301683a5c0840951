import { getProposal, type Proposal } from './getProposal.ts';
import { type AnyClient, type GovernanceReadParameters, readGovernance } from './governance.ts';

/**
 * A page of the proposals, the newest first.
 * @throws {TidemarkError}
 */
export async function listProposals(
  client: AnyClient,
  { before, count, fromBlock, ...at }: listProposals.Parameters,
): Promise<listProposals.ReturnType> {
  const total = await readGovernance(client, at, 'proposalCount', []);
  const end = before === undefined || before > total ? total : before;
  const start = end > count ? end - count : 0n;
  const indices = Array.from({ length: Number(end - start) }, (_, i) => end - 1n - BigInt(i));
  const proposals = await Promise.all(
    indices.map(async (index) => {
      const [proposalId] = await readGovernance(client, at, 'proposalDetailsAt', [index]);
      return getProposal(client, { ...at, proposalId, ...(fromBlock !== undefined && { fromBlock }) });
    }),
  );
  return { proposals, total, next: start === 0n ? null : start };
}

export declare namespace listProposals {
  interface Parameters extends GovernanceReadParameters {
    /** The page's end: `next` of the page before; the newest when absent. */
    before?: bigint;
    /** Proposals of a page at most. */
    count: bigint;
    /** Where their events are looked for from, see `getProposal`. */
    fromBlock?: bigint;
  }
  interface ReturnType {
    proposals: Proposal[];
    /** How many there are in all. */
    total: bigint;
    /** Where the next page ends; null after the last. */
    next: bigint | null;
  }
}
