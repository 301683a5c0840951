import type { Proposal } from '../actions/getProposal.ts';
import { ProposalState } from './proposalTypes.ts';

/** Something that becomes of a proposal. */
export interface Moment {
  name: 'created' | 'votingStarts' | 'votingEnds' | 'queued' | 'executable' | 'executed' | 'canceled' | 'expires';
  /** The first second in which it is so. Of what is expected: the earliest. */
  at: bigint;
  /** Whether it is so already. */
  past: boolean;
  /** Of `votingEnds`: whether the quorum came late, so that voting goes on for longer than its period. */
  extended?: true;
}

/**
 * What has become of a proposal and what may yet, in the order of time. What passes is expected to be queued as soon as it
 * can be; `expires` is when it is over unless somebody queues it, or executes it.
 * @param now Seconds.
 * @param grace Seconds that what has passed waits to be queued, and what is due to be executed.
 * @param endedAt When it was executed or cancelled, seconds; absent when it was not, or nobody knows.
 */
export function timelineOf(
  { state, terms, snapshot, deadline, eta }: Proposal,
  { now, grace, endedAt }: { now: bigint; grace: bigint; endedAt?: bigint },
): Moment[] {
  const times: Omit<Moment, 'past'>[] = [
    { name: 'created', at: snapshot - terms.votingDelay },
    { name: 'votingStarts', at: snapshot + 1n },
    { name: 'votingEnds', at: deadline + 1n, ...(deadline > snapshot + terms.votingPeriod && { extended: true }) },
  ];
  const queued = eta !== 0n ? eta - terms.timelock : now > deadline ? now : deadline + 1n;
  const open = state !== ProposalState.Defeated && state !== ProposalState.Canceled;
  if (eta !== 0n || (open && state !== ProposalState.Expired)) {
    times.push({ name: 'queued', at: queued }, { name: 'executable', at: queued + terms.timelock });
  }
  if (open && state !== ProposalState.Executed) {
    times.push({ name: 'expires', at: (eta === 0n ? deadline : eta) + grace + 1n });
  }
  const ended = endedAt === undefined ? times : times.filter(({ at }) => at <= endedAt);
  if (endedAt !== undefined) {
    ended.push({ name: state === ProposalState.Canceled ? 'canceled' : 'executed', at: endedAt });
  }
  const order = ended.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  // Only what is queued has been: until then its time is the earliest there is.
  return order.map((moment) => ({ ...moment, past: moment.at <= now && (moment.name !== 'queued' || eta !== 0n) }));
}
