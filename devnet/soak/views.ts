import { type AnyClient, derivativesEngineAbi, type Position, riskManagerAbi, withOrders } from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import { multicall } from 'viem/actions';

/** An account at the newest block. */
export interface AccountView {
  readonly id: Hex;
  /** Orders that can still be settled. */
  readonly pending: number;
  /** USD, 18 decimals, as equity and maintenance at the stored indices. */
  readonly margin: bigint;
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly positions: readonly Pick<Position, 'size' | 'generation'>[];
}

/** Bytes of calls in one request: what they answer counts as a contract's code, of 24,576 at most. */
const BATCH = 1_500;

/** Seconds within which a commit has to be settled; as INCLUSION_WINDOW. What has expired still shows in the account. */
const WINDOW = 60;

/** Reads every account and the index of every market at the newest block. Prices: USD per base unit, 18 decimals. */
export async function readViews(
  client: AnyClient,
  { engine, riskManager, markets }: { engine: Address; riskManager: Address; markets: number },
  accounts: readonly Hex[],
  now: number,
): Promise<{ views: AccountView[]; indices: bigint[] }> {
  const ids = Array.from({ length: markets }, (_, id) => BigInt(id));
  const on = { address: engine, abi: derivativesEngineAbi } as const;
  const contracts = [
    ...ids.map((id) => ({ ...on, functionName: 'getMarket', args: [id] }) as const),
    ...accounts.flatMap((account) => [
      { ...on, functionName: 'getAccount', args: [account] } as const,
      { address: riskManager, abi: riskManagerAbi, functionName: 'getHealth', args: [account] } as const,
      ...ids.map((id) => ({ ...on, functionName: 'getPosition', args: [account, id] }) as const),
    ]),
  ];
  const account = client.account?.address;
  const options = { deployless: true, allowFailure: false, batchSize: BATCH, ...(account && { account }) } as const;
  const found = (await multicall(client, { contracts, ...options } as never)) as unknown as readonly unknown[];
  const indices = ids.map((_, i) => (found[i] as { index: bigint }).index);
  const each = 2 + markets;
  const views = accounts.map((id, i): AccountView => {
    const [stored, health, ...positions] = found.slice(markets + i * each, markets + (i + 1) * each) as unknown as [
      { margin: bigint; orders: number; committedAt: number },
      { equity: bigint; maintenanceMargin: bigint },
      ...{ size: bigint; generation: number }[],
    ];
    return {
      id,
      pending: now > stored.committedAt + WINDOW ? 0 : withOrders(stored).pending,
      margin: stored.margin,
      equity: health.equity,
      maintenance: health.maintenanceMargin,
      positions: positions.map(({ size, generation }) => ({ size, generation: BigInt(generation) })),
    };
  });
  return { views, indices };
}
