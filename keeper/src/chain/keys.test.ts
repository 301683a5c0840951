import { mnemonicToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { PublicKeyRefusedError } from '../errors.ts';
import { refusePublicKey } from './keys.ts';

const known = mnemonicToAccount('test test test test test test test test test test test junk', {
  addressIndex: 2,
}).address;

describe('refusePublicKey', () => {
  it.each([10, 11_155_420, 1])('refuses on chain %s', (chainId) => {
    expect(() => refusePublicKey(chainId, known)).toThrow(PublicKeyRefusedError);
  });

  it.each([31_337, 901])('permits on the devnet %s', (chainId) => {
    expect(() => refusePublicKey(chainId, known)).not.toThrow();
  });

  it('permits any other key', () => {
    expect(() => refusePublicKey(10, '0x00000000000000000000000000000000000000AA')).not.toThrow();
  });
});
