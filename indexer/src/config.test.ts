import { describe, expect, it } from 'vitest';
import { readBackupConfig, readCommand, readExportConfig, readRunConfig, readStatusConfig } from './config.ts';
import { IndexerError } from './errors.ts';

const needed = ['--build', 'build', '--rpc', 'http://a'];

describe('the command line', () => {
  it('runs when no command is named', () => {
    expect(readCommand(needed)).toEqual({ command: 'run', args: needed });
    expect(readCommand(['status', '--json'])).toEqual({ command: 'status', args: ['--json'] });
  });

  it('keeps a folder by default and takes several RPCs in their order', () => {
    const { rpcs, database, engine, port } = readRunConfig([...needed, '--rpc', 'ws://b'], {});
    expect({ rpcs, database, engine, port }).toEqual({
      rpcs: ['http://a', 'ws://b'],
      database: { folder: '.tidemark/index' },
      engine: { kind: 'embedded' },
      port: 8549,
    });
  });

  it('reads RPCs and database from the environment', () => {
    const env = { TIDEMARK_RPC: 'http://a  http://b', TIDEMARK_DATABASE: 'postgres://u:p@h/d' };
    const { rpcs, database } = readRunConfig(['--build', 'build'], env);
    expect([rpcs, database]).toEqual([['http://a', 'http://b'], { postgres: 'postgres://u:p@h/d' }]);
  });

  it('needs no RPC before a graph-node', () => {
    const args = ['--build', 'build', '--engine', 'graph-node', '--url', 'http://g/subgraphs/name/t'];
    expect(readRunConfig(args, {}).engine).toEqual({ kind: 'graph-node', url: 'http://g/subgraphs/name/t' });
  });

  it.each([
    [[], '--build is missing.'],
    [['--build', 'b'], '--rpc is missing.'],
    [[...needed, '--rpc', 'secret'], '--rpc needs an address such as https://…'],
    [[...needed, '--engine', 'ponder'], '--engine needs embedded or graph-node.'],
    [[...needed, '--engine', 'graph-node'], '--url needs an address such as https://…'],
    [[...needed, '--url', 'http://g'], '--url belongs to --engine graph-node.'],
    [
      [...needed, '--database', 'mysql://u:secret@h'],
      '--database needs pglite:FOLDER or postgres://USER:PASSWORD@HOST/DATABASE.',
    ],
    [[...needed, '--port', '70000'], '--port needs a whole number from 0 to 65535.'],
    [[...needed, '--orders', '0x1'], '--orders needs an address.'],
    [[...needed, 'secret'], 'Every setting has an option before it.'],
  ])('refuses %j', (args, what) => {
    expect(() => readRunConfig(args, {})).toThrow(IndexerError);
    expect(() => readRunConfig(args, {})).toThrow(what);
  });

  it('tells no more of a wrong command than that there is none', () => {
    expect(() => readCommand(['secret'])).toThrow('There is no such command.');
  });

  it('exports a type in a known format only', () => {
    expect(() => readExportConfig(['--entity', 'Trade', '--format', 'xml'], {})).toThrow('--format needs csv or json.');
    expect(readExportConfig(['--entity', 'Trade', '--format', 'csv'], {}).entity).toBe('Trade');
  });

  it('backs up one file of a folder, and names the tool of a Postgres', () => {
    expect(readBackupConfig('backup', ['f', '--database', 'pglite:d'], {})).toEqual({ folder: 'd', file: 'f' });
    expect(() => readBackupConfig('restore', ['f', '--database', 'postgres://h/d'], {})).toThrow('A Postgres is not');
    expect(() => readBackupConfig('backup', [], {})).toThrow('One file has to be named.');
  });

  it('asks for the status of a place', () => {
    expect(readStatusConfig(['--port', '1234'], {})).toMatchObject({ host: '127.0.0.1', port: 1234, json: false });
  });
});
