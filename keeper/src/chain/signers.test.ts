import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type Hex,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerializableEIP1559,
} from 'viem';
import { privateKeyToAccount, sign } from 'viem/accounts';
import { afterEach, describe, expect, it } from 'vitest';
import { SignerError } from '../errors.ts';
import { digestSigner, remoteSigner } from './signers.ts';

const key = keccak256('0x01');
const account = privateKeyToAccount(key);
const stranger = privateKeyToAccount(keccak256('0x02'));
const transaction: TransactionSerializableEIP1559 = {
  type: 'eip1559',
  chainId: 10,
  nonce: 7,
  to: stranger.address,
  data: '0x1234',
  value: 5n,
  gas: 100_000n,
  maxFeePerGas: 3n,
  maxPriorityFeePerGas: 1n,
};
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

async function refusal(call: Promise<unknown>): Promise<SignerError> {
  const error = await call.then(
    () => expect.fail('it signed'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(SignerError);
  expect(error.line).not.toContain('\n');
  return error;
}

describe('digestSigner', () => {
  it.each([false, true])('finds the parity, and the lower half of s; the key gives the upper: %s', async (upper) => {
    const signer = digestSigner({
      address: account.address,
      sign: async (hash) => {
        const { r, s } = await sign({ hash, privateKey: key });
        return { r: BigInt(r), s: upper ? ORDER - BigInt(s) : BigInt(s) };
      },
    });
    for (let nonce = 0; nonce < 8; nonce++) {
      const asked = { ...transaction, nonce };
      expect(await signer.signTransaction(asked)).toBe(await account.signTransaction(asked));
    }
  });

  it('refuses what another key signed', async () => {
    const of = async (hash: Hex) => {
      const { r, s } = await sign({ hash, privateKey: key });
      return { r: BigInt(r), s: BigInt(s) };
    };
    await refusal(digestSigner({ address: stranger.address, sign: of }).signTransaction(transaction));
  });
});

describe('remoteSigner', () => {
  let server: Server;
  afterEach(() => server?.close());

  /** Answers `eth_signTransaction`. */
  async function serve(answer: (params: Record<string, string>) => Promise<object>): Promise<string> {
    server = createServer(async (request, response) => {
      const { id, method, params } = JSON.parse(await text(request));
      expect(method).toBe('eth_signTransaction');
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(await answer(params[0])) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('has a transaction signed as it is, whichever shape the answer has', async () => {
    for (const shape of [(raw: Hex) => raw, (raw: Hex) => ({ raw, tx: {} })]) {
      const url = await serve(async ({ from, nonce, gas, chainId }) => {
        expect([from, nonce, gas, chainId]).toEqual([account.address, '0x7', '0x186a0', '0xa']);
        return { result: shape(await account.signTransaction(transaction)) };
      });
      const signed = await remoteSigner({ url, address: account.address }).signTransaction(transaction);
      expect(await recoverTransactionAddress({ serializedTransaction: signed as `0x02${string}` })).toBe(
        account.address,
      );
      expect(parseTransaction(signed)).toMatchObject({ nonce: 7, to: stranger.address.toLowerCase(), value: 5n });
      server.close();
    }
  });

  it.each([
    ['another recipient', () => account.signTransaction({ ...transaction, to: account.address })],
    ['another nonce', () => account.signTransaction({ ...transaction, nonce: 8 })],
    ['more value', () => account.signTransaction({ ...transaction, value: 6n })],
    ['another chain', () => account.signTransaction({ ...transaction, chainId: 1 })],
    ['the signature of another key', () => stranger.signTransaction(transaction)],
    ['no transaction', async () => 'hunter2'],
  ])('refuses %s', async (_what, sign) => {
    const url = await serve(async () => ({ result: await sign() }));
    const { line } = await refusal(remoteSigner({ url, address: account.address }).signTransaction(transaction));
    expect(line).toContain('signed something else');
  });

  it('says what the signer refuses, and that it is silent', async () => {
    const url = await serve(async () => ({ error: { code: -32_000, message: 'no such account' } }));
    const signer = remoteSigner({ url: `${url}/hunter2`, address: account.address });
    const refused = await refusal(signer.signTransaction(transaction));
    expect(refused.line).toContain('no such account');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const silent = await refusal(signer.signTransaction(transaction));
    expect(silent.line).toContain(`The signer at ${url} does not answer`);
    expect(silent.line + refused.line).not.toContain('hunter2');
  });

  it('is not reached in the clear', () => {
    expect(() => remoteSigner({ url: 'http://signer.test', address: account.address })).toThrow(SignerError);
  });
});
