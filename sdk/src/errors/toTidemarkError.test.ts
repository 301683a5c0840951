import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AbiParameter,
  BaseError,
  createPublicClient,
  encodeErrorResult,
  type Hex,
  HttpRequestError,
  http,
  RawContractError,
  zeroAddress,
} from 'viem';
import { getBlockNumber, readContract } from 'viem/actions';
import { afterEach, describe, expect, it } from 'vitest';
import * as abis from '../abi/index.ts';
import { FAILURES, failureName } from './failures.ts';
import { describeOrderRefusal, ORDER_REFUSALS, orderRefusalName } from './orderRefusals.ts';
import { REFUSALS } from './refusals.ts';
import { ContractRefusedError, RpcFailedError, RpcUnreachableError, UnknownRevertError } from './tidemarkError.ts';
import { onChain, toTidemarkError } from './toTidemarkError.ts';

type AbiError = { type: 'error'; name: string; inputs: readonly AbiParameter[] };
const errors = new Map<string, AbiError>();
for (const abi of Object.values(abis)) {
  for (const item of abi) if (item.type === 'error') errors.set(item.name, item as AbiError);
}

function example({ type }: AbiParameter): unknown {
  if (type === 'address') return zeroAddress;
  if (type === 'string') return 'name';
  if (type === 'bytes4') return '0x12345678';
  if (type === 'bytes32') return `0x${Buffer.from('name').toString('hex').padEnd(64, '0')}`;
  return /^u?int(8|16|24|32|40|48)$/.test(type) ? 1 : 1n;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function answering(body: (id: number) => unknown, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body(JSON.parse(text).id)));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const client = (url: string) => createPublicClient({ transport: http(url, { retryCount: 0, timeout: 2_000 }) });

function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  return onChain(call).then(
    () => expect.fail('nothing was thrown'),
    (error) => error,
  );
}

const reverting = (data: Hex) =>
  answering((id) => ({ jsonrpc: '2.0', id, error: { code: 3, message: 'execution reverted', data } }));

const readPool = (url: string) =>
  readContract(client(url), { address: zeroAddress, abi: abis.derivativesEngineAbi, functionName: 'getPool' });

describe('refusals', () => {
  it.each([...errors.keys()])('%s is described with a cause and a next step', (name) => {
    const { inputs = [] } = errors.get(name) as AbiError;
    const describe = REFUSALS[name];
    expect(describe, `no sentence for ${name}`).toBeDefined();
    const sentence = describe?.(...inputs.map(example));
    expect(sentence?.what).toMatch(/^[A-Z0-9$].*\.$/);
    expect(sentence?.next).toMatch(/^[A-Z].*\.$/);
    expect(`${sentence?.what} ${sentence?.next}`).not.toMatch(/undefined|\[object|NaN/);
  });

  it('names every failure of an order', () => {
    for (const [reason, name] of FAILURES.entries()) expect(failureName(reason)).toBe(name);
    expect(() => failureName(FAILURES.length)).toThrow(RangeError);
  });

  it.each([...ORDER_REFUSALS.entries()])('%s, %s, is described as the refusal of an order', (reason, name) => {
    expect(orderRefusalName(reason)).toBe(name);
    const { what, next } = describeOrderRefusal(reason, 4_000n, 20n);
    expect(REFUSALS.OrderRefused?.(reason, 4_000n, 20n)).toMatchObject({ what, next });
    expect(what).toMatch(/^[A-Z0-9$].*\.$/);
    expect(next).toMatch(/^[A-Z].*\.$/);
  });

  it('knows no refusal beyond the last', () => {
    expect(() => orderRefusalName(ORDER_REFUSALS.length)).toThrow(RangeError);
  });

  it('decodes the custom error that a call reverted with', async () => {
    const data = encodeErrorResult({
      abi: abis.derivativesEngineAbi,
      errorName: 'MarginTooLow',
      args: [3n * 10n ** 18n, 4_000n * 10n ** 18n],
    });
    const url = await reverting(data);
    const error = (await thrownBy(() => readPool(url))) as ContractRefusedError;
    expect(error).toBeInstanceOf(ContractRefusedError);
    expect(error.error).toBe('MarginTooLow');
    expect(error.args).toEqual([3n * 10n ** 18n, 4_000n * 10n ** 18n]);
    expect(error.shortMessage).toContain('$3.00, $4,000.00 is needed');
    expect(error.line).not.toContain('\n');
  });

  it.each([...errors.keys()])('decodes %s', async (name) => {
    const item = errors.get(name) as AbiError;
    const data = encodeErrorResult({ abi: [item], errorName: name, args: (item.inputs ?? []).map(example) });
    const raw = new RawContractError({ data });
    expect(toTidemarkError(new BaseError('reverted', { cause: raw }))).toMatchObject({ error: name });
  });

  it('says so when the error is unknown', async () => {
    const url = await reverting('0xdeadbeef');
    expect(await thrownBy(() => readPool(url))).toBeInstanceOf(UnknownRevertError);
  });

  it('says so when there is no contract', async () => {
    const url = await answering((id) => ({ jsonrpc: '2.0', id, result: '0x' }));
    expect(await thrownBy(() => readPool(url))).toBeInstanceOf(UnknownRevertError);
  });
});

describe('a lost RPC', () => {
  it('is told when nothing listens', async () => {
    const url = await answering(() => ({}));
    for (const close of closers.splice(0)) close();
    const error = (await thrownBy(() => getBlockNumber(client(url)))) as RpcUnreachableError;
    expect(error).toBeInstanceOf(RpcUnreachableError);
    expect(error.retryable).toBe(true);
    expect(error.shortMessage).toContain(url);
  });

  it('is told when the endpoint is down behind its gateway', async () => {
    const url = await answering(() => ({}), 503);
    expect(await thrownBy(() => getBlockNumber(client(url)))).toBeInstanceOf(RpcUnreachableError);
  });

  it('differs from an endpoint that refuses', async () => {
    const url = await answering((id) => ({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } }));
    const error = await thrownBy(() => getBlockNumber(client(url)));
    expect(error).toBeInstanceOf(RpcFailedError);
    expect((error as RpcFailedError).retryable).toBe(false);
  });
});

describe('toTidemarkError', () => {
  it('leaves its own errors as they are', () => {
    const error = new RpcUnreachableError(new Error('x'));
    expect(toTidemarkError(error)).toBe(error);
  });

  it('tells of an endpoint the host alone', () => {
    const error = toTidemarkError(new HttpRequestError({ url: 'http://rpc/v2/s3cret', status: 503 }));
    expect((error as RpcUnreachableError).line).toContain("The chain's RPC at http://rpc does not answer.");
  });

  it('takes anything', () => {
    expect(toTidemarkError('text')).toBeInstanceOf(RpcFailedError);
    expect(toTidemarkError(new BaseError('x'))).toBeInstanceOf(RpcFailedError);
    expect(toTidemarkError(new HttpRequestError({ url: 'http://x', status: 401 }))).toBeInstanceOf(RpcFailedError);
  });
});
