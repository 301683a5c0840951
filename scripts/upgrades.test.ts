import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { refusal } from './upgrades.mjs';

/** What is checked in, each time anew. */
const layout = () =>
  JSON.parse(readFileSync(new URL('../snapshots/upgrades/LiquidityVault.json', import.meta.url), 'utf8'));
const NAMESPACE = 'erc7201:tidemark.storage.LiquidityVault';

describe('refusal', () => {
  it('is none of the same layout', () => {
    expect(refusal(layout(), layout())).toBe('');
  });

  it('is none of a field more at the end of a namespace', () => {
    const after = layout();
    const last = after.namespaces[NAMESPACE].at(-1);
    after.namespaces[NAMESPACE].push({ ...last, label: 'more', type: 't_uint256', slot: `${Number(last.slot) + 50}` });
    expect(refusal(layout(), after)).toBe('');
  });

  it('names two fields of a namespace that have changed places', () => {
    const after = layout();
    const [first, second] = after.namespaces[NAMESPACE];
    [first.label, second.label, first.type, second.type] = [second.label, first.label, second.type, first.type];
    expect(refusal(layout(), after)).toContain(second.label);
  });

  it('names two fields of a struct in a mapping that have changed places', () => {
    const after = layout();
    const { members } = after.types['t_struct(DepositFill)0_storage'];
    [members[0].label, members[1].label] = [members[1].label, members[0].label];
    expect(refusal(layout(), after)).toContain('DepositFill');
  });

  it('names a field that is gone', () => {
    const after = layout();
    const { label } = after.namespaces[NAMESPACE].shift();
    expect(refusal(layout(), after)).toContain(label);
  });
});
