import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { readSchema } from '../../indexer/src/build/schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { types } = readSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));
const sources = join(root, 'src');
const functions = readdirSync(sources).flatMap((name) => functionsOf(name, readFileSync(join(sources, name), 'utf8')));

interface Mapping {
  readonly file: string;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: ts.Node;
}

// The store refuses an entity that lacks a required field when a handler sets it, as graph-node's does.
test('whatever makes an entity sets all of its required fields', () => {
  const made = functions.flatMap(entitiesMadeBy);
  expect(new Set(made.map(({ type }) => type)).size).toBeGreaterThan(30);
  expect(made.flatMap(({ where, type, lacking }) => lacking.map((field) => `${where}: ${type}.${field}`))).toEqual([]);
});

function functionsOf(file: string, text: string): Mapping[] {
  const found: Mapping[] = [];
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest), (node) => {
    const isNamed = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
    if (!isNamed || !node.body || !node.name) return;
    const parameters = node.parameters.map(({ name }) => textOf(name));
    found.push({ file, name: textOf(node.name), parameters, body: node.body });
  });
  return found;
}

function entitiesMadeBy(mapping: Mapping) {
  const made: { where: string; type: string; lacking: string[] }[] = [];
  visit(mapping.body, (node) => {
    if (!ts.isVariableDeclaration(node) || !node.initializer || !ts.isNewExpression(node.initializer)) return;
    const type = textOf(node.initializer.expression);
    const entity = types.get(type);
    if (!entity) return;
    const set = fieldsSet(mapping, textOf(node.name));
    const given = entity.kind === 'timeseries' ? ['id', 'timestamp'] : ['id'];
    const lacking = entity.fields
      .filter(({ name, required, derivedFrom }) => required && derivedFrom === null && !given.includes(name))
      .flatMap(({ name }) => (set.has(name) ? [] : [name]));
    made.push({ where: `${mapping.file} ${mapping.name}`, type, lacking });
  });
  return made;
}

/** Fields of a variable that a function sets, itself or by the functions that it hands the variable to. */
function fieldsSet({ body }: Mapping, variable: string): Set<string> {
  const set = new Set<string>();
  visit(body, (node) => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const { left } = node;
      if (ts.isPropertyAccessExpression(left) && textOf(left.expression) === variable) set.add(textOf(left.name));
    }
    if (!ts.isCallExpression(node)) return;
    const place = node.arguments.findIndex((argument) => textOf(argument) === variable);
    const called = functions.find(({ name }) => name === textOf(node.expression));
    const parameter = called?.parameters[place];
    if (called && parameter) for (const field of fieldsSet(called, parameter)) set.add(field);
  });
  return set;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function textOf(node: ts.Node): string {
  return ts.isIdentifier(node) ? node.text : '';
}
