import { describe, expect, it } from 'vitest';
import { hasCode, parse, totals, unreached } from './coverage.mjs';

const FILE = 'contracts/src/C.sol';

/** A report of two files: of the second nothing was reached. */
const report = `TN:
SF:${FILE}
DA:11,4
DA:12,4
BRDA:12,0,0,0
BRDA:12,0,1,4
DA:14,0
BRDA:14,1,0,-
end_of_record
TN:
SF:contracts/src/D.sol
DA:3,0
end_of_record
`;
const files = parse(report);
const counts = files.get(FILE) ?? expect.fail('not counted');

describe('parse', () => {
  it('takes each file by its lines and branches', () => {
    expect([...files.keys()]).toEqual([FILE, 'contracts/src/D.sol']);
    expect(counts.lines).toEqual([
      { line: 11, hits: 4 },
      { line: 12, hits: 4 },
      { line: 14, hits: 0 },
    ]);
    expect(counts.branches).toEqual([
      { line: 12, path: 0, hits: 0 },
      { line: 12, path: 1, hits: 4 },
      { line: 14, path: 0, hits: 0 },
    ]);
  });
});

describe('totals', () => {
  it('counts all files together and never rounds up', () => {
    const all = totals([...files.values()]);
    expect(all.lines).toEqual({ reached: 2, of: 4, percent: 50 });
    expect(all.branches).toEqual({ reached: 1, of: 3, percent: 33.33 });
    expect(totals([counts]).lines.percent).toBe(66.66);
  });

  it('lacks nothing where there is nothing', () => {
    expect(totals([{ lines: [], branches: [] }]).branches.percent).toBe(100);
  });
});

describe('unreached', () => {
  it('names each line and branch and what did not happen', () => {
    expect(unreached(FILE, counts)).toEqual([
      `${FILE}:12 path 0 not taken`,
      `${FILE}:14 not reached`,
      `${FILE}:14 path 0 not taken`,
    ]);
  });
});

describe('hasCode', () => {
  it('tells code from what only declares', () => {
    const declared =
      'interface I {\n    function f() external;\n}\n\n/// A contract is none.\nstruct S {\n    uint256 a;\n}\n';
    expect(hasCode(declared)).toBe(false);
    expect(hasCode(`${declared}\nlibrary L {\n    /// Of a function {.\n    error E();\n}\n`)).toBe(false);
    for (const kind of ['contract', 'abstract contract', 'library'])
      expect(hasCode(`${declared}\n${kind} C {\n    function f() external\n    {}\n}\n`)).toBe(true);
  });
});
