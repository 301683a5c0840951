import { MetadataSettingError } from './errors.ts';
import type { GatewayOptions } from './gateway.ts';
import type { StoreConfig } from './openStore.ts';
import type { PinningOptions } from './pinningService.ts';

export const USAGE = `npm run metadata
Serves the metadata of proposals, and takes it.

In the environment, one of the first two:
  TIDEMARK_METADATA_FOLDER   the folder that keeps it
  TIDEMARK_METADATA_KUBO     the address of the RPC of a kubo node that keeps it, and nothing else
  TIDEMARK_METADATA_HOST     where it is served (default 127.0.0.1)
  TIDEMARK_METADATA_PORT     (default 8090)
  TIDEMARK_METADATA_BLOCKS   it is taken while fewer are kept, of 256 kB each at most (default 4096); 0 takes none
  TIDEMARK_PINNING           the address of a service that pins it besides
  TIDEMARK_PINNING_TOKEN     the service's token
  TIDEMARK_PINNING_ORIGINS   multiaddrs where the service finds it, separated by spaces`;

const HELP = 'See "npm run metadata -- --help".';
const MAX_ORIGINS = 20;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The settings of store and gateway from the environment.
 * @throws {MetadataSettingError} when one is missing or wrong; it never says what the token is.
 */
export function readConfig(env: Env): {
  store: StoreConfig;
  gateway: Required<Pick<GatewayOptions, 'host' | 'port' | 'maxBlocks'>>;
} {
  const { TIDEMARK_METADATA_FOLDER: folder, TIDEMARK_METADATA_KUBO: kubo } = env;
  if (!folder === !kubo) {
    throw new MetadataSettingError(
      `${folder ? 'Both' : 'Neither'} of TIDEMARK_METADATA_FOLDER and TIDEMARK_METADATA_KUBO ${folder ? 'are' : 'is'} set.`,
      { next: `Set one of them. ${HELP}` },
    );
  }
  const pinning = readPinning(env);
  return {
    store: {
      ...(folder ? { folder } : { kubo: url('TIDEMARK_METADATA_KUBO', kubo) }),
      ...(pinning && { pinning }),
    },
    gateway: {
      host: env.TIDEMARK_METADATA_HOST || '127.0.0.1',
      port: within('TIDEMARK_METADATA_PORT', env.TIDEMARK_METADATA_PORT || '8090', 65_535),
      maxBlocks: within('TIDEMARK_METADATA_BLOCKS', env.TIDEMARK_METADATA_BLOCKS || '4096', 1_000_000),
    },
  };
}

function readPinning(env: Env): PinningOptions | undefined {
  const { TIDEMARK_PINNING: service, TIDEMARK_PINNING_TOKEN: token } = env;
  const origins = (env.TIDEMARK_PINNING_ORIGINS ?? '').split(/\s+/).filter((one) => one !== '');
  if (!service) {
    if (!token && origins.length === 0) return undefined;
    throw new MetadataSettingError('TIDEMARK_PINNING names no service for its token and origins.', {
      next: 'Set it, or unset them.',
    });
  }
  const address = url('TIDEMARK_PINNING', service);
  if (!token || !/^[\x21-\x7e]+$/.test(token)) {
    throw new MetadataSettingError('TIDEMARK_PINNING_TOKEN holds no token.', {
      next: 'A token is one line of printable characters without spaces.',
    });
  }
  const { protocol, hostname } = new URL(address);
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw new MetadataSettingError('TIDEMARK_PINNING_TOKEN would be sent in the clear.', {
      next: 'Give the service by its https address.',
    });
  }
  if (origins.length > MAX_ORIGINS || origins.some((one) => !one.startsWith('/'))) {
    throw new MetadataSettingError(`TIDEMARK_PINNING_ORIGINS needs at most ${MAX_ORIGINS} multiaddrs.`, { next: HELP });
  }
  return { url: address, token, ...(origins.length > 0 && { origins }) };
}

function url(name: string, value: string | undefined): string {
  const parsed = value && URL.canParse(value) ? new URL(value) : undefined;
  const sound = parsed && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
  if (value && sound) return value;
  throw new MetadataSettingError(`${name} needs an http address, without a name or password.`, { next: HELP });
}

function within(name: string, value: string, most: number): number {
  const number = /^\d{1,7}$/.test(value) ? Number(value) : -1;
  if (number >= 0 && number <= most) return number;
  throw new MetadataSettingError(`${name} needs a whole number up to ${most}.`, { next: HELP });
}
