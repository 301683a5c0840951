import { expect, test } from 'vitest';
import { queryNames } from './names.ts';

test.each([
  ['Trade', 'trade', 'trades'],
  ['VaultDay', 'vaultDay', 'vaultDays'],
  ['ProtocolEntity', 'protocolEntity', 'protocolEntities'],
  ['OrderBatch', 'orderBatch', 'orderBatches'],
  ['MarketStatus', 'marketStatus', 'marketStatuses'],
  ['ProposalMetadata', 'proposalMetadata', 'proposalMetadata_collection'],
  ['MarketStats', 'marketStats', 'marketStats_collection'],
  ['NAVDay', 'navday', 'navdays'],
  ['ERC20Token', 'erc20Token', 'erc20Tokens'],
  ['Funding_rate', 'fundingRate', 'fundingRates'],
])('%s is asked as %s and %s', (name, one, many) => {
  expect(queryNames({ name })).toEqual({ one, many });
});
