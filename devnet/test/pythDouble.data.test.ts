import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployContract, readArtifact } from '@tidemark/deploy';
import { decodeAccumulatorUpdate, onChain, pythAbi } from '@tidemark/sdk';
import type { Address } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MainnetUpdate, readMainnetUpdates } from '../../sdk/test/mainnetUpdates.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, type RunningChain, startChain } from '../src/chain.ts';
import { freePort } from './stage.ts';

/** Of 19 guardians. */
const QUORUM = 13;
const FEE = 1n;
const EVER = 2n ** 64n - 1n;

const { sound, priceless, altered, guardians, emitter, emitterChain } = readMainnetUpdates();
const folder = mkdtempSync(join(tmpdir(), 'tidemark-pyth-'));

let chain: RunningChain;
let client: ReturnType<typeof connect<typeof ACCOUNTS.admin>>;
/** One for each guardian set, trusting the guardians that really signed. */
const pyths = new Map<number, Address>();

beforeAll(async () => {
  chain = await startChain(await freePort(), join(folder, 'chain.json'), 1_700_000_000);
  client = connect(chain.rpc, ACCOUNTS.admin);
  for (const guardianSetIndex of new Set(sound.map((update) => update.guardianSetIndex))) {
    const trust = {
      guardians: guardians.get(guardianSetIndex),
      quorum: QUORUM,
      guardianSetIndex,
      emitterChain,
      emitter,
    };
    pyths.set(guardianSetIndex, await deployContract(client, readArtifact('PythDouble'), [trust, FEE]));
  }
}, 120_000);

afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the contract reads in it, once it has verified signatures and proofs. */
function parse({ hex, feeds }: MainnetUpdate, guardianSetIndex: number) {
  const address = pyths.get(guardianSetIndex) as Address;
  const value = FEE * BigInt(feeds.length);
  const args = [[hex], feeds, 0n, EVER, false, true, false] as const;
  const call = { address, abi: pythAbi, functionName: 'parsePriceFeedUpdatesWithConfig', args, value } as const;
  return onChain(() => client.simulateContract(call));
}

describe('the double of Pyth, trusting the guardians', () => {
  it.each(sound)('reads in $name what was signed', async (update) => {
    const [feeds, slots] = (await parse(update, update.guardianSetIndex)).result;
    const { messages, slot } = decodeAccumulatorUpdate(update.hex);
    expect(feeds).toEqual(
      messages.map(({ id, price, confidence: conf, expo, publishTime, emaPrice, emaConfidence }) => ({
        id,
        price: { price, conf, expo, publishTime },
        emaPrice: { price: emaPrice, conf: emaConfidence, expo, publishTime },
      })),
    );
    expect(feeds.map(({ id, price: { conf: confidence, ...price } }) => ({ id, confidence, ...price }))).toEqual(
      update.prices.map(({ prevPublishTime, ...price }) => price),
    );
    expect(slots).toEqual(messages.map(() => slot));
  });

  it('refuses messages that are no prices, and an altered proof', async () => {
    for (const update of [priceless, altered]) {
      const parsing = parse(update, update.guardianSetIndex);
      await expect(parsing, update.name).rejects.toMatchObject({ error: 'InvalidUpdateData' });
    }
  });

  it('refuses what another set of guardians signed', async () => {
    for (const update of sound) {
      const other = [...pyths.keys()].find((set) => set !== update.guardianSetIndex) as number;
      await expect(parse(update, other), update.name).rejects.toMatchObject({ error: 'InvalidWormholeVaa' });
    }
  });
});
