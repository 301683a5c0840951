import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DevnetError, toLine } from '../src/errors.ts';
import { runFaultCommand } from '../src/faultCommand.ts';
import { FAULTS } from '../src/faults/table.ts';
import { type PriceServer, startPriceServer } from '../src/server/priceServer.ts';
import { CliProcess, type End } from './cliProcess.ts';
import { freePort } from './stage.ts';
import { WAVE_START, waveSource } from './waveSource.ts';

vi.setConfig({ testTimeout: 60_000 });

const feeds = { ETH: `0x${'e1'.repeat(32)}`, BTC: `0x${'b1'.repeat(32)}` } as const;
let server: PriceServer;

beforeAll(async () => {
  server = await startPriceServer({ port: 0, source: waveSource, feeds, now: () => WAVE_START });
});
beforeEach(() => server.faults.clear());
afterAll(() => server.close());

const told = (args: readonly string[], port = server.port) => runFaultCommand([...args, '--prices-port', `${port}`]);

function run(args: readonly string[], port = server.port): Promise<End> {
  const command = [process.execPath, '--import', 'tsx', 'devnet/src/faultCommand.ts'] as const;
  return new CliProcess([...args, '--prices-port', `${port}`], command).ended;
}

describe('the command of faults', () => {
  const line = 'spiking: ETH by chainlink, factor 20, until 2023-11-14T23:01:00.000Z of the chain';

  it('sets one, lists it and clears it', async () => {
    const args = ['spiking', '--market', 'ETH', '--source', 'chainlink', '--factor', '20', '--for', '60'];
    expect(await run(args)).toMatchObject({ code: 0, stdout: `${line}\n`, stderr: '' });
    expect(server.faults.list()).toMatchObject([{ name: 'spiking', factor: 20, until: WAVE_START + 60 }]);
    expect(await told(['sequencer-down'])).toBe('sequencer-down: sequencer, until cleared');
    expect(await told(['list'])).toBe(`sequencer-down: sequencer, until cleared\n${line}`);
    expect(await told(['clear'])).toBe('No fault is set.');
    expect(server.faults.list()).toEqual([]);
  });

  it('says the same to machines', async () => {
    const fault = JSON.parse(await told(['zero', '--json']));
    expect(server.faults.list()).toEqual([fault]);
    expect(JSON.parse(await told(['list', '--json']))).toEqual([fault]);
    expect(JSON.parse(await told(['clear', '--json']))).toEqual([]);
  });

  it('names every fault in its help', async () => {
    const lines = (await told(['--help'])).split('\n');
    for (const [name, { what }] of Object.entries(FAULTS)) {
      expect(lines.filter((one) => one.startsWith(`  ${name} `) && one.endsWith(what))).toHaveLength(1);
    }
  });

  it.each<[string, string[], string]>([
    ['an unknown fault', ['slow'], 'There is no fault slow. There are stale, '],
    ['a market that is not there', ['zero', '--market', 'DOGE'], 'There is no market DOGE. There are ETH, BTC.'],
    ['a source that it has not', ['padded', '--source', 'chainlink'], 'padded does not befall chainlink. '],
    ['a factor that it has not', ['zero', '--factor', '2'], 'zero has no factor. '],
    ['a factor that is no number', ['spiking', '--factor', 'big'], '--factor big is no number. See "npm run fault'],
    ['a duration that is nothing', ['zero', '--for', ''], '--for  is no number. See "npm run fault'],
    ['nothing', [], 'Name one fault, or list, or clear. See "npm run fault'],
    ['two faults', ['zero', 'stale'], 'Name one fault, or list, or clear. See "npm run fault'],
    ['an option of another', ['clear', '--market', 'ETH'], 'clear has no --market. See "npm run fault'],
    ['an unknown option', ['zero', '--colour', 'red'], "Unknown option '--colour'. See"],
    ['a port that is none', ['list', '--prices-port', '0'], '0 is no port. See "npm run fault'],
  ])('refuses %s in one line', async (_, args, part) => {
    const error = await runFaultCommand(['--prices-port', `${server.port}`, ...args]).then(
      () => expect.fail('it was permitted'),
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(DevnetError);
    expect(toLine(error)).toContain(part);
    expect(toLine(error)).not.toContain('\n');
    expect(server.faults.list()).toEqual([]);
  });

  it('says in one line that no devnet runs, and fails', async () => {
    const port = await freePort();
    const stderr = `No devnet answers at port ${port}. Start one with "npm start", or name its port with --prices-port.\n`;
    expect(await run(['zero'], port)).toMatchObject({ code: 1, stdout: '', stderr });
  });
});
