// Kills the keeper and the chain's feeder by SIGKILL at seeded moments, starts them again, and checks the books: no order
// is lost, none is filled twice. Exits 1 when one is.
import { fileURLToPath } from 'node:url';
import { accountId, commit, derivativesEngineAbi, marketOrder, type OrderFields } from '@tidemark/sdk';
import { ACCOUNTS, privateKeyOf } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { generator } from '../src/traders.ts';
import { checkBooks } from './books.ts';
import { Mortal, type Told } from './mortal.ts';
import { setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const MOMENTS = 20;
const MOMENTS_IN_FLIGHT = 14;
const MAX_BLOCKS_A_ROUND = 20;
const seed = Number(process.argv[2] ?? 1);
const random = generator(seed);
const below = (n: number) => Math.floor(random() * n);

type Moment = 'sending' | 'sent' | 'turn' | 'included';

/** When to kill, in a seeded order: most with a settlement in flight. */
function momentsOfDeath(): Moment[] {
  const moments = Array.from({ length: MOMENTS }, (_, i): Moment => {
    if (i < MOMENTS_IN_FLIGHT) return i % 2 === 0 ? 'sent' : 'sending';
    return i % 2 === 0 ? 'turn' : 'included';
  });
  for (let i = moments.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [moments[i], moments[j]] = [moments[j] as Moment, moments[i] as Moment];
  }
  return moments;
}

const ending: (() => Promise<unknown>)[] = [];

async function main(): Promise<void> {
  const stage = await setStage(waveSource);
  ending.push(() => stage.end());
  const { deployment, rpc, admin } = stage;
  const firstBlock = stage.block;

  const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const keeper = new Mortal(
    [
      source('../../keeper/src/main.ts'),
      '--rpc',
      rpc,
      '--engine',
      deployment.engine,
      '--json',
      '--at-loss',
      'all',
      '--poll',
      '10',
    ].concat(['--vault', deployment.vault, '--prices', stage.prices]),
    { TIDEMARK_KEEPER_KEY: privateKeyOf(ACCOUNTS.keeper) },
  );
  const feeder = new Mortal([source('./feederProcess.ts'), rpc, stage.stateFile]);
  ending.push(
    () => keeper.kill(),
    () => feeder.kill(),
  );
  await Promise.all([keeper.start(), feeder.start()]);

  async function commitSome(): Promise<number> {
    let orders = 0;
    for (const trader of ACCOUNTS.traders) {
      const account = accountId(trader.address);
      const market = BigInt(below(deployment.markets.length));
      const unit = market === 0n ? 10n ** 11n : 3n * 10n ** 9n;
      const batch = Array.from({ length: 1 + below(3) }, (): OrderFields => {
        const size = unit * BigInt(1 + below(9));
        return marketOrder({ account, sizeDelta: below(2) === 0 ? size : -size });
      });
      await commit(connect(rpc, trader), { engine: deployment.engine, market, orders: batch, gas: 1_500_000n });
      orders += batch.length;
    }
    return orders;
  }

  let committed = 0;
  let inFlight = 0;
  for (const moment of momentsOfDeath()) {
    const isSettlement = ({ action }: Told) => action?.kind === 'settle';
    keeper.killWhen((told) => told.event === moment && (moment === 'turn' || isSettlement(told)));
    if (moment === 'sending' || moment === 'sent') inFlight++;
    const killFeeder = below(2) === 0;
    committed += await commitSome();
    await stage.mine();
    let left = 1n;
    for (let blocks = 0; left > 0n || keeper.isDoomed; blocks++) {
      if (blocks === MAX_BLOCKS_A_ROUND) {
        const last = keeper.told.slice(-6).map((told) => JSON.stringify(told));
        throw new Error(`${left} batches still wait after ${blocks} blocks.\n${last.join('\n')}`);
      }
      if (await keeper.waitForTurn(stage.block)) {
        if (killFeeder) {
          await feeder.kill();
          await feeder.start();
        }
        await keeper.start();
        continue;
      }
      await feeder.waitForTurn(stage.block);
      await stage.mine();
      left = await waiting();
    }
  }

  async function waiting(): Promise<bigint> {
    let left = 0n;
    for (const { id } of deployment.markets) {
      const { head, tail } = await admin.readContract({
        address: deployment.engine,
        abi: derivativesEngineAbi,
        functionName: 'getQueue',
        args: [BigInt(id)],
      });
      left += BigInt(tail - head);
    }
    return left;
  }

  if (keeper.kills < MOMENTS || inFlight < 10 || feeder.kills === 0) throw new Error('Too few were killed.');
  const books = await checkBooks(admin, { engine: deployment.engine, markets: deployment.markets.length, firstBlock });
  if (books.orders !== committed) throw new Error(`${books.orders} orders are on the chain, ${committed} were sent.`);
  const { filled, failed, batches } = books;
  console.log(
    `seed ${seed}: keeper killed ${keeper.kills} times (${inFlight} with a settlement in flight), feeder ${feeder.kills} times`,
  );
  console.log(`${committed} orders in ${batches} batches: ${filled} filled, ${failed} failed, each exactly once`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const end of ending.reverse()) await end();
}
