// Many mutants in one build: each mutated expression becomes `(Schema.on(17) ? mutated : original)`, and the number of the
// one that is in force is the block's prevrandao, which nothing in the contracts reads.
import type { Mutant, Span } from './mutants.ts';

/** In the copy of the tree, beside the contracts. */
export const SCHEMA = 'contracts/src/Schema.sol';

export const schemaSource = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "./libraries/FixedPoint.sol";

/// @notice Which mutant is in force, and the directions of rounding that the ledger has no function for.
library Schema {
    function on(uint256 id) internal pure returns (bool) {
        function() internal view returns (uint256) viewed = current;
        function() internal pure returns (uint256) seemsPure;
        assembly ("memory-safe") {
            seemsPure := viewed
        }
        return seemsPure() == id;
    }

    function current() private view returns (uint256) {
        return block.prevrandao;
    }

    function divDown(uint256 a, uint256 d) internal pure returns (uint256) {
        return a / d;
    }

    function divUp(uint256 a, uint256 d) internal pure returns (uint256) {
        return a / d + (a % d == 0 ? 0 : 1);
    }

    function divTrunc(int256 a, uint256 d) internal pure returns (int256) {
        return a / int256(d);
    }

    function divFloor(int256 a, int256 d) internal pure returns (int256) {
        return a / d - (a % d != 0 && (a < 0) != (d < 0) ? int256(1) : int256(0));
    }

    function divCeil(int256 a, int256 d) internal pure returns (int256) {
        return a / d + (a % d != 0 && (a < 0) == (d < 0) ? int256(1) : int256(0));
    }

    function mulDivFloor(int256 a, int256 b, uint256 d) internal pure returns (int256) {
        return -FixedPoint.mulDivCeil(-a, b, d);
    }
}
`;

interface Site extends Span {
  statement: boolean;
  type: string | undefined;
  mutants: { id: number; text: string }[];
}

/** With the library imported. @param file Relative to the root. */
function importing(file: string, text: string): string {
  const path = '../'.repeat(file.split('/').length - 3) || './';
  return text.replace(/^pragma solidity .*$/m, (pragma) => `${pragma}\nimport {Schema} from "${path}Schema.sol";`);
}

/** One file as it would be written with one mutant. */
export function plain(source: string, { file, site, text }: Mutant): string {
  const { from, to } = site;
  return importing(file, source.slice(0, from) + text + source.slice(to));
}

/**
 * One file with all of its mutants in it, each behind its number.
 * @param source As Latin-1, as the spans count bytes.
 */
export function schemaOf(file: string, source: string, mutants: readonly (Mutant & { id: number })[]): string {
  const sites = new Map<string, Site>();
  for (const { id, text, type, site } of mutants) {
    const key = `${site.from} ${site.to} ${site.statement}`;
    const known = sites.get(key) ?? {
      ...site,
      to: site.statement ? endOf(source, site.to) : site.to,
      type,
      mutants: [],
    };
    known.type ??= type;
    known.mutants.push({ id, text });
    sites.set(key, known);
  }
  // Outer ones first; of the same extent, the statement.
  const ordered = [...sites.values()].sort(
    (a, b) => a.from - b.from || b.to - a.to || Number(b.statement) - Number(a.statement),
  );
  let next = 0;
  const render = (from: number, to: number): string => {
    let text = '';
    let at = from;
    for (let site = ordered[next]; site && site.from < to; site = ordered[next]) {
      next++;
      text += source.slice(at, site.from) + choice(site, render(site.from, site.to));
      at = site.to;
    }
    return text + source.slice(at, to);
  };
  return importing(file, render(0, source.length));
}

/** A statement's end with its semicolon. */
function endOf(source: string, to: number): number {
  const [rest = ''] = /^\s*;/.exec(source.slice(to)) ?? [];
  return to + rest.length;
}

function choice({ statement, type, mutants }: Site, original: string): string {
  if (statement) {
    const branches = mutants.map(({ id, text }) => `if (Schema.on(${id})) { ${ended(text)} } else `);
    // Braces, lest an else that follows belongs to these.
    return `{ ${branches.join('')}{ ${original} } }`;
  }
  const branches = mutants.map(({ id, text }) => `Schema.on(${id}) ? ${enclosed(text)} : `);
  return `(${branches.join('')}${type ?? ''}(${original}))`;
}

const ended = (text: string) => (text === '' || text.endsWith('}') ? text : `${text};`);
const enclosed = (text: string) => `(${text})`;
