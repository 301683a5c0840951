import { parseEngineEvents, positionLiquidationOf, settlementOf } from '@tidemark/sdk';
import { type Address, getAddress, type Hash, isAddressEqual } from 'viem';
import { getBalance, getBlock, getLogs, getTransactionReceipt } from 'viem/actions';
import type { World } from './world.ts';

/** What a keeper did, by the chain. Costs in wei, rewards in USD with 18 decimals. */
export interface Account {
  readonly address: Address;
  sent: number;
  reverted: number;
  /** Fees of orders, and rewards of liquidations. */
  fees: bigint;
  rewards: bigint;
  l2: bigint;
  l1: bigint;
  /** Of the two before, what was spent on transactions that reverted. */
  lostL2: bigint;
  lostL1: bigint;
}

/** Reads from the chain what each keeper earned and spent from a block on. */
export async function readLedger(world: World, keepers: readonly Address[], firstBlock: bigint): Promise<Account[]> {
  const { admin, deployment, block: last } = world.stage;
  const { engine } = deployment;
  const accounts = keepers.map((address): Account => {
    const none = { fees: 0n, rewards: 0n, l2: 0n, l1: 0n, lostL2: 0n, lostL1: 0n };
    return { address: getAddress(address), sent: 0, reverted: 0, ...none };
  });
  const of = (who: Address) => accounts.find(({ address }) => isAddressEqual(address, who));
  const senders = new Map<Hash, Account>();
  for (let number = firstBlock; number <= last; number++) {
    const { transactions } = await getBlock(admin, { blockNumber: number, includeTransactions: true });
    const own = transactions.filter(({ from }) => of(from) !== undefined);
    for (const account of accounts) {
      const sent = own.filter(({ from }) => isAddressEqual(from, account.address));
      if (sent.length === 0) continue;
      const receipts = await Promise.all(sent.map(({ hash }) => getTransactionReceipt(admin, { hash })));
      const [before, after] = await Promise.all(
        [number - 1n, number].map((blockNumber) => getBalance(admin, { address: account.address, blockNumber })),
      );
      let spent = (before ?? 0n) - (after ?? 0n);
      let bytes = 0;
      let lostBytes = 0;
      for (const [i, { gasUsed, effectiveGasPrice, status }] of receipts.entries()) {
        const { hash, input, value } = sent[i] as (typeof sent)[number];
        senders.set(hash, account);
        const fee = gasUsed * effectiveGasPrice;
        account.sent++;
        account.l2 += fee;
        spent -= fee;
        bytes += input.length;
        if (status === 'success') spent -= value;
        else {
          account.reverted++;
          account.lostL2 += fee;
          lostBytes += input.length;
        }
      }
      // Receipts do not tell the fee for L1's data: it is what is left of the balance's change, shared by length.
      account.l1 += spent;
      account.lostL1 += bytes === 0 ? 0n : (spent * BigInt(lostBytes)) / BigInt(bytes);
    }
  }
  const logs = await getLogs(admin, { address: engine, fromBlock: firstBlock, toBlock: last });
  for (const { eventName, args, transactionHash } of parseEngineEvents({ engine, logs })) {
    if (eventName === 'BatchesSettled') {
      const account = of(args.keeper);
      if (account) account.fees += settlementOf(args.cash).fees;
    } else if (eventName === 'PositionLiquidated') {
      const account = senders.get(transactionHash);
      if (account) account.rewards += positionLiquidationOf(args).account?.reward ?? 0n;
    }
  }
  return accounts;
}

/** In USD. @param ether USD, 8 decimals. */
export function inUsd(wei: bigint, ether: bigint): number {
  return Number((wei * ether) / 10n ** 18n) / 1e8;
}

/** USD with 18 decimals as a number. */
export const usd = (wad: bigint): number => Number(wad / 10n ** 12n) / 1e6;

/** Of all keepers: what reverts cost against what was earned, both in USD. */
export function summary(accounts: readonly Account[], ether: bigint) {
  const sum = (of: (account: Account) => bigint) => accounts.reduce((total, account) => total + of(account), 0n);
  const rewards = usd(sum(({ fees, rewards }) => fees + rewards));
  const reverts = inUsd(
    sum(({ lostL2, lostL1 }) => lostL2 + lostL1),
    ether,
  );
  return {
    rewardsUsd: rewards,
    revertsUsd: reverts,
    share: rewards === 0 ? 0 : reverts / rewards,
    costUsd: inUsd(
      sum(({ l1, l2 }) => l1 + l2),
      ether,
    ),
  };
}
