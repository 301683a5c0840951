import { bytesToBigInt, concatBytes, type Hex, numberToBytes } from 'viem';
import type { Random } from '../../../sdk/test/differential/random.ts';
import {
  type Field,
  type FieldClass,
  fieldsOf,
  join,
  type Parts,
  putTogether,
  ROOT_OFFSET,
  rootOf,
  signBody,
} from '../../../sdk/test/updateParts.ts';
import type { Base } from './bases.ts';

/** Of the largest quorum. */
const SIGNATURES = 13;
/** Of the curve: signatures are pairs of numbers below it. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Classes of mutations: of one field each, and of what fields mean together. */
const FIELD_CLASSES: readonly FieldClass[] = [
  'header',
  'set index',
  ...Array.from({ length: SIGNATURES }, (_, i): FieldClass => `signature ${i + 1}`),
  'body',
  'proof',
  'message',
];

/** Spoils a copy of its parts, or returns other bytes made of them. */
type Spoil = (random: Random, parts: Parts, base: Base, others: readonly Base[]) => unknown;

/** Mutations of what fields mean together, by class. */
const STRUCTURES: Record<string, Spoil> = {
  'trailing bytes': (random, parts, _base, others) => {
    const tails = [
      () => bytes(random, random.int(1, 64)),
      () => new Uint8Array(random.int(1, 64)),
      () => putTogether(random.pick(others).parts),
      () => join(fieldsOf(parts).slice(-random.int(1, 8))),
    ];
    return concatBytes([putTogether(parts), random.pick(tails)()]);
  },
  'cut short': (random, parts) => {
    const whole = putTogether(parts);
    return whole.subarray(0, random.int(0, whole.length - 1));
  },
  'length fields': (random, parts) => {
    const fields = fieldsOf(parts);
    const field = random.pick(fields.filter(({ length }) => length));
    field.bytes = random.chance(0.5) ? near(random, field.bytes) : toEnd(random, field.bytes);
    return join(fields);
  },
  'ends of fields': (random, parts) => {
    const fields = fieldsOf(parts);
    const field = random.pick(fields);
    field.bytes = toEnd(random, field.bytes);
    return join(fields);
  },
  'duplicated signatures': (random, { signatures }) => {
    const from = random.int(0, signatures.length - 1);
    const copy = signatures[from] as Uint8Array;
    signatures.splice(random.int(0, signatures.length), random.int(0, 1), copy);
  },
  'reordered signatures': (random, { signatures }) => {
    swap(random, signatures);
    if (random.chance(0.5)) return;
    // In the right order, under each other's names.
    const names = signatures.map(([name = 0]) => name).sort((a, b) => a - b);
    for (const [i, one] of signatures.entries()) signatures[i] = Uint8Array.of(names[i] ?? 0, ...one.subarray(1));
  },
  'missing signatures': (random, { signatures }) => {
    for (let i = random.int(1, signatures.length); i > 0; i--)
      signatures.splice(random.int(0, signatures.length - 1), 1);
  },
  'malleable signatures': (random, { signatures }) => {
    const i = random.int(0, signatures.length - 1);
    const one = (signatures[i] as Uint8Array).slice();
    // The same signer's other signature; or the same number written otherwise, which only wider arithmetic takes.
    const numbers = [0n, ORDER, ORDER - 1n, ORDER + 1n, 2n ** 256n - 1n];
    const ways = [
      () => flip(one, random.chance(0.8)),
      () => spoilV(one, random.pick([2, 4, 27, 28, 29, 35, 229, 254])),
      () => one.set(word(random.pick(numbers)), random.pick([1, 33])),
    ];
    random.pick(ways)();
    signatures[i] = one;
  },
  'signatures of another update': (random, parts, base, others) => {
    const other = random.pick(sameSigners(base, others)).parts;
    if (random.chance(0.5)) parts.signatures = other.signatures;
    else parts.signatures = parts.signatures.map((one, i) => (random.chance(0.5) ? (other.signatures[i] ?? one) : one));
  },
  'another valid set': (random, parts, base, others) => {
    const strangers = others.filter(({ signers }) => signers !== base.signers);
    // With its own index: a set that is no longer, or not yet, in force. With ours: its signatures under our name.
    const set = random.chance(0.5) ? parts.set : undefined;
    const other = random.pick(strangers).parts;
    if (random.chance(0.5)) Object.assign(parts, { ...other, set: set ?? other.set });
    else Object.assign(parts, { signatures: other.signatures, body: other.body, set: set ?? other.set });
  },
  'strange signers': async (random, parts, { signers }) => {
    // The trusted ones' names, other keys.
    const keys = Array.from(
      { length: signers.trust.quorum },
      () => `0x${random.bits(248).toString(16).padStart(64, '1')}` as Hex,
    );
    const strange = await signBody(parts.body, keys.slice(0, random.int(1, 3)));
    strange.forEach((one, i) => {
      parts.signatures[i] = one;
    });
  },
  'spliced updates': (random, parts, base, others) => {
    const other = random.pick(sameSigners(base, others)).parts;
    const mine = random.int(0, parts.messages.length - 1);
    const message = random.pick(other.messages);
    const splices = [
      () => Object.assign(parts, { messages: other.messages }),
      () => Object.assign(parts, { body: other.body }),
      () => Object.assign(parts, { body: other.body, signatures: other.signatures }),
      () => parts.messages.splice(mine, 1, message),
      () => parts.messages.push(message),
      () => Object.assign(parts.messages[mine] ?? {}, { proof: message.proof }),
      () => Object.assign(parts.messages[mine] ?? {}, { message: message.message }),
      () =>
        Object.assign(parts, {
          body: concatBytes([parts.body.subarray(0, ROOT_OFFSET), other.body.subarray(ROOT_OFFSET)]),
        }),
    ];
    random.pick(splices)();
  },
  'messages and proofs': (random, { messages }) => {
    const i = random.int(0, messages.length - 1);
    const one = messages[i] as Parts['messages'][number];
    const changes = [
      () => messages.push(one),
      () => messages.splice(i, 1),
      () => swap(random, messages),
      () => swap(random, one.proof),
      () => one.proof.pop(),
      () => one.proof.push(bytes(random, 20)),
      () => one.proof.unshift(one.proof[0] ?? bytes(random, 20)),
      // A node of the tree as a message.
      () => Object.assign(one, { message: concatBytes([Uint8Array.of(1), ...one.proof.slice(0, 2)]) }),
      () => messages.push(...Array.from({ length: 255 - messages.length }, () => one)),
    ];
    random.pick(changes)();
  },
  // The trusted signers sign what is no price of Pyth's.
  'signed, but no price': async (random, parts, { signers }) => {
    const [{ message }] = parts.messages as [Parts['messages'][number]];
    const body = parts.body.slice();
    const kind = random.int(0, 4);
    let only = message.slice();
    if (kind === 0) only[0] = random.int(1, 255);
    if (kind === 1) only = only.subarray(0, random.int(0, message.length - 1));
    body.set(rootOf(only), ROOT_OFFSET);
    // The emitter's chain or address; the payload's magic or type.
    if (kind === 2) spoilByte(random, body, random.int(8, 41));
    if (kind === 3) spoilByte(random, body, random.int(51, 55));
    parts.body = kind === 4 ? body.subarray(0, random.int(0, body.length - 1)) : body;
    parts.messages = [{ message: only, proof: [] }];
    parts.signatures = await signBody(parts.body, signers.keys ?? []);
  },
  'several fields': (random, parts) => {
    const fields = fieldsOf(parts);
    for (let i = random.int(2, 4); i > 0; i--) spoil(random, random.pick(fields));
    return join(fields);
  },
};

export const CLASSES: readonly string[] = [...FIELD_CLASSES, ...Object.keys(STRUCTURES)];

/** Classes that there are updates for. */
export const classesOf = (bases: readonly Base[]) => CLASSES.filter((of) => candidates(of, bases).length > 0);

/** A sound update of `bases`, spoilt by a mutation of its class. */
export async function mutate(random: Random, of: string, bases: readonly Base[]) {
  // Each set of signers as often as the others, however many updates are of it.
  const able = candidates(of, bases);
  const signers = random.pick([...new Set(able.map((base) => base.signers))]);
  const base = random.pick(able.filter((one) => one.signers === signers));
  const sound = putTogether(base.parts);
  for (;;) {
    const mutated = await mutateOnce(random, of, base, bases);
    if (!equal(mutated, sound)) return { base, mutated };
  }
}

async function mutateOnce(random: Random, of: string, base: Base, bases: readonly Base[]): Promise<Uint8Array> {
  const structure = STRUCTURES[of];
  if (!structure) {
    const fields = fieldsOf(base.parts);
    spoil(random, random.pick(fields.filter((field) => field.of === of)));
    return join(fields);
  }
  const messages = base.parts.messages.map(({ message, proof }) => ({ message, proof: [...proof] }));
  const parts = { ...base.parts, signatures: [...base.parts.signatures], messages };
  const made = await structure(random, parts, base, bases);
  return made instanceof Uint8Array ? made : putTogether(parts);
}

const known = new WeakMap<readonly Base[], Map<string, readonly Base[]>>();

/** Updates that a class can spoil. */
function candidates(of: string, bases: readonly Base[]): readonly Base[] {
  const byClass = known.get(bases) ?? new Map<string, readonly Base[]>();
  known.set(bases, byClass);
  const found =
    byClass.get(of) ??
    bases.filter(({ parts, signers }) => {
      if (of === 'signed, but no price') return signers.keys !== undefined;
      return STRUCTURES[of] !== undefined || fieldsOf(parts).some((field) => field.of === of);
    });
  byClass.set(of, found);
  return found;
}

const sameSigners = (base: Base, others: readonly Base[]) =>
  others.filter((other) => other.signers === base.signers && other !== base);

/** Changes a field's bytes; its length, too, one time in eight. */
function spoil(random: Random, field: Field): void {
  const { bytes: before } = field;
  const at = random.int(0, before.length - 1);
  const ways = [
    () => toEnd(random, before),
    () => near(random, before),
    () => bytes(random, before.length),
    () => before.map((byte, i) => (i === at ? byte ^ (1 << random.int(0, 7)) : byte)),
    () => before.map((byte, i) => (i === at ? random.int(0, 255) : byte)),
  ];
  const inserted = concatBytes([before.subarray(0, at), bytes(random, random.int(1, 3)), before.subarray(at)]);
  const removed = concatBytes([before.subarray(0, at), before.subarray(at + 1)]);
  field.bytes = random.chance(1 / 8) ? random.pick([inserted, removed]) : random.pick(ways)();
}

/** Smallest and largest number, unsigned and signed, and what lies beside it. */
function toEnd(random: Random, { length: size }: Uint8Array): Uint8Array {
  const whole = 256n ** BigInt(size);
  return numberToBytes(random.pick([0n, 1n, whole / 2n - 1n, whole / 2n, whole - 2n, whole - 1n]) % whole, { size });
}

/** The number beside, across the ends. */
function near(random: Random, before: Uint8Array): Uint8Array {
  const size = before.length;
  const step = random.big(1, 3) * (random.chance(0.5) ? 1n : -1n);
  return numberToBytes(BigInt.asUintN(8 * size, bytesToBigInt(before) + step), { size });
}

const bytes = (random: Random, length: number) => Uint8Array.from({ length }, () => random.int(0, 255));
const word = (value: bigint) => numberToBytes(value, { size: 32 });

function spoilByte(random: Random, of: Uint8Array, at: number): void {
  of[at] = (of[at] ?? 0) ^ random.int(1, 255);
}

function spoilV(signature: Uint8Array, by: number): void {
  signature[65] = (signature[65] ?? 0) + by;
}

/** s becomes order − s; with the parity the signer stays. */
function flip(signature: Uint8Array, parity: boolean): void {
  signature.set(word(ORDER - bytesToBigInt(signature.subarray(33, 65))), 33);
  if (parity) signature[65] = 1 - (signature[65] ?? 0);
}

function swap<T>(random: Random, items: T[]): void {
  if (items.length < 2) return;
  const [a, b] = [random.int(0, items.length - 1), random.int(0, items.length - 1)];
  [items[a], items[b]] = [items[b] as T, items[a] as T];
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
