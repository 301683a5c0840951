import { type AnyClient, onChain, RpcUnreachableError } from '@tidemark/sdk';
import { type Address, type Hex, hexToBytes, numberToHex, toFunctionSelector } from 'viem';
import { call } from 'viem/actions';
import { fastLzLength } from './fastLz.ts';

/** What an OP Stack chain charges beside gas, at one block. All zero on other chains. */
export interface L1Prices {
  /** Wei per gas of L1. */
  readonly baseFee: bigint;
  readonly blobBaseFee: bigint;
  /** 6 decimals. */
  readonly baseFeeScalar: bigint;
  readonly blobBaseFeeScalar: bigint;
  /** Of the operator's fee: 6 decimals, and wei. */
  readonly operatorScalar: bigint;
  readonly operatorConstant: bigint;
}

export const NO_L1_PRICES: L1Prices = {
  baseFee: 0n,
  blobBaseFee: 0n,
  baseFeeScalar: 0n,
  blobBaseFeeScalar: 0n,
  operatorScalar: 0n,
  operatorConstant: 0n,
};

/** OP Stack's predeploy of what is known of L1, and its slots of the prices. */
export const L1_BLOCK: Address = '0x4200000000000000000000000000000000000015';
const [BASE_FEE, SCALARS, BLOB_BASE_FEE, OPERATOR] = [1, 3, 7, 8];
const GAS_PRICE_ORACLE: Address = '0x420000000000000000000000000000000000000F';
const IS_JOVIAN = toFunctionSelector('isJovian()');
/** Jovian takes the operator's scalar a hundredfold, without its 6 decimals. */
const JOVIAN = 10n ** 8n;

/** Fjord's regression of the compressed size: https://specs.optimism.io/protocol/fjord/exec-engine.html. 6 decimals. */
const LEAST_SIZE = 100_000_000n;
const INTERCEPT = -42_585_600n;
const PER_BYTE = 836_500n;

/** Wei that the data of a signed, serialised transaction costs, as the chain computes it. */
export function l1FeeOf(transaction: Hex, prices: L1Prices): bigint {
  const length = BigInt(fastLzLength(hexToBytes(transaction)));
  const estimate = INTERCEPT + PER_BYTE * length;
  const size = estimate > LEAST_SIZE ? estimate : LEAST_SIZE;
  const { baseFee, blobBaseFee, baseFeeScalar, blobBaseFeeScalar } = prices;
  return (size * (16n * baseFeeScalar * baseFee + blobBaseFeeScalar * blobBaseFee)) / 10n ** 12n;
}

/** Wei that the chain's operator takes for gas. */
export function operatorFeeOf(gas: bigint, { operatorScalar, operatorConstant }: L1Prices): bigint {
  return (gas * operatorScalar) / 1_000_000n + operatorConstant;
}

/**
 * Reads what the chain charges from the slots that its clients read themselves when they charge, so that it holds with the
 * predeploy's code and without.
 * @throws {TidemarkError}
 */
export async function getL1Prices(client: AnyClient): Promise<L1Prices> {
  const slots = [BASE_FEE, SCALARS, BLOB_BASE_FEE, OPERATOR].map((slot) =>
    onChain(() =>
      client.request({ method: 'eth_getStorageAt', params: [L1_BLOCK, numberToHex(slot), 'latest'] } as never),
    ),
  );
  const [baseFee = 0n, scalars = 0n, blobBaseFee = 0n, operator = 0n] = (await Promise.all(slots)).map((word) =>
    BigInt((word as Hex | null) ?? 0),
  );
  return {
    baseFee,
    blobBaseFee,
    blobBaseFeeScalar: BigInt.asUintN(32, scalars >> 64n),
    baseFeeScalar: BigInt.asUintN(32, scalars >> 96n),
    operatorConstant: BigInt.asUintN(64, operator),
    operatorScalar: BigInt.asUintN(32, operator >> 64n) * (operator === 0n || !(await isJovian(client)) ? 1n : JOVIAN),
  };
}

/** By what the chain says of itself; one that says nothing charges as since Isthmus. */
async function isJovian(client: AnyClient): Promise<boolean> {
  const { data } = await onChain(() => call(client, { to: GAS_PRICE_ORACLE, data: IS_JOVIAN })).catch((error) => {
    if (error instanceof RpcUnreachableError) throw error;
    return { data: undefined };
  });
  return data !== undefined && BigInt(data) === 1n;
}
