import { derivativesEngineAbi, liquidityVaultAbi } from '@tidemark/sdk';
import { type Abi, type Address, encodeFunctionData, encodeFunctionResult, type Hex, numberToHex } from 'viem';
import { Chain } from '../../../sdk/test/differential/chain.ts';
import { step } from '../../../sdk/test/differential/compare.ts';
import { nextOperation } from '../../../sdk/test/differential/generate.ts';
import { Random } from '../../../sdk/test/differential/random.ts';
import { vast } from '../../../sdk/test/differential/scenes.ts';
import { ADMIN, deploy, type Operation, START, signed } from '../../../sdk/test/differential/world.ts';
import type { ComparedChain } from './compareIndex.ts';
import { marketsOf, type TimedLog } from './dayBooks.ts';
import { EngineSlots } from './engineSlots.ts';
import { RecordedChain } from './recordedChain.ts';
import type { ReadWord } from './storage.ts';

const DAY = 86_400n;
const engineAbi = derivativesEngineAbi as unknown as Abi;
const vaultAbi = liquidityVaultAbi as unknown as Abi;

export interface RandomHistory extends ComparedChain {
  readonly recorded: RecordedChain;
  readonly engine: Address;
  readonly vault: Address;
}

/**
 * Random operations of many accounts in many markets, by the contracts' own bytecode, and what they logged. The generator is
 * the differential fuzz's, and each operation's outcome is compared with the model, too.
 * @param artifacts Folder of the contracts as they are released.
 * @throws {DifferenceError}
 */
export async function randomHistory(
  artifacts: string,
  { operations, seed }: { readonly operations: number; readonly seed: number },
  onOperation: (done: number) => void = () => {},
): Promise<RandomHistory> {
  const recorded = new RecordedChain(START);
  const chain = await Chain.create(artifacts, { onLogs: (logs, time) => recorded.add(logs, time) });
  const { at, world: beginning } = await deploy(chain);
  let world = beginning;
  const read = wordsOf(chain);
  const ends = new Map<bigint, ReadWord>();
  let day = START - (START % DAY);

  const answer = async (to: Address, abi: Abi, functionName: string, args: readonly unknown[]) => {
    const call = await chain.call(to, abi, functionName, args, ADMIN, world.time);
    if ('refusal' in call) throw new Error(`${functionName} was refused: ${call.refusal.name}`);
    const data = encodeFunctionData({ abi, functionName, args: args as unknown[] });
    recorded.answerCall(to, data, encodeFunctionResult({ abi, functionName, result: call.result as never }));
  };
  const take = async (op: Operation) => {
    // What the day before left, once the clock passes its end.
    for (; world.time + op.wait >= day + DAY; day += DAY) ends.set(day + DAY, await kept(at, read));
    const taken = await step(chain, at, world, op, { storage: false });
    ({ world } = taken);
    if (op.name === 'listMarket' && !taken.report.refusal)
      await answer(at.engine, engineAbi, 'getMarket', [world.engine.marketCount - 1n]);
  };

  await answer(at.vault, vaultAbi, 'getVault', []);
  for (const op of vast().steps) await take(op);
  const random = new Random(seed);
  for (let i = 1; i <= operations; i++) {
    const mood = { volatility: i % 500 < 20 ? 0.1 : 0.004 };
    const next = () => signed(nextOperation(random, world, mood, []), at.engine);
    let op = await next();
    // Or all markets would have ended before the history has.
    const ends = () => op.name === 'scheduleSettlement' && random.chance(0.97);
    while (ends() || isOfTheVault(op)) op = await next();
    await take(op);
    onOperation(i);
  }
  // Fees that are not divided are told by no event.
  await take({ name: 'divideReserves', sender: ADMIN, args: [], wait: 0n });
  const { number, time } = recorded.head;
  return {
    recorded,
    engine: at.engine,
    vault: at.vault,
    block: BigInt(number),
    time,
    word: read,
    wordBefore: async (before) => ends.get(before) ?? null,
    logs: async () =>
      recorded.blocks.flatMap((block) =>
        block.logs
          .filter(({ address }) => address === at.engine)
          .map((log) => ({ ...log, time: block.time }) as unknown as TimedLog),
      ),
  };
}

/** On an exchange the vault alone redeems, and tells of it; here the admin may, too. */
const isOfTheVault = ({ name }: Operation): boolean => name === 'removeLiquidity' || name === 'payLiquidity';

/** Words as they are now. */
const wordsOf =
  (chain: Chain): ReadWord =>
  async (address, slot) => {
    const bytes = chain.state.wordsOf(address).get(numberToHex(slot, { size: 32 }));
    return bytes === undefined || bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}` as Hex);
  };

/** Keeps what the end of a day is compared by. */
async function kept(at: { engine: Address; vault: Address }, read: ReadWord): Promise<ReadWord> {
  const words = new Map<string, bigint>();
  const noting: ReadWord = async (address, slot) => {
    const word = await read(address, slot);
    words.set(`${address} ${slot}`, word);
    return word;
  };
  const noted = new EngineSlots(at, noting);
  await marketsOf(noted, await noted.totals());
  return async (address, slot) => {
    const word = words.get(`${address} ${slot}`);
    if (word === undefined) throw new Error(`The word ${slot} was not kept.`);
    return word;
  };
}
