import { BaseError, stringToHex } from 'viem';

/** A refusal of the model, with the name and the arguments of the contract's custom error. */
export class ModelError extends BaseError {
  override name = 'ModelError';
  constructor(
    readonly errorName: string,
    readonly args: readonly (bigint | boolean | string)[] = [],
  ) {
    super(`The exchange would refuse: ${errorName}(${args.join(', ')}). Change what the error's arguments name.`);
  }
}

/** What the engine would refuse with: the name and the arguments of its custom error. */
export interface Refusal {
  name: string;
  args: readonly (bigint | boolean | string)[];
}

/** A calculation's result, or the refusal it ends in. Every other error is thrown on. */
export function attempt<T>(calculate: () => T): { result: T; refusal: null } | { result: null; refusal: Refusal } {
  try {
    return { result: calculate(), refusal: null };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { result: null, refusal: { name: error.errorName, args: error.args } };
  }
}

/** Solidity's checked arithmetic overflowed or went below zero. */
export function arithmeticPanic(): ModelError {
  return new ModelError('Panic', [0x11n]);
}

/** a · b in 256 bits. @throws {ModelError} Panic on overflow. */
export function checkedMul(a: bigint, b: bigint): bigint {
  const product = a * b;
  if (product >= 2n ** 256n) throw arithmeticPanic();
  return product;
}

/** a − b of unsigned values. @throws {ModelError} Panic below zero. */
export function checkedSub(a: bigint, b: bigint): bigint {
  if (b > a) throw arithmeticPanic();
  return a - b;
}

/** A parameter beyond its bound. */
export function outOfBounds(name: string, value: bigint, limit: bigint): ModelError {
  return new ModelError('ParameterOutOfBounds', [stringToHex(name, { size: 32 }), value, limit]);
}
