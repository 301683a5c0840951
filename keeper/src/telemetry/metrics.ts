import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const LAGS_BLOCKS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 60, 120];
const LAGS_SECONDS = LAGS_BLOCKS.map((blocks) => 2 * blocks);

export type Metrics = ReturnType<typeof makeMetrics>;

/** Everything that a keeper tells Prometheus. The table of docs/operations.md is this, in the same order and words. */
export function makeMetrics() {
  const registry = new Registry();
  const common = (name: string, help: string) => ({ name: `tidemark_${name}`, help, registers: [registry] });
  const gauge = <L extends string = never>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge<L>({ ...common(name, help), labelNames });
  const counter = <L extends string = never>(name: string, help: string, ...labelNames: L[]) =>
    new Counter<L>({ ...common(name, help), labelNames });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ ...common(name, help), buckets });
  return {
    registry,
    // The keeper.
    block: gauge('block_number', 'The last block processed'),
    blockTime: gauge('block_timestamp_seconds', 'Its time'),
    blockAge: gauge('block_age_seconds', 'How long ago it was made; on a devnet, how long ago it was processed'),
    info: gauge('keeper_info', '1, with the chain and the keeper as labels', 'chain', 'address'),
    roleEnabled: gauge('role_enabled', '1 for a role that is switched on, else 0', 'role'),
    balance: gauge('keeper_balance_eth', 'Ether that the keeper has for gas and price fees'),
    rpcUp: gauge('rpc_up', '1 for an RPC that serves, else 0', 'rpc'),
    priceSourceUp: gauge('price_source_up', '1 for a price service that serves, else 0', 'source'),
    orderServiceUp: gauge('order_service_up', '1 for an order service that serves, else 0', 'service'),
    reorgs: counter('reorgs_total', 'Reorgs that the keeper went through'),
    troubles: counter('troubles_total', 'Looks at the chain that failed'),
    // What it does.
    actions: counter(
      'actions_total',
      'Actions by what came of them: sent, included, reverted, replaced, refused, unprofitable, would',
      'role',
      'outcome',
    ),
    unprofitable: gauge(
      'unprofitable_actions',
      'Actions that are left undone now, since they would cost more than they bring',
      'role',
    ),
    gasUsed: counter('gas_used_total', 'Gas of included transactions, reverted ones too', 'role'),
    fees: counter(
      'fees_eth_total',
      'What they paid, by layer and by whether they reverted',
      'role',
      'layer',
      'outcome',
    ),
    costs: counter('costs_usd_total', 'The same in USD, at the price of ether then', 'role', 'layer', 'outcome'),
    rewards: counter('rewards_usd_total', 'What they brought', 'role'),
    settledOrders: counter('settled_orders_total', 'Orders in the settlements of this keeper that were included'),
    orderL1Fee: gauge('order_l1_fee_eth', "L1 data fee of the last settlement, each of its orders' part"),
    baseFee: gauge('base_fee_eth', "The last block's base fee, for each unit of gas"),
    ethPrice: gauge('eth_price_usd', 'Index of the market that the engine names for ether; 0 when it names none'),
    // Prices.
    oracleAge: gauge(
      'oracle_age_seconds',
      'Chain time since the newest price of a source: service (signed, as served), pyth (as stored), chainlink; infinite before the first',
      'market',
      'source',
    ),
    oracleState: gauge(
      'oracle_state',
      '0 Normal, 1 Strained, 2 Guarded, 3 Single, 4 Fallback, 5 Halted, 6 SequencerDown',
      'market',
    ),
    sequencerUp: gauge('sequencer_up', '0 while the oracle finds the sequencer down or back for too short, else 1'),
    offPeg: gauge('usdc_off_peg', '1 while the engine holds USDC to be off its peg'),
    indexAge: gauge('index_age_seconds', 'Chain time since the index of a market was published', 'market'),
    // Orders.
    ordersWaiting: gauge('orders_waiting', 'Committed orders that wait for their settlement', 'market'),
    settlementWaiting: gauge(
      'settlement_waiting_seconds',
      'Chain time since the oldest of them was committed',
      'market',
    ),
    settlementLagBlocks: histogram(
      'settlement_lag_blocks',
      'Blocks from the commit of an order to its settlement, by whichever keeper',
      LAGS_BLOCKS,
    ),
    settlementLagSeconds: histogram('settlement_lag_seconds', 'The same in chain time', LAGS_SECONDS),
    expiredBatches: counter('expired_batches_total', 'Committed batches that nobody settled in time'),
    signedOrders: gauge('signed_orders_waiting', 'Signed orders that wait for their trigger'),
    // Liquidations.
    liquidationsWaiting: gauge('liquidations_waiting', 'Accounts that can be liquidated'),
    liquidationWaiting: gauge('liquidation_waiting_blocks', 'Blocks since the first of them could be'),
    liquidationLag: histogram(
      'liquidation_lag_blocks',
      'Blocks from the one in which an account could be liquidated to its liquidation, by whichever keeper',
      LAGS_BLOCKS,
    ),
    // The books.
    solvency: gauge('solvency_usd', "Terms of the engine's books as solvency() names them", 'term'),
    surplus: gauge('solvency_surplus_usd', "The engine's balance less its custody: never below 0"),
    openInterest: gauge('open_interest_usd', "A side's open interest at the index", 'market', 'side'),
    insuranceRatio: gauge(
      'insurance_ratio',
      'Insurance over the open interest of both sides in all markets; infinite while there is none',
    ),
    // Governance.
    pauseLevel: gauge('pause_level', '0 none, 1 and 2 as the engine has them'),
    privilegedAge: gauge(
      'privileged_event_age_seconds',
      'Chain time since a contract last told a change of roles or code; infinite when none is known',
      'contract',
      'event',
    ),
    proposalsWaiting: gauge('proposals_waiting', 'Proposals that passed and wait', 'waits'),
  };
}
