import { getBlock, getContractEvents } from 'viem/actions';
import { governanceAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import { ProposalState } from '../governance/proposalTypes.ts';
import { type Moment, timelineOf } from '../governance/timeline.ts';
import { getProposal } from './getProposal.ts';
import { type AnyClient, type ProposalParameters, readGovernance } from './governance.ts';

/**
 * What has become of a proposal and what may yet, in the order of time.
 * @throws {TidemarkError} When there is none.
 */
export async function getTimeline(
  client: AnyClient,
  { governor, proposalId, fromBlock }: getTimeline.Parameters,
): Promise<Moment[]> {
  const { number: blockNumber, timestamp: now } = await onChain(() => getBlock(client));
  const at = { governor, blockNumber };
  const from = fromBlock === undefined ? {} : { fromBlock };
  const [proposal, grace] = await Promise.all([
    getProposal(client, { ...at, proposalId, ...from }),
    readGovernance(client, at, 'GRACE', []),
  ]);
  const { state, proposedIn } = proposal;
  if (state !== ProposalState.Executed && state !== ProposalState.Canceled) return timelineOf(proposal, { now, grace });
  const event = {
    address: governor,
    abi: governanceAbi,
    eventName: state === ProposalState.Executed ? 'ProposalExecuted' : 'ProposalCanceled',
    strict: true,
    fromBlock: proposedIn ?? fromBlock ?? 0n,
    toBlock: blockNumber,
  } as const;
  const logs = await onChain(() => getContractEvents(client, event));
  const log = logs.find(({ args }) => args.proposalId === proposalId);
  if (!log) return timelineOf(proposal, { now, grace });
  const { timestamp: endedAt } = await onChain(() => getBlock(client, { blockNumber: log.blockNumber }));
  return timelineOf(proposal, { now, grace, endedAt });
}

export declare namespace getTimeline {
  interface Parameters extends Omit<ProposalParameters, 'blockNumber'> {
    /** Where its events are looked for from, see `getProposal`. */
    fromBlock?: bigint;
  }
  type ReturnType = Moment[];
}
