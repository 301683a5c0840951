import type { Address } from 'viem';
import type { Support } from '../governance/proposalTypes.ts';

/** EIP-712 types of what voters sign. */
const BALLOT_TYPES = {
  Ballot: [
    { name: 'proposalId', type: 'uint256' },
    { name: 'support', type: 'uint8' },
    { name: 'voter', type: 'address' },
    { name: 'nonce', type: 'uint256' },
  ],
} as const;
const OVERRIDE_TYPES = {
  OverrideBallot: [...BALLOT_TYPES.Ballot, { name: 'reason', type: 'string' }],
} as const;
const DELEGATION_TYPES = {
  Delegation: [
    { name: 'delegatee', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'expiry', type: 'uint256' },
  ],
} as const;

/** A vote that is to be signed. */
export interface Ballot {
  governor: Address;
  chainId: number;
  proposalId: bigint;
  support: Support;
  voter: Address;
  /** Of the voter, in the governor. */
  nonce: bigint;
}

const governanceDomain = ({ governor, chainId }: Ballot) =>
  ({ name: 'Tidemark Governance', version: '1', chainId, verifyingContract: governor }) as const;

/** What a wallet signs for a vote: EIP-712 typed data. */
export function ballotTypedData(ballot: Ballot) {
  const { proposalId, support, voter, nonce } = ballot;
  return {
    domain: governanceDomain(ballot),
    types: BALLOT_TYPES,
    primaryType: 'Ballot',
    message: { proposalId, support, voter, nonce },
  } as const;
}

/** What a wallet signs to vote by its own tokens in its delegate's place: EIP-712 typed data. */
export function overrideTypedData({ reason, ...ballot }: Ballot & { reason: string }) {
  const { proposalId, support, voter, nonce } = ballot;
  return {
    domain: governanceDomain(ballot),
    types: OVERRIDE_TYPES,
    primaryType: 'OverrideBallot',
    message: { proposalId, support, voter, nonce, reason },
  } as const;
}

/** A delegation that is to be signed. */
export interface UnsignedDelegation {
  token: Address;
  chainId: number;
  /** Who votes. */
  delegatee: Address;
  /** Of the signer, in the token; permits use up the same. */
  nonce: bigint;
  /** Seconds; the last at which it counts. */
  expiry: bigint;
}

/** What a wallet signs to have somebody vote: EIP-712 typed data. */
export function delegationTypedData({ token, chainId, delegatee, nonce, expiry }: UnsignedDelegation) {
  return {
    domain: { name: 'Tidemark', version: '1', chainId, verifyingContract: token },
    types: DELEGATION_TYPES,
    primaryType: 'Delegation',
    message: { delegatee, nonce, expiry },
  } as const;
}
