import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CreatedSource } from '../store/types.ts';
import { Files } from './files.ts';

const source: CreatedSource = { template: 'Note', parameters: ['bafy'], context: null, from: 1n, done: null };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('files', () => {
  it('are asked for ever more rarely, told once a reason, until they are here', async () => {
    const asked: number[] = [];
    const warnings: string[] = [];
    const began = Date.now();
    let has = false;
    const get = async () => {
      asked.push((Date.now() - began) / 1000);
      if (!has) throw new Error('nobody has it');
      return Uint8Array.of(1);
    };
    const files = new Files({ get }, (line) => warnings.push(line));
    files.want([source]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect([asked, warnings]).toEqual([[0, 1, 3, 7, 15], ['nobody has it']]);
    expect(files.waiting()).toEqual([{ cid: 'bafy', failures: 5, why: 'nobody has it' }]);
    has = true;
    await vi.advanceTimersByTimeAsync(11_000);
    expect([files.ready(), files.waiting()]).toEqual([[{ source, content: Uint8Array.of(1) }], []]);
    files.end();
  });

  it('that nobody wants any more are forgotten', async () => {
    let asked = 0;
    const get = async () => {
      asked++;
      throw new Error('nobody has it');
    };
    const files = new Files({ get }, () => {});
    files.want([source]);
    await vi.advanceTimersByTimeAsync(0);
    files.want([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([asked, files.waiting()]).toEqual([1, []]);
    files.end();
  });
});
