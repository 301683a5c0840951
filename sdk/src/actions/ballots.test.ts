import { concat, type Hex, hashTypedData, keccak256, stringToHex, toHex } from 'viem';
import { expect, it } from 'vitest';
import { Support } from '../governance/proposalTypes.ts';
import { ballotTypedData, delegationTypedData, overrideTypedData } from './ballots.ts';

const contract = '0x00000000000000000000000000000000000000aa';
const voter = '0x00000000000000000000000000000000000000bb';
const word = (value: bigint | Hex): Hex => toHex(BigInt(value), { size: 32 });
const struct = (type: string, ...words: (bigint | Hex)[]): Hex =>
  keccak256(concat([keccak256(stringToHex(type)), ...words.map(word)]));
const DOMAIN = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
const digest = (name: string, hash: Hex): Hex => {
  const domain = struct(DOMAIN, keccak256(stringToHex(name)), keccak256(stringToHex('1')), 10n, contract);
  return keccak256(concat(['0x1901', domain, hash]));
};
const ballot = {
  governor: contract,
  chainId: 10,
  proposalId: 2n ** 200n,
  support: Support.For,
  voter,
  nonce: 7n,
} as const;

it('a vote is signed as OpenZeppelin hashes it', () => {
  const hash = struct(
    'Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)',
    2n ** 200n,
    1n,
    voter,
    7n,
  );
  expect(hashTypedData(ballotTypedData(ballot))).toBe(digest('Tidemark Governance', hash));
});

it('a vote by own tokens is signed with its reason', () => {
  const type = 'OverrideBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason)';
  const hash = struct(type, 2n ** 200n, 1n, voter, 7n, keccak256(stringToHex('because')));
  expect(hashTypedData(overrideTypedData({ ...ballot, reason: 'because' }))).toBe(digest('Tidemark Governance', hash));
});

it('a delegation is signed for the token', () => {
  const hash = struct('Delegation(address delegatee,uint256 nonce,uint256 expiry)', voter, 7n, 99n);
  const typed = delegationTypedData({ token: contract, chainId: 10, delegatee: voter, nonce: 7n, expiry: 99n });
  expect(hashTypedData(typed)).toBe(digest('Tidemark', hash));
});
