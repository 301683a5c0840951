import { expect, test } from 'vitest';
import { ConfigInvalid, parseConfig } from './config.ts';

const address = `0x${'ab'.repeat(20)}`;
const whole = {
  chainId: 10,
  rpc: 'http://127.0.0.1:8545',
  prices: 'http://127.0.0.1:8546/',
  metadata: 'http://127.0.0.1:8547',
  engine: address,
  riskManager: address,
  oracle: address,
  usdc: address,
  vault: address,
  pyth: address,
  faucet: null,
  markets: [{ id: 0, symbol: 'ETH', feedId: `0x${'00'.repeat(32)}`, priceDecimals: 2, sizeDecimals: 4 }],
  testWallet: true,
};

test('a whole configuration is read', () => {
  const { metadata } = whole;
  expect(parseConfig(whole)).toMatchObject({
    chainId: 10,
    prices: 'http://127.0.0.1:8546',
    metadata,
    testWallet: true,
  });
});

test('each missing field is named', () => {
  for (const name of Object.keys(whole).filter((key) => key !== 'faucet' && key !== 'testWallet')) {
    expect(() => parseConfig({ ...whole, [name]: undefined })).toThrow(ConfigInvalid);
  }
});
