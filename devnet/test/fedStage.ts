import {
  accountId,
  commit,
  derivativesEngineAbi,
  getUpdateFee,
  marketOrder,
  onChain,
  packOrder,
  settle,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { chainlinkFeeder, fedAggregators, uptimeFeeder, usdcFeeder } from '../src/feeder.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { type Stage, setStage } from './stage.ts';

export const ETH = 0n;
export const UNIT = 10n ** 12n;

/** An update brought along, and its fee. */
export interface Brought {
  readonly update: readonly Hex[];
  readonly value: bigint;
}

/** A stage with feeders, and a trader on it who is long. */
export interface FedStage {
  readonly stage: Stage;
  readonly client: ReturnType<typeof connect<(typeof ACCOUNTS.traders)[0]>>;
  readonly keeper: ReturnType<typeof connect<typeof ACCOUNTS.keeper>>;
  /** Makes blocks, and lets the feeders write after each. */
  turns(count: number): Promise<void>;
  /** What the price service serves now. */
  served(): Promise<Brought>;
  /**
   * Commits an order of one of the trader's accounts and makes blocks until its price is published.
   * @param sub The account's number; the first unless told.
   * @returns The call that settles it.
   */
  order(sizeDelta: bigint, sub?: bigint): Promise<settle.Parameters>;
  /** What the contracts say of each, at what is served now unless told otherwise. */
  readonly attempt: {
    settle(call: settle.Parameters): Promise<unknown>;
    close(brought?: Brought): Promise<unknown>;
    withdraw(brought?: Brought): Promise<unknown>;
  };
}

export async function setFedStage(source: PriceSource): Promise<FedStage> {
  const stage = await setStage(source);
  const { state, faults, deployment } = stage;
  const [trader] = ACCOUNTS.traders;
  const account = accountId(trader.address);
  const client = connect(stage.rpc, trader);
  const keeper = connect(stage.rpc, ACCOUNTS.keeper);
  const feeder = connect(stage.rpc, ACCOUNTS.feeder);
  const chainlink = chainlinkFeeder(feeder, source, fedAggregators(state), faults);
  const uptime = uptimeFeeder(feeder, state, faults);
  const usdc = usdcFeeder(feeder, state.doubles.usdcFeed.aggregator, faults);
  const engine = { address: deployment.engine, abi: derivativesEngineAbi };

  const served = async () => {
    const id = deployment.markets[0]?.feedId;
    const response = await fetch(`${stage.prices}/v2/updates/price/latest?ids[]=${id}`);
    const { binary } = (await response.json()) as { binary: { data: string[] } };
    const update: [Hex] = [`0x${binary.data[0]}`];
    return { update, value: await getUpdateFee(stage.admin, { pyth: deployment.pyth, update }) };
  };

  const fed: FedStage = {
    stage,
    client,
    keeper,
    served,
    async turns(count) {
      for (let i = 0; i < count; i++) {
        await stage.mine();
        await chainlink(Number(stage.now));
        await uptime(Number(stage.now));
        await usdc(Number(stage.now));
      }
    },
    async order(sizeDelta, sub) {
      const order = marketOrder({ account: accountId(trader.address, sub), sizeDelta });
      await commit(client, { engine: deployment.engine, market: ETH, orders: [order], gas: 500_000n });
      await stage.mine();
      await stage.mine();
      const batches = [[packOrder(order)]];
      return { engine: deployment.engine, market: ETH, batches, ...(await served()), gas: 3_000_000n };
    },
    attempt: {
      settle: ({ batches, update, value }) =>
        onChain(() =>
          keeper.simulateContract({ ...engine, functionName: 'settle', args: [ETH, batches, update], value }),
        ),
      async close(brought) {
        const { update, value } = brought ?? (await served());
        const args = [account, ETH, UNIT, 0n, update] as const;
        return onChain(() => client.simulateContract({ ...engine, functionName: 'closeNow', args, value }));
      },
      async withdraw(brought) {
        const { update, value } = brought ?? (await served());
        const args = [account, 1n, trader.address, update] as const;
        return onChain(() => client.simulateContract({ ...engine, functionName: 'withdraw', args, value }));
      },
    },
  };
  // A new chain trades at once: its sequencer is up since longer than the grace.
  await settle(keeper, await fed.order(UNIT));
  await stage.mine();
  return fed;
}
