import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from './compiled.mjs';
import { judge, placesOf, table } from './security.mjs';

const source = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

struct S {
    uint256 a;
}

contract C {
    uint256 internal a;

    constructor() {
        a = 1;
    }

    function f() external {
        a = 2;
    }

    receive() external payable {}
}
`;
const ast = compile([], { 'C.sol': source }).sources['C.sol']?.ast;
if (!ast) throw new Error('not compiled');

const finding = (where: string, detector = 'timestamp', tool = 'Slither') => ({
  tool,
  detector,
  where,
  file: 'contracts/src/C.sol',
  line: 1,
  text: '',
});
const allowed = (where: string[], detector = 'timestamp') => ({ tool: 'Slither', detector, where, why: 'Meant.' });

describe('placesOf', () => {
  it('names the function, else the contract, else the file', () => {
    const at = placesOf('contracts/src/C.sol', source, ast);
    const line = (text: string) => source.split('\n').findIndex((one) => one.includes(text)) + 1;
    expect(at(line('a = 1'))).toBe('C.constructor');
    expect(at(line('a = 2'))).toBe('C.f');
    expect(at(line('receive'))).toBe('C.receive');
    expect(at(line('internal a'))).toBe('C');
    expect(at(line('uint256 a;'))).toBe('C.sol');
    expect(at(line('pragma'))).toBe('C.sol');
  });
});

describe('judge', () => {
  it('takes what the list explains and counts it', () => {
    const found = [finding('C.f'), finding('C.f'), finding('D.g'), finding('D')];
    const result = judge(found, [allowed(['C.f']), allowed(['D.*'])], ['Slither']);
    expect(result).toEqual({ counts: [2, 2], unexplained: [], stale: [] });
  });

  it('names what it does not explain: of another place, detector or tool', () => {
    const found = [finding('C.g'), finding('CC.f'), finding('C.f', 'assembly'), finding('C.f', 'timestamp', 'solhint')];
    expect(judge(found, [allowed(['C.f', 'C.h'])], []).unexplained).toEqual(found);
  });

  it('names a reason, and a place of one, that nothing is found for', () => {
    const list = [allowed(['C.f', 'C.g']), allowed(['*'], 'assembly'), allowed(['D.*'])];
    expect(judge([finding('C.f')], list, ['Slither']).stale).toEqual([
      'Slither: timestamp in C.g',
      'Slither: assembly in *',
      'Slither: timestamp in D.*',
    ]);
  });

  it('says nothing of the reasons for a tool that has not run', () => {
    expect(judge([], [allowed(['C.f'])], ['solhint']).stale).toEqual([]);
  });
});

describe('table', () => {
  it('has a row for each reason', () => {
    expect(table([allowed(['C.f', '*'])], [3])).toBe(
      '| Tool | Detector | Where | How many | Why it stands |\n|---|---|---|---:|---|\n' +
        '| Slither | `timestamp` | `C.f`, everywhere | 3 | Meant. |',
    );
  });
});

describe('the list', () => {
  it('explains every entry, and none twice', () => {
    const list: ReturnType<typeof allowed>[] = JSON.parse(
      readFileSync(new URL('security/allowed.json', import.meta.url), 'utf8'),
    );
    for (const { why, where } of list) expect([why.length > 5, where.length > 0]).toEqual([true, true]);
    const places = list.flatMap(({ tool, detector, where }) => where.map((place) => `${tool} ${detector} ${place}`));
    expect(new Set(places).size).toBe(places.length);
  });
});
