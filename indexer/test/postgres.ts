import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where Debian's packages lie, a folder a version. */
const INSTALLED = '/usr/lib/postgresql';
/** What a server of a test does not need: it outlives no loss of power. */
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const run = promisify(execFile);

export interface RunningPostgres {
  /** An empty database of its own each time. @returns Its URL. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a Postgres of the machine's package in a temporary folder, for this machine only.
 * @param settings Of postgresql.conf; by default nothing is forced onto the disk.
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = NOT_DURABLE,
): Promise<RunningPostgres> {
  const programs = programsOf();
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-postgres-'));
  const user = unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await freePort();
  const address = { listen_addresses: '127.0.0.1', port: `${port}`, unix_socket_directories: '' };
  const options = Object.entries({ ...address, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...options], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = () => server.kill('SIGQUIT');
  process.once('exit', end);
  const exited = once(server, 'exit');
  await new Promise<void>((ready, failed) => {
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('ready to accept connections')) ready();
    });
    server.once('error', failed);
    server.once('exit', () => failed(new Error(`Postgres ended: ${log}`)));
  });
  server.stderr.removeAllListeners('data').resume();

  let databases = 0;
  return {
    createDatabase: async () => {
      databases += 1;
      const name = `test_${databases}`;
      await run(join(programs, 'createdb'), ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres', name]);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      process.removeListener('exit', end);
      server.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function programsOf(): string {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
  if (!versions[0]) throw new Error(`There is no Postgres in ${INSTALLED}: install Debian's package "postgresql".`);
  return join(INSTALLED, versions[0], 'bin');
}

/** Postgres refuses to run as root. @returns The package's own user then. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
