// What can be changed in the contracts: every mutant of a syntax tree, and which of them are drawn.
import { generator } from '../../devnet/src/random.ts';
import { type Node, walk } from '../compiled.mjs';

/**
 * The kinds of change.
 * - rounding: another direction; boundary: < ↔ <=, > ↔ >=; equality: == ↔ !=
 * - condition: negated; logic: && ↔ ||; not, sign: dropped; flag: true ↔ false
 * - arithmetic: + ↔ −, * ↔ /; increment: ++ ↔ −−; bitwise: & ↔ |, << ↔ >>
 * - constant: one more, one less; minmax: min ↔ max; arguments: two neighbours of one type change places
 * - return: zero or the opposite; statement, emit, require: left out
 */
export const OPERATORS = [
  'rounding',
  'boundary',
  'equality',
  'condition',
  'logic',
  'not',
  'sign',
  'flag',
  'arithmetic',
  'increment',
  'bitwise',
  'constant',
  'minmax',
  'arguments',
  'return',
  'statement',
  'emit',
  'require',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** Judged whole, before anything is drawn. */
export const WHOLE: readonly Operator[] = ['rounding', 'boundary', 'equality'];

/** What names a mutant whatever else of its file changes. */
export interface Key {
  file: string;
  function: string;
  operator: Operator;
  original: string;
  mutated: string;
  /** Which of several equal ones in the function, from 1. */
  nth: number;
}

/** A piece of the source, in bytes. */
export interface Span {
  from: number;
  to: number;
}

export interface Mutant extends Key {
  line: number;
  /** The expression or statement that is replaced. */
  site: Span & { statement: boolean };
  /** What the original must be converted to beside the mutant, so that both have one type. */
  type: string | undefined;
  /** What stands there instead; for a statement without its end. */
  text: string;
}

export const nameOf = (key: Key): string =>
  [key.file, key.function, key.operator, key.original, key.mutated, key.nth].join(' | ');

const OPPOSITE: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==' };
const OTHER: Record<string, [Operator, string]> = {
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
  '%': ['arithmetic', '/'],
  '&': ['bitwise', '|'],
  '|': ['bitwise', '&'],
  '^': ['bitwise', '|'],
  '<<': ['bitwise', '>>'],
  '>>': ['bitwise', '<<'],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
};
/** Directions of the ledger's arithmetic: by another of its functions, or by one of the schema's. */
const RENAMED: Record<string, string> = {
  mulDivUp: 'mulDivDown',
  mulDivDown: 'mulDivUp',
  mulDivCeil: 'mulDivTrunc',
  mulDivTrunc: 'mulDivCeil',
};
const HELPED: Record<string, string> = { divUp: 'divDown', divCeil: 'divTrunc', divFloor: 'divTrunc' };
const COMMUTATIVE = /^(min|max|mulDiv\w*)$/;
const YUL_OTHER: Record<string, [Operator, string]> = {
  add: ['arithmetic', 'sub'],
  sub: ['arithmetic', 'add'],
  mul: ['arithmetic', 'div'],
  div: ['arithmetic', 'mul'],
  sdiv: ['arithmetic', 'mul'],
  and: ['bitwise', 'or'],
  or: ['bitwise', 'and'],
  xor: ['bitwise', 'or'],
  shl: ['bitwise', 'shr'],
  shr: ['bitwise', 'shl'],
};
const YUL_OPPOSITE: Record<string, string> = { lt: 'gt', gt: 'lt', slt: 'sgt', sgt: 'slt' };

const typeOf = (node: Node | undefined): string => node?.typeDescriptions?.typeString ?? '';
const isInteger = (type: string): boolean => /^u?int\d+$/.test(type);
const isEquality = (node: Node): boolean => node.operator === '==' || node.operator === '!=';
const isRational = (type: string): boolean => type.startsWith('int_const');

export function spanOf(node: Node, src: string = node.src): Span {
  const [from = 0, length = 0] = src.split(':').map(Number);
  return { from, to: from + length };
}

/** The types between the first parentheses of a function's type. */
function parameterTypes(type: string): string[] {
  const list = /^function \(([^)]*)\)/.exec(type)?.[1];
  return list ? list.split(',') : [];
}

/**
 * Every mutant of one file.
 * @param source As Latin-1, so that its length counts bytes as the compiler does.
 * @param constants The ids of all constants.
 */
export function mutantsOf(file: string, source: string, ast: Node, constants: ReadonlySet<number>): Mutant[] {
  const found: Omit<Mutant, 'nth'>[] = [];
  const textOf = ({ from, to }: Span) => source.slice(from, to);
  const show = (text: string) => Buffer.from(text, 'latin1').toString().replace(/\s+/g, ' ').trim();

  walk(ast, (node, above) => {
    const fn = above.findLast(({ nodeType }) => /^(Function|Modifier)Definition$/.test(nodeType));
    if (!fn?.body || !above.includes(fn.body)) return;
    const contract = above.find(({ nodeType }) => nodeType === 'ContractDefinition');
    const parent = above.at(-1) as Node;
    const span = spanOf(node);
    const text = textOf(span);

    const add = (operator: Operator, mutated: string, statement = false, type?: string) => {
      // In assembly, the block is what is replaced.
      const assembly = above.find(({ nodeType }) => nodeType === 'InlineAssembly');
      const whole = assembly ? spanOf(assembly) : span;
      const replaced = assembly
        ? source.slice(whole.from, span.from) + mutated + source.slice(span.to, whole.to)
        : mutated;
      found.push({
        file,
        function: `${contract?.name}.${fn.name || fn.kind}`,
        operator,
        original: show(text),
        mutated: show(mutated) || 'nothing',
        line: source.slice(0, span.from).split('\n').length,
        site: { ...whole, statement: statement || assembly !== undefined },
        type,
        text: replaced,
      });
    };
    /** The node's text with one of its pieces replaced. */
    const spliced = (piece: Span, by: string) =>
      textOf({ from: span.from, to: piece.from }) + by + textOf({ from: piece.to, to: span.to });
    const between = (left: Node, right: Node, by: string) => {
      // & and && bind more tightly than what they replace.
      const tight = by.startsWith('&') && !by.endsWith('=');
      const side = (one: Node) =>
        tight && one.nodeType === 'BinaryOperation' ? `(${textOf(spanOf(one))})` : textOf(spanOf(one));
      return `${side(left)} ${by} ${side(right)}`;
    };

    switch (node.nodeType) {
      case 'BinaryOperation': {
        const { leftExpression: left, rightExpression: right, operator } = node;
        if (isRational(typeOf(node))) break;
        const opposite = OPPOSITE[operator];
        if (opposite) add(isEquality(node) ? 'equality' : 'boundary', between(left, right, opposite));
        const [kind, other] = OTHER[operator] ?? [];
        if (kind && other) add(kind, between(left, right, other));
        if (operator === '/') {
          const [a, b] = [textOf(spanOf(left)), textOf(spanOf(right))];
          const type = typeOf(node);
          const directions = type.startsWith('u') ? ['divUp'] : ['divFloor', 'divCeil'];
          for (const direction of directions) {
            const divided = `Schema.${direction}(${a}, ${b})`;
            add('rounding', type.endsWith('256') ? divided : `${type}(${divided})`);
          }
        }
        break;
      }
      case 'UnaryOperation': {
        const operand = textOf(spanOf(node.subExpression));
        if (isRational(typeOf(node))) break;
        if (node.operator === '!') add('not', operand);
        if (node.operator === '-') add('sign', operand);
        if (node.operator === '~') add('bitwise', operand);
        const step = { '++': '--', '--': '++' }[node.operator as string];
        // A loop that counts the wrong way only takes long to fail.
        const counts = above.some(
          (one, i) => one.nodeType === 'ForStatement' && one.loopExpression === (above[i + 1] ?? node),
        );
        if (step && !counts) add('increment', node.prefix ? step + operand : operand + step);
        break;
      }
      case 'Assignment': {
        const operator = node.operator.slice(0, -1);
        const [kind, other] = OTHER[operator] ?? [];
        if (kind && other && !'/%'.includes(other))
          add(kind, between(node.leftHandSide, node.rightHandSide, `${other}=`));
        break;
      }
      case 'FunctionCall':
        if (node.kind === 'functionCall') call(node);
        break;
      case 'Literal':
        if (node.kind === 'bool') add('flag', node.value === 'true' ? 'false' : 'true');
        break;
      case 'Conditional':
        add(
          'condition',
          `${textOf(spanOf(node.condition))} ? ${textOf(spanOf(node.falseExpression))} : ${textOf(spanOf(node.trueExpression))}`,
        );
        break;
      case 'Return': {
        const { expression } = node;
        const [result] = fn.returnParameters?.parameters ?? [];
        if (!expression || fn.returnParameters.parameters.length !== 1) break;
        const type = typeOf(result);
        const returned = spanOf(expression);
        const shown = textOf(returned);
        if (type === 'bool' && expression.nodeType !== 'Literal' && !isEquality(expression))
          add('return', `return !(${shown})`, true);
        if (isInteger(type) && shown !== '0') add('return', 'return 0', true);
        break;
      }
      case 'ExpressionStatement': {
        if (parent.nodeType === 'ForStatement' && parent.body !== node) break;
        const { expression } = node;
        // The compiler wants them set on every path.
        if (/storage pointer$/.test(typeOf(expression.leftHandSide))) break;
        const name = expression.nodeType === 'FunctionCall' ? expression.expression.name : undefined;
        if (name !== 'revert') add(name === 'require' ? 'require' : 'statement', '', true);
        break;
      }
      case 'EmitStatement':
        add('emit', '', true);
        break;
      case 'YulFunctionCall':
        yul(node);
        break;
      case 'YulLiteral':
        if (node.kind === 'number') for (const value of neighbours(BigInt(node.value))) add('constant', `${value}`);
        break;
      case 'YulAssignment':
      case 'YulExpressionStatement':
        if (!/\.slot$/.test(node.variableNames?.[0]?.name ?? '')) add('statement', '');
        break;
    }
    if (['IfStatement', 'WhileStatement'].includes(parent.nodeType) && parent.condition === node) {
      // Whether two values are equal, and what is negated, is so already.
      if (!isEquality(node) && node.operator !== '!') add('condition', `!(${text})`);
    }
    constant();

    function call(node: Node): void {
      const { expression: callee, arguments: given } = node;
      const attached = callee.nodeType === 'MemberAccess' && !typeOf(callee.expression).startsWith('type(');
      const name: string = callee.memberName ?? callee.name ?? '';
      const place = callee.memberLocation ? spanOf(callee, callee.memberLocation) : spanOf(callee);
      const shown = (given as Node[]).map((one) => textOf(spanOf(one)));
      const parameters = attached ? [textOf(spanOf(callee.expression)), ...shown] : shown;
      const renamed = RENAMED[name];
      const helped = HELPED[name];
      if (renamed) add('rounding', spliced(place, renamed));
      if (name === 'mulDivTrunc' || name === 'mulDivCeil')
        add('rounding', `Schema.mulDivFloor(${parameters.join(', ')})`);
      if (helped) add('rounding', `Schema.${helped}(${parameters.join(', ')})`);
      if (name === 'mulDiv') {
        const ceil = shown[3]?.endsWith('Ceil');
        add('rounding', `Math.mulDiv(${shown.slice(0, 3).join(', ')}${ceil ? '' : ', Math.Rounding.Ceil'})`);
      }
      if (name === 'min' || name === 'max') add('minmax', spliced(place, name === 'min' ? 'max' : 'min'));
      // Those that return nothing are statements of their own.
      const nothing =
        typeOf(node) === 'tuple()' || ['error', 'event'].some((kind) => typeOf(callee).includes(`returns (${kind})`));
      if (nothing || COMMUTATIVE.test(name) || node.names.length > 0) return;
      const types = parameterTypes(typeOf(callee)).slice(attached ? -given.length : 0);
      for (let i = 0; i + 1 < given.length; i++) {
        const [one, two] = [given[i] as Node, given[i + 1] as Node];
        if (types[i] !== types[i + 1] || shown[i] === shown[i + 1]) continue;
        if (types.length === 0 && typeOf(one) !== typeOf(two)) continue;
        const [first, second] = [spanOf(one), spanOf(two)];
        const swapped = textOf(second) + textOf({ from: first.to, to: second.from }) + textOf(first);
        add('arguments', spliced({ from: first.from, to: second.to }, swapped));
      }
    }

    function yul(node: Node): void {
      const name: string = node.functionName.name;
      const given = (node.arguments as Node[]).map((one) => textOf(spanOf(one)));
      const list = given.join(', ');
      const opposite = YUL_OPPOSITE[name];
      // < becomes ≤, which is not >.
      if (opposite && parent.nodeType !== 'YulExpressionStatement') {
        if (given[0]?.includes('mod(')) add('rounding', '0');
        else add('boundary', `iszero(${opposite}(${list}))`);
      }
      if (name === 'eq') add('equality', `iszero(eq(${list}))`);
      if (name === 'iszero') add('not', list);
      const [kind, other] = YUL_OTHER[name] ?? [];
      if (kind && other) add(kind, `${other}(${list})`);
      // Where the divisor is the function's own: others look whether a product fits, or for a root.
      const divisor = (fn?.parameters.parameters as Node[] | undefined)?.at(-1)?.name;
      if (name === 'div' && given[1] === divisor) add('rounding', `add(div(${list}), gt(mod(${list}), 0))`);
      if (name === 'sdiv' && given[1] === divisor) add('rounding', `sub(sdiv(${list}), slt(smod(${list}), 0))`);
    }

    /** A number, or the use of a constant: one more and one less. */
    function constant(): void {
      const type = typeOf(node);
      if (isRational(type)) {
        if (isRational(typeOf(parent)) || node.nodeType === 'TupleExpression') return;
        const wanted = wantedType(node, above);
        if (!wanted) return;
        const value = BigInt(type.replace(/^int_const /, '').replace(/\D.*$/, '') || '0');
        const exact = /^int_const \d+$/.test(type) ? neighbours(value) : undefined;
        for (const other of exact ?? [`(${text}) + 1`, `(${text}) - 1`])
          add('constant', `${wanted}(${other})`, false, wanted);
      } else if (
        isInteger(type) &&
        constants.has(node.referencedDeclaration) &&
        /^(Identifier|MemberAccess)$/.test(node.nodeType)
      ) {
        add('constant', `(${text} + 1)`);
        add('constant', `(${text} - 1)`);
      }
    }
  });

  const seen = new Map<string, number>();
  return found.map((one) => {
    const name = nameOf({ ...one, nth: 0 });
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return { ...one, nth };
  });
}

const neighbours = (value: bigint): string[] => (value === 0n ? ['1'] : [`${value + 1n}`, `${value - 1n}`]);

/** The integer type that a literal takes where it stands. */
function wantedType(node: Node, above: readonly Node[]): string | undefined {
  const parent = above.at(-1);
  if (!parent) return undefined;
  const integer = (type: string) => (isInteger(type) ? type : undefined);
  switch (parent.nodeType) {
    case 'BinaryOperation':
      // What is shifted by, or raised to, has a type of its own.
      if (/^(<<|>>|\*\*)$/.test(parent.operator) && parent.rightExpression === node) return 'uint256';
      return integer(parent.commonType.typeString);
    case 'Assignment':
      return integer(typeOf(parent.leftHandSide));
    case 'VariableDeclarationStatement':
      return parent.declarations.length === 1 ? integer(typeOf(parent.declarations[0])) : undefined;
    case 'Conditional':
      return integer(typeOf(parent)) ?? wantedType(parent, above.slice(0, -1));
    case 'IndexAccess':
      return 'uint256';
    case 'TupleExpression': {
      const outer = above.at(-2);
      if (parent.components.length === 1) return wantedType(parent, above.slice(0, -1));
      const at = parent.components.indexOf(node);
      const target = outer?.nodeType === 'Assignment' ? outer.leftHandSide.components?.[at] : undefined;
      return integer(typeOf(target));
    }
    case 'FunctionCall': {
      const at = parent.arguments.indexOf(node);
      if (at < 0) return undefined;
      if (parent.kind === 'typeConversion') return integer(typeOf(parent));
      const types = parameterTypes(typeOf(parent.expression));
      return integer(types[at + types.length - parent.arguments.length] ?? '');
    }
    case 'Return': {
      const fn = above.findLast(({ nodeType }) => nodeType === 'FunctionDefinition');
      const results = fn?.returnParameters.parameters ?? [];
      return results.length === 1 ? integer(typeOf(results[0])) : undefined;
    }
    default:
      return undefined;
  }
}

/** The same order for the same seed (Fisher–Yates). */
function shuffled<T>(items: readonly T[], uniform: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

/**
 * All mutants in the order in which they are judged: first the classes that are judged whole, then one of each operator
 * in each function, then a second one, and so on.
 */
export function drawn<T extends Key>(mutants: readonly T[], seed: number): T[] {
  const uniform = generator(seed);
  const whole = shuffled(
    mutants.filter(({ operator }) => WHOLE.includes(operator)),
    uniform,
  );
  const cells = new Map<string, T[]>();
  for (const mutant of shuffled(
    mutants.filter(({ operator }) => !WHOLE.includes(operator)),
    uniform,
  )) {
    const cell = `${mutant.file} ${mutant.function} ${mutant.operator}`;
    cells.set(cell, [...(cells.get(cell) ?? []), mutant]);
  }
  const order = shuffled([...cells.values()], uniform);
  const rounds = Math.max(0, ...order.map(({ length }) => length));
  const rest = Array.from({ length: rounds }, (_, round) => order.flatMap((cell) => cell.slice(round, round + 1)));
  return [...whole, ...rest.flat()];
}
