import { describe, expect, it } from 'vitest';
import { readConfig, USAGE } from './config.ts';
import { MetadataSettingError } from './errors.ts';

const folder = { TIDEMARK_METADATA_FOLDER: '/var/metadata' };
const pinning = {
  ...folder,
  TIDEMARK_PINNING: 'https://pinning.example/psa',
  TIDEMARK_PINNING_TOKEN: 's3cret',
  TIDEMARK_PINNING_ORIGINS: ' /dns4/a.example/tcp/443/https  /dns4/b.example/tcp/443/https',
};

describe('the environment', () => {
  it('gives a folder and the rest by default', () => {
    expect(readConfig(folder)).toEqual({
      store: { folder: '/var/metadata' },
      gateway: { host: '127.0.0.1', port: 8090, maxBlocks: 4096 },
    });
  });

  it('gives kubo, and where it is served', () => {
    const env = {
      TIDEMARK_METADATA_KUBO: 'http://127.0.0.1:5001',
      TIDEMARK_METADATA_HOST: '0.0.0.0',
      TIDEMARK_METADATA_PORT: '80',
      TIDEMARK_METADATA_BLOCKS: '0',
    };
    expect(readConfig(env)).toEqual({
      store: { kubo: 'http://127.0.0.1:5001' },
      gateway: { host: '0.0.0.0', port: 80, maxBlocks: 0 },
    });
  });

  it('gives a pinning service', () => {
    expect(readConfig(pinning).store.pinning).toEqual({
      url: 'https://pinning.example/psa',
      token: 's3cret',
      origins: ['/dns4/a.example/tcp/443/https', '/dns4/b.example/tcp/443/https'],
    });
  });

  it('of each kind is told by the help', () => {
    const names = ['FOLDER', 'KUBO', 'HOST', 'PORT', 'BLOCKS'].map((name) => `TIDEMARK_METADATA_${name}`);
    for (const name of [...names, ...Object.keys(pinning)]) expect(USAGE).toContain(`${name} `);
  });

  it.each<[string, string, Record<string, string>]>([
    ['no store', 'Neither of', {}],
    ['both stores', 'Both of', { ...folder, TIDEMARK_METADATA_KUBO: 'http://127.0.0.1:5001' }],
    ['a kubo that is no address', 'TIDEMARK_METADATA_KUBO', { TIDEMARK_METADATA_KUBO: 'kubo' }],
    ['a kubo by password', 'TIDEMARK_METADATA_KUBO', { TIDEMARK_METADATA_KUBO: 'http://me:s3cret@kubo' }],
    ['a port too high', 'TIDEMARK_METADATA_PORT', { ...folder, TIDEMARK_METADATA_PORT: '65536' }],
    ['a port that is none', 'TIDEMARK_METADATA_PORT', { ...folder, TIDEMARK_METADATA_PORT: '-1' }],
    ['a count that is none', 'TIDEMARK_METADATA_BLOCKS', { ...folder, TIDEMARK_METADATA_BLOCKS: '1e3' }],
    ['a token for nobody', 'names no service', { ...folder, TIDEMARK_PINNING_TOKEN: 's3cret' }],
    ['origins for nobody', 'names no service', { ...folder, TIDEMARK_PINNING_ORIGINS: '/dns4/a' }],
    ['a service without a token', 'holds no token', { ...pinning, TIDEMARK_PINNING_TOKEN: '' }],
    ['a token of two lines', 'holds no token', { ...pinning, TIDEMARK_PINNING_TOKEN: 's3cret\nx' }],
    ['a token in the clear', 'in the clear', { ...pinning, TIDEMARK_PINNING: 'http://pinning.example' }],
    ['an origin that is none', 'multiaddrs', { ...pinning, TIDEMARK_PINNING_ORIGINS: 'https://a.example' }],
    ['too many origins', 'multiaddrs', { ...pinning, TIDEMARK_PINNING_ORIGINS: '/a '.repeat(21) }],
  ])('with %s is refused in one line', (_what, told, env) => {
    let error: MetadataSettingError | undefined;
    try {
      readConfig(env);
    } catch (thrown) {
      error = thrown as MetadataSettingError;
    }
    expect(error).toBeInstanceOf(MetadataSettingError);
    expect(error?.line).toContain(told);
    expect(error?.line).not.toMatch(/s3cret|\n/);
  });
});
