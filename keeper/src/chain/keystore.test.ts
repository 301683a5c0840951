import { createCipheriv, scryptSync } from 'node:crypto';
import { keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import { KeystoreError } from '../errors.ts';
import { decryptKeystore } from './keystore.ts';

// The vectors of the Web3 Secret Storage definition.
const SECRET = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const PASSWORD = 'testpassword';
const PBKDF2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const SCRYPT = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262_144,
      r: 1,
      p: 8,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};

const changed = (crypto: object) => JSON.stringify({ ...SCRYPT, crypto: { ...SCRYPT.crypto, ...crypto } });
const params = (changes: object) => changed({ kdfparams: { ...SCRYPT.crypto.kdfparams, ...changes } });

describe('decryptKeystore', { timeout: 60_000 }, () => {
  it.each([
    ['PBKDF2', PBKDF2],
    ['scrypt', SCRYPT],
  ])('opens what is sealed by %s', async (_kdf, keystore) => {
    expect(await decryptKeystore(JSON.stringify(keystore), PASSWORD)).toBe(SECRET);
  });

  it('opens what wallets seal by scrypt today', async () => {
    const kdfparams = { dklen: 32, n: 4_096, r: 8, p: 1, salt: '5a'.repeat(32) };
    const derived = scryptSync(PASSWORD, Buffer.from(kdfparams.salt, 'hex'), 32, { N: 4_096, r: 8, p: 1 });
    const iv = '01'.repeat(16);
    const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(iv, 'hex'));
    const ciphertext = cipher.update(SECRET.slice(2), 'hex', 'hex') + cipher.final('hex');
    const mac = keccak256(`0x${derived.subarray(16).toString('hex')}${ciphertext}`).slice(2);
    const crypto = { cipher: 'aes-128-ctr', cipherparams: { iv }, ciphertext, kdf: 'scrypt', kdfparams, mac };
    expect(await decryptKeystore(JSON.stringify({ version: 3, crypto }), PASSWORD)).toBe(SECRET);
  });

  it('opens what old wallets wrote', async () => {
    const { crypto, ...rest } = PBKDF2;
    expect(await decryptKeystore(JSON.stringify({ ...rest, Crypto: crypto }), PASSWORD)).toBe(SECRET);
  });

  it.each([
    ['a wrong password', JSON.stringify(PBKDF2), 'testpasswort'],
    ['what is no JSON', 'hunter2', PASSWORD],
    ['what is no object', '7', PASSWORD],
    ['another version', JSON.stringify({ ...SCRYPT, version: 1 }), PASSWORD],
    ['nothing sealed', JSON.stringify({ version: 3 }), PASSWORD],
    ['an unknown derivation', changed({ kdf: 'argon2' }), PASSWORD],
    ['another cipher', JSON.stringify({ ...PBKDF2, crypto: { ...PBKDF2.crypto, cipher: 'aes-128-cbc' } }), PASSWORD],
    ['a short derived key', params({ dklen: 31 }), PASSWORD],
    ['memory beyond any wallet’s', params({ n: 2 ** 26, r: 8 }), PASSWORD],
    ['parameters that scrypt does not take', params({ n: 3 }), PASSWORD],
    ['a salt that is none', params({ salt: 'hunter2!' }), PASSWORD],
    ['a count that is none', params({ p: '8' }), PASSWORD],
  ])('refuses %s in one line that tells no secret', async (_what, file, password) => {
    const error = await decryptKeystore(file, password).then(
      () => expect.fail('it opened'),
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(KeystoreError);
    expect(error.line).not.toMatch(/\n|hunter2|testpasswor|7a28b5ba/);
  });
});
