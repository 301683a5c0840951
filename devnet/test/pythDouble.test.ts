import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVNET_PRICE_KEYS, deployDoubles } from '@tidemark/deploy';
import { ContractRefusedError, onChain, pythAbi } from '@tidemark/sdk';
import { type Address, type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, type RunningChain, startChain } from '../src/chain.ts';
import { type PriceMessage, writeUpdate } from '../src/feeds/accumulatorWriter.ts';
import { freePort } from './stage.ts';

// The devnet's own writer against the devnet's own verifier: what one signs, the other reads, and nothing else.

const START = 1_700_000_000;
const folder = mkdtempSync(join(tmpdir(), 'tidemark-writer-'));
const message = (i: number): PriceMessage => ({
  id: keccak256(toHex(i)),
  price: 2000_00000000n + BigInt(i),
  confidence: 10n ** 6n,
  expo: -8,
  publishTime: START + i,
  prevPublishTime: START + i - 1,
});
const messages = (count: number) => Array.from({ length: count }, (_, i) => message(i));

let chain: RunningChain;
let client: ReturnType<typeof connect<typeof ACCOUNTS.admin>>;
let address: Address;

beforeAll(async () => {
  chain = await startChain(await freePort(), join(folder, 'chain.json'), START + 100);
  client = connect(chain.rpc, ACCOUNTS.admin);
  const [feeder, faucet] = [ACCOUNTS.feeder.address, ACCOUNTS.faucet.address];
  ({ pyth: address } = await deployDoubles(client, [], feeder, faucet, BigInt(START)));
}, 60_000);

afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true });
});

/** What the contract reads of feeds in an update. */
async function read(update: Hex, ids: readonly Hex[]) {
  const args = [[update], ids, BigInt(START), BigInt(START + 100), false, true, false] as const;
  const call = { address, abi: pythAbi, functionName: 'parsePriceFeedUpdatesWithConfig', args } as const;
  const { result } = await onChain(() => client.simulateContract({ ...call, value: BigInt(ids.length) }));
  return result[0];
}

describe('an update of the devnet', () => {
  it.each([1, 2, 3, 4, 5, 8])('with %i messages is read as it was written', async (count) => {
    const written = messages(count);
    const feeds = await read(
      await writeUpdate(written),
      written.map(({ id }) => id),
    );
    expect(feeds.map(({ id, price }) => ({ id, ...price }))).toEqual(
      written.map(({ id, price, confidence: conf, expo, publishTime }) => ({
        id,
        price,
        conf,
        expo,
        publishTime: BigInt(publishTime),
      })),
    );
  });

  it('is stored, and told again', async () => {
    const { id, price, confidence: conf } = message(3);
    const update = await writeUpdate(messages(4));
    const hash = await client.writeContract({
      address,
      abi: pythAbi,
      functionName: 'updatePriceFeeds',
      args: [[update]],
      value: 4n,
    });
    expect((await client.waitForTransactionReceipt({ hash })).status).toBe('success');
    const call = { address, abi: pythAbi, functionName: 'getPriceUnsafe', args: [id] } as const;
    expect(await client.readContract(call)).toEqual({ price, conf, expo: -8, publishTime: BigInt(START + 3) });
  });

  it.each([
    ['two signers', DEVNET_PRICE_KEYS.slice(0, 2)],
    ['the right signers in a wrong order', [1, 0, 2].map((i) => DEVNET_PRICE_KEYS[i] as Hex)],
    ['one signer three times', [0, 0, 0].map((i) => DEVNET_PRICE_KEYS[i] as Hex)],
  ])('signed by %s is refused', async (_, keys) => {
    const [one] = messages(1) as [PriceMessage];
    const error = await read(await writeUpdate([one], keys), [one.id]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ContractRefusedError);
    expect(error.error).toBe('InvalidWormholeVaa');
  });

  it('cut short by a byte is refused', async () => {
    const [one] = messages(1) as [PriceMessage];
    const update = await writeUpdate([one]);
    const error = await read(update.slice(0, -2) as Hex, [one.id]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ContractRefusedError);
    expect(error.error).toBe('InvalidUpdateData');
  });
});
