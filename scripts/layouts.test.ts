import { describe, expect, it } from 'vitest';
import { differences, slotOf, undocumented, unmet } from './layouts.mjs';

const field = (label: string, type: string, bytes: number, offset = 0) => ({ slot: 0, offset, bytes, type, label });
const layout = (structs: Record<string, ReturnType<typeof field>[]>) => ({
  contract: 'Engine',
  variables: [],
  namespaces: { 'tidemark.storage.Engine': { slot: '0x00', struct: 'Engine.Layout' } },
  structs,
});

describe('slotOf', () => {
  it('is the slot that ERC-7201 gives for its own example', () => {
    expect(slotOf('example.main')).toBe('0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500');
  });
});

describe('differences', () => {
  const before = layout({ Account: [field('margin', 'uint96', 12), field('pending', 'uint8', 1, 12)] });

  it('is empty between equals', () => {
    expect(differences(before, structuredClone(before))).toEqual([]);
  });

  it('names what moved, came and went', () => {
    const after = layout({ Account: [field('margin', 'uint104', 13), field('volume', 'uint24', 3, 13)] });
    expect(differences(before, after)).toEqual([
      'Engine Account.margin: slot 0 offset 0 uint96 (12 bytes) → slot 0 offset 0 uint104 (13 bytes)',
      'Engine Account.pending: slot 0 offset 12 uint8 (1 bytes) → is gone',
      'Engine Account.volume: was not there → slot 0 offset 13 uint24 (3 bytes)',
    ]);
  });

  it('names a namespace that moved', () => {
    const after = layout(before.structs);
    after.namespaces['tidemark.storage.Engine'].slot = '0x01';
    expect(differences(before, after)).toEqual([
      'Engine tidemark.storage.Engine: Engine.Layout at 0x00 → Engine.Layout at 0x01',
    ]);
  });
});

describe('undocumented', () => {
  const all = [layout({ Account: [field('margin', 'uint96', 12), field('paid', 'uint256', 32)] })];
  const ours = new Set(['Account']);

  it('takes a row under the struct for a packed field', () => {
    expect(undocumented(all, ours, '## `Account`\n\n| `margin` | `uint96` |')).toEqual([]);
  });

  it('names a field without a row and one of another type', () => {
    expect(undocumented(all, ours, '## `Pool`\n\n| `margin` | `uint96` |')).toEqual([
      'docs/widths.md has no row for Account.margin, uint96',
    ]);
    expect(undocumented(all, ours, '## `Account`\n\n| `margin` | `uint112` |')).toEqual([
      'docs/widths.md: Account.margin is uint96, not uint112',
    ]);
  });
});

describe('unmet', () => {
  it('names a test that no file has', () => {
    const tests = 'function test_HoldsAll() public {';
    expect(unmet('`test_HoldsAll`, `test_HoldsNone`', tests)).toEqual(['docs/widths.md: no test test_HoldsNone']);
  });
});
