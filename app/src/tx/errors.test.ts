import { derivativesEngineAbi } from '@tidemark/sdk';
import {
  type Abi,
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  UserRejectedRequestError,
} from 'viem';
import { expect, test } from 'vitest';
import { explain, isRejection } from './errors.ts';

const abi: Abi = derivativesEngineAbi;
const sample: Record<string, unknown> = {
  address: `0x${'11'.repeat(20)}`,
  bytes32: `0x${'22'.repeat(32)}`,
  uint8: 2,
};

function revert(errorName: string, args: readonly unknown[]): Error {
  const data = encodeErrorResult({ abi, errorName, args });
  const reverted = new ContractFunctionRevertedError({ abi, data, functionName: 'solvency' });
  return new ContractFunctionExecutionError(reverted, { abi, functionName: 'solvency' });
}

for (const error of abi.filter((item) => item.type === 'error')) {
  test(`${error.name} has a cause and a next step of its own`, () => {
    const { reason, next } = explain(
      revert(
        error.name,
        error.inputs.map(({ type }) => sample[type] ?? 1n),
      ),
    );
    expect(reason).not.toMatch(/reverted/);
    expect(reason.length).toBeGreaterThan(10);
    expect(next.length).toBeGreaterThan(5);
  });
}

test('a refusal in the wallet is no failure', () => {
  expect(isRejection(new UserRejectedRequestError(new Error('no')))).toBe(true);
  expect(isRejection(Object.assign(new Error('no'), { code: 4001 }))).toBe(true);
  expect(isRejection(revert('ZeroSize', []))).toBe(false);
});

test('the page’s own errors keep their words', () => {
  expect(explain(new Error('No wallet. Connect one.')).reason).toBe('No wallet. Connect one.');
  expect(explain(new TypeError('Failed to fetch')).next).toBe('Check the connection and try again.');
});
