import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployContract, readArtifact } from '@tidemark/deploy';
import { decodeAccumulatorUpdate, onChain, pythAbi, type WormholeTrust } from '@tidemark/sdk';
import { type Address, encodePacked, type Hex, size } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MainnetUpdate, readMainnetUpdates } from '../../sdk/test/mainnetUpdates.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, type RunningChain, startChain } from '../src/chain.ts';
import { freePort } from './stage.ts';

const FEE = 1n;
const EVER = 2n ** 64n - 1n;

const { sound, priceless, altered, trustOf, upgrades } = await readMainnetUpdates();
const folder = mkdtempSync(join(tmpdir(), 'tidemark-pyth-'));

let chain: RunningChain;
let client: ReturnType<typeof connect<typeof ACCOUNTS.admin>>;
/** One for each guardian set, trusting the guardians that really signed. */
const pyths = new Map<number, Address>();

beforeAll(async () => {
  chain = await startChain(await freePort(), join(folder, 'chain.json'), 1_700_000_000);
  client = connect(chain.rpc, ACCOUNTS.admin);
  for (const guardianSetIndex of new Set(sound.map((update) => update.guardianSetIndex))) {
    pyths.set(guardianSetIndex, await deployPyth(trustOf(guardianSetIndex)));
  }
}, 120_000);

afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
});

const deployPyth = (trust: WormholeTrust) => deployContract(client, readArtifact('PythDouble'), [trust, FEE]);

/** What the contract reads in it, once it has verified signatures and proofs. */
function parse({ hex, feeds }: Pick<MainnetUpdate, 'hex' | 'feeds'>, address: Address) {
  const value = FEE * BigInt(feeds.length);
  const args = [[hex], feeds, 0n, EVER, false, true, false] as const;
  const call = { address, abi: pythAbi, functionName: 'parsePriceFeedUpdatesWithConfig', args, value } as const;
  return onChain(() => client.simulateContract(call));
}

const pythOf = (guardianSetIndex: number) => pyths.get(guardianSetIndex) as Address;

describe('the double of Pyth, trusting the guardians', () => {
  it.each(sound)('reads in $name what was signed', async (update) => {
    const [feeds, slots] = (await parse(update, pythOf(update.guardianSetIndex))).result;
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

  it('finds every upgrade of the guardians signed by those before', async () => {
    expect(upgrades).toHaveLength(7);
    for (const { vaa, by } of upgrades) {
      // Its payload is no price's, which is looked at once its signatures and its emitter have passed.
      const hex = asUpdate(vaa);
      const pyth = await deployPyth(by);
      await expect(parse({ hex, feeds: [] }, pyth)).rejects.toMatchObject({ error: 'InvalidUpdateData' });
      const stranger = await deployPyth({ ...by, guardians: by.guardians.map(() => ACCOUNTS.admin.address) });
      await expect(parse({ hex, feeds: [] }, stranger)).rejects.toMatchObject({ error: 'InvalidWormholeVaa' });
    }
  });

  it('refuses messages that are no prices, and an altered proof', async () => {
    for (const update of [priceless, altered]) {
      const parsing = parse(update, pythOf(update.guardianSetIndex));
      await expect(parsing, update.name).rejects.toMatchObject({ error: 'InvalidUpdateData' });
    }
  });

  it('refuses what another set of guardians signed', async () => {
    for (const update of sound) {
      const other = [...pyths.keys()].find((set) => set !== update.guardianSetIndex) as number;
      await expect(parse(update, pythOf(other)), update.name).rejects.toMatchObject({ error: 'InvalidWormholeVaa' });
    }
  });
});

/** A signed message in the frame of an update without messages. */
const asUpdate = (vaa: Hex): Hex =>
  encodePacked(
    ['string', 'uint8', 'uint8', 'uint8', 'uint8', 'uint16', 'bytes', 'uint8'],
    ['PNAU', 1, 0, 0, 0, size(vaa), vaa, 0],
  );
