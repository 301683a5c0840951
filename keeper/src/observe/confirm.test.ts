import { accountId, ContractRefusedError, RpcUnreachableError } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import type { Endangered } from '../plan/endangered.ts';
import { at, long, OWNER, snapshot, USD } from '../plan/fixtures.ts';
import { confirm } from './confirm.ts';
import type { Reader } from './reader.ts';

const riskManager = `0x${'11'.repeat(20)}` as const;
const id = (n: number) => accountId(OWNER, BigInt(n));

const found = (count: number): Endangered[] => {
  const accounts = Array.from({ length: count }, (_, n) => long(USD, { id: id(n) }));
  return [...snapshot([at(0, { anchor: null })], { accounts }).endangered];
};

/** A contract that says of each account what this does. */
function asking(verdict: (account: Hex) => { due: boolean; closed: bigint; reward: bigint }) {
  const asked: unknown[] = [];
  const read = async ({ args: [account, prices] }: { args: [Hex, unknown] }) => {
    asked.push(prices);
    return [verdict(account), []];
  };
  return { asked, reader: { read } as unknown as Reader };
}

describe('confirming', () => {
  it('leaves whom the contract finds below maintenance, with its reward and whether a meter holds it up', async () => {
    const { reader } = asking((account) => ({
      due: account !== id(1),
      closed: account === id(2) ? 0n : 1n,
      reward: 7n * USD,
    }));
    const confirmed = await confirm(reader, { riskManager, found: found(3) });
    expect(confirmed.map(({ account, reward, metered }) => [account.id, reward, metered])).toEqual([
      [id(0), 7n * USD, false],
      [id(2), 7n * USD, true],
    ]);
  });

  it('asks at the bands in doubt, but not whether the breach has lasted', async () => {
    const { asked, reader } = asking(() => ({ due: true, closed: 1n, reward: 0n }));
    const [one] = await confirm(reader, { riskManager, found: found(1) });
    expect(one?.state).toBe(3);
    expect(asked).toEqual([one?.prices.map((price) => ({ ...price, state: 0 }))]);
  });

  it('passes over an account that the contract refuses to judge, not over a chain that does not answer', async () => {
    const refused = new ContractRefusedError('PriceCountMismatch', [], { what: 'No.', next: 'No.' });
    const refusing = asking((account) => {
      if (account === id(0)) throw refused;
      return { due: true, closed: 1n, reward: 0n };
    });
    expect(await confirm(refusing.reader, { riskManager, found: found(2) })).toHaveLength(1);
    const lost = asking(() => {
      throw new RpcUnreachableError(undefined);
    });
    await expect(confirm(lost.reader, { riskManager, found: found(1) })).rejects.toBeInstanceOf(RpcUnreachableError);
  });

  it('asks of no more than a block can liquidate, and of nobody without a contract to ask', async () => {
    const { asked, reader } = asking(() => ({ due: true, closed: 1n, reward: 0n }));
    expect(await confirm(reader, { riskManager, found: found(300) })).toHaveLength(256);
    expect(asked).toHaveLength(256);
    expect(await confirm(reader, { riskManager: undefined, found: found(2) })).toHaveLength(2);
    expect(asked).toHaveLength(256);
  });
});
