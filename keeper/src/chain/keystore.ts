import { createDecipheriv, pbkdf2, type ScryptOptions, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { scrypt } from '@noble/hashes/scrypt';
import { bytesToHex, concat, type Hex, isHex, keccak256, toHex } from 'viem';
import { KeystoreError } from '../errors.ts';

const WRONG = { next: 'Give a Web3 Secret Storage file of version 3, as wallets and geth write it.' };
/** Bytes that scrypt may take, four times what wallets ask for. */
const MAX_MEMORY = 1024 ** 3;
const MAX_ROUNDS = 10_000_000;

/**
 * The private key in a keystore file: Web3 Secret Storage, version 3, by scrypt or PBKDF2 and AES-128-CTR.
 * @param file The file's content.
 * @throws {KeystoreError} when it is none, or the password is wrong; it never says what either holds.
 */
export async function decryptKeystore(file: string, password: string): Promise<Hex> {
  const crypto = read(file);
  const kdf = field(crypto, 'kdf');
  const derived = await deriveKey(String(kdf), object(field(crypto, 'kdfparams')), Buffer.from(password));
  const ciphertext = bytes(crypto, 'ciphertext');
  const mac = keccak256(concat([bytesToHex(derived.subarray(16, 32)), bytesToHex(ciphertext)]), 'bytes');
  const expected = bytes(crypto, 'mac');
  if (expected.length !== mac.length || !timingSafeEqual(expected, mac)) {
    throw new KeystoreError('The password does not open the keystore.', {
      next: 'Check the file that holds the password: it is one line.',
    });
  }
  if (field(crypto, 'cipher') !== 'aes-128-ctr') throw new KeystoreError('The keystore’s cipher is unknown.', WRONG);
  const iv = bytes(object(field(crypto, 'cipherparams')), 'iv');
  if (iv.length !== 16) throw new KeystoreError('The keystore’s initialisation vector is not of 16 bytes.', WRONG);
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const key = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  if (key.length !== 32) throw new KeystoreError('The keystore holds no key of 32 bytes.', WRONG);
  return toHex(key);
}

function scryptInScript(
  password: Buffer,
  salt: Buffer,
  dkLen: number,
  { N = 0, r = 0, p = 0, maxmem = 0 }: ScryptOptions,
) {
  return scrypt(password, salt, { N, r, p, dkLen, maxmem });
}

async function deriveKey(kdf: string, params: Fields, password: Buffer): Promise<Buffer> {
  const salt = bytes(params, 'salt');
  const length = count(params, 'dklen');
  if (length < 32 || length > 1024)
    throw new KeystoreError('The keystore’s derived key is too short or too long.', WRONG);
  if (kdf === 'scrypt') {
    const [N, r, p] = [count(params, 'n'), count(params, 'r'), count(params, 'p')];
    const memory = 128 * N * r + 128 * p * r + 4_096;
    if (memory > MAX_MEMORY) throw new KeystoreError('The keystore asks for more memory than any wallet does.', WRONG);
    // Node's own takes no N of 2^16r and above, as some wallets have it; the other is slow.
    const derive = Math.log2(N) < 16 * r ? scryptSync : scryptInScript;
    try {
      return Buffer.from(derive(password, salt, length, { N, r, p, maxmem: 2 * memory }));
    } catch (error) {
      // What is no power of two, for one.
      throw new KeystoreError('The keystore’s parameters of scrypt are wrong.', { ...WRONG, cause: error });
    }
  }
  if (kdf === 'pbkdf2' && field(params, 'prf') === 'hmac-sha256') {
    const rounds = count(params, 'c');
    if (rounds > MAX_ROUNDS) throw new KeystoreError('The keystore asks for more rounds than any wallet does.', WRONG);
    return promisify(pbkdf2)(password, salt, rounds, length, 'sha256');
  }
  throw new KeystoreError('The keystore’s key derivation is unknown.', WRONG);
}

type Fields = Readonly<Record<string, unknown>>;

function read(file: string): Fields {
  let content: unknown;
  try {
    content = JSON.parse(file);
  } catch {
    throw new KeystoreError('The keystore is no JSON.', WRONG);
  }
  const keystore = object(content);
  if (keystore.version !== 3) throw new KeystoreError('The keystore is not of version 3.', WRONG);
  // Old wallets write it with a capital.
  return object(keystore.crypto ?? keystore.Crypto);
}

function object(value: unknown): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields;
  throw new KeystoreError('The keystore lacks a part.', WRONG);
}

function field(fields: Fields, name: string): unknown {
  if (fields[name] !== undefined) return fields[name];
  throw new KeystoreError(`The keystore has no "${name}".`, WRONG);
}

function bytes(fields: Fields, name: string): Buffer {
  const value = field(fields, name);
  if (typeof value === 'string' && value.length % 2 === 0 && isHex(`0x${value}`)) return Buffer.from(value, 'hex');
  throw new KeystoreError(`The keystore's "${name}" is not hexadecimal.`, WRONG);
}

function count(fields: Fields, name: string): number {
  const value = field(fields, name);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new KeystoreError(`The keystore's "${name}" is no whole number.`, WRONG);
}
