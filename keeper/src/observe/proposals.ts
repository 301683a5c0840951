import { governanceAbi, ProposalState } from '@tidemark/sdk';
import type { Address } from 'viem';
import type { ProposalSnapshot } from '../snapshot.ts';
import type { Reader } from './reader.ts';

/** Proposals first heard of, and those looked at again, at one look at the chain. */
const MAX_PROPOSALS = 64;
/** As in Governance.sol, seconds. */
const GRACE = 14n * 86_400n;
/** The states of a proposal that no other follows. */
const OVER: readonly number[] = [
  ProposalState.Canceled,
  ProposalState.Defeated,
  ProposalState.Expired,
  ProposalState.Executed,
];

/** The proposals of a governor that are not over. */
export class Proposals {
  readonly #governor: Address;
  /** As they were looked at last, longest ago first. */
  readonly #known = new Map<bigint, ProposalSnapshot | null>();
  #heard = 0n;

  constructor(governor: Address) {
    this.#governor = governor;
  }

  forget(): void {
    this.#known.clear();
    this.#heard = 0n;
  }

  /** Those that passed. @throws {TidemarkError} when the chain cannot be read. */
  async read(reader: Reader): Promise<ProposalSnapshot[]> {
    const at = { address: this.#governor, abi: governanceAbi } as const;
    const count = await reader.read({ ...at, functionName: 'proposalCount' });
    const from = this.#heard;
    const heard = await Promise.all(
      Array.from({ length: Math.min(Number(count - from), MAX_PROPOSALS) }, (_, i) =>
        reader.read({ ...at, functionName: 'proposalDetailsAt', args: [from + BigInt(i)] }),
      ),
    );
    for (const [id] of heard) this.#known.set(id, null);
    this.#heard += BigInt(heard.length);
    await Promise.all([...this.#known.keys()].slice(0, MAX_PROPOSALS).map((id) => this.#look(reader, id)));
    return [...this.#known.values()].filter((proposal) => proposal !== null);
  }

  async #look(reader: Reader, id: bigint): Promise<void> {
    const at = { address: this.#governor, abi: governanceAbi, args: [id] } as const;
    const state = Number(await reader.read({ ...at, functionName: 'state' }));
    let proposal: ProposalSnapshot | null = null;
    if (state === ProposalState.Succeeded) {
      const deadline = await reader.read({ ...at, functionName: 'proposalDeadline' });
      proposal = { id, dueAt: null, expiresAt: BigInt(deadline) + GRACE };
    } else if (state === ProposalState.Queued) {
      const dueAt = BigInt(await reader.read({ ...at, functionName: 'proposalEta' }));
      proposal = { id, dueAt, expiresAt: dueAt + GRACE };
    }
    // To the end of those that are looked at.
    this.#known.delete(id);
    if (!OVER.includes(state)) this.#known.set(id, proposal);
  }
}
