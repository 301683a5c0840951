import { describe, expect, it } from 'vitest';
import type { Progress } from './indexing.ts';
import { Teller } from './teller.ts';

function tell(isTTY: boolean, json = false) {
  const written: string[] = [];
  const output = { isTTY, write: (text: string) => void written.push(text) };
  return { written, teller: new Teller({ output, json, verbose: false }) };
}

const at = (block: bigint): Progress => ({ from: 0n, block, to: 1_000n, events: Number(block) * 20 });

describe('a sync', () => {
  it('is a bar with rate and time left on a terminal', () => {
    const { written, teller } = tell(true);
    teller.progress(at(0n), 0);
    teller.progress(at(500n), 10_000);
    expect(written.at(-1)).toBe(
      '\r\u001b[2K████████████░░░░░░░░░░░░ 50 %, block 500 of 1000, 1,000 events/s, 10 s left',
    );
    teller.warn('RPC lost');
    expect(written.at(-1)).toContain('RPC lost\n█');
    teller.progress(at(999n), 20_000);
    expect(written.slice(-2)).toEqual(['\r\u001b[2K', 'Caught up with the chain at block 999.\n']);
  });

  it('is a line now and then elsewhere, and nothing at the head', () => {
    const { written, teller } = tell(false);
    for (let second = 0; second < 20; second++) teller.progress(at(BigInt(second) * 10n), second * 1_000);
    teller.progress(at(990n), 20_000);
    teller.progress(at(991n), 20_100);
    expect(written.map((line) => line.split(',')[0])).toEqual([
      '░░░░░░░░░░░░░░░░░░░░░░░░ 0 %',
      '██░░░░░░░░░░░░░░░░░░░░░░ 10 %',
      'Caught up with the chain at block 990.\n',
    ]);
  });

  it('is a line of JSON for each write when asked', () => {
    const { written, teller } = tell(true, true);
    teller.progress(at(10n), 0);
    expect(JSON.parse(written[0] ?? '')).toEqual({ event: 'written', block: '10', to: '1000', events: 200 });
  });
});
