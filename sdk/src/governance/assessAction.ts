import {
  type Address,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  isAddressEqual,
  keccak256,
  pad,
  parseAbi,
  parseAbiParameters,
  slice,
  toFunctionSelector,
  zeroAddress,
  zeroHash,
} from 'viem';
import { getCode, readContract } from 'viem/actions';
import { proposalPolicyAbi } from '../abi/index.ts';
import type { AnyClient } from '../actions/engine.ts';
import { ContractRefusedError, onChain, type TidemarkError } from '../errors/index.ts';
import { type ProposalAction, ProposalKind, strictestOf } from './proposalTypes.ts';

const validatorAbi = parseAbi([
  'function validate(address target, bytes data) view returns (uint8 kind, bytes32 before)',
]);
const UPGRADE_SELECTOR = toFunctionSelector('upgradeToAndCall(address,bytes)');
const UPGRADE_ARGUMENTS = parseAbiParameters('address implementation, bytes call');

/** What one action amounts to at a block. */
export interface ActionAssessment {
  kind: ProposalKind;
  /** Digest of the code that it is bound to. */
  code: Hex;
  /** Digest of what it changes, zero where it has none. */
  before: Hex;
  /** Why its validator refuses it; null when it does not. */
  refusal: TidemarkError | null;
}

/** Where to ask what an action amounts to. */
export interface AssessmentParameters {
  governor: Address;
  policy: Address;
  action: ProposalAction;
  blockNumber?: bigint | undefined;
}

/**
 * What one action amounts to, as the policy takes it together with others.
 * @throws {TidemarkError} When the chain cannot be asked.
 */
export async function assessAction(client: AnyClient, parameters: AssessmentParameters): Promise<ActionAssessment> {
  const { governor, action } = parameters;
  const [code, verdict] = await Promise.all([codeOf(client, parameters), verdictOf(client, parameters)]);
  const kind = isAddressEqual(action.target, governor) ? ProposalKind.Upgrade : verdict.kind;
  return { ...verdict, kind, code };
}

/** The digest of several actions' digests, as the policy makes it. */
export function chainDigests(digests: readonly Hex[]): Hex {
  return digests.reduce<Hex>((sum, digest) => pairHash(sum, digest), zeroHash);
}

/** What an action puts behind a proxy, and what the proxy calls of it at once; null when it is no upgrade of one. */
export function upgradeOf({ data }: ProposalAction): { implementation: Address; call: Hex } | null {
  if (selectorOf(data) !== UPGRADE_SELECTOR) return null;
  try {
    const [implementation, call] = decodeAbiParameters(UPGRADE_ARGUMENTS, slice(data, 4));
    return { implementation, call };
  } catch {
    return null;
  }
}

/** The hash of an address's code. @throws {TidemarkError} */
export async function codeHashOf(client: AnyClient, address: Address, blockNumber?: bigint): Promise<Hex> {
  const at = blockNumber === undefined ? {} : { blockNumber };
  return keccak256((await onChain(() => getCode(client, { address, ...at }))) ?? '0x');
}

async function codeOf(client: AnyClient, { action, blockNumber }: AssessmentParameters): Promise<Hex> {
  const upgrade = upgradeOf(action);
  const target = await codeHashOf(client, action.target, blockNumber);
  return upgrade ? pairHash(target, await codeHashOf(client, upgrade.implementation, blockNumber)) : target;
}

async function verdictOf(client: AnyClient, { policy, action, blockNumber }: AssessmentParameters) {
  const { target, value, data } = action;
  const nothing = { kind: ProposalKind.Upgrade as ProposalKind, before: zeroHash as Hex, refusal: null };
  if (value !== 0n) return nothing;
  const selector = selectorOf(data);
  const rule = { address: policy, abi: proposalPolicyAbi, functionName: 'getAction', blockNumber } as const;
  const [registered, validator] = (await onChain(() =>
    readContract(client, { ...rule, args: [target, selector] } as never),
  )) as [number, Address];
  const kind = registered as ProposalKind;
  if (validator === zeroAddress) return { ...nothing, kind };
  const call = { address: validator, abi: validatorAbi, functionName: 'validate', args: [target, data], blockNumber };
  try {
    const [said, before] = (await onChain(() => readContract(client, call as never))) as [number, Hex];
    return { kind: strictestOf([kind, said as ProposalKind]), before, refusal: null };
  } catch (error) {
    if (!(error instanceof ContractRefusedError)) throw error;
    return { ...nothing, kind, refusal: error };
  }
}

/** As Solidity cuts it: with zeros behind when there are fewer than four bytes. */
const selectorOf = (data: Hex): Hex => pad(slice(data, 0, 4), { dir: 'right', size: 4 });

const pairHash = (a: Hex, b: Hex): Hex =>
  keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [a, b]));
