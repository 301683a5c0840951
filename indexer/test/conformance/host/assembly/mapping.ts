// Mappings that try the host's functions one by one. A handler gets its input as the arguments of an event, all of them texts,
// and says what came out in the log.
import {
  Address,
  BigDecimal,
  BigInt,
  ByteArray,
  Bytes,
  crypto,
  DataSourceContext,
  DataSourceTemplate,
  dataSource,
  Entity,
  ethereum,
  ipfs,
  JSONValue,
  JSONValueKind,
  json,
  log,
  store,
  TypedMapEntry,
  Value,
  ValueKind,
} from '@graphprotocol/graph-ts';

/** Made by a host function before any handler runs. */
const START = BigInt.fromString('123456789012345678901234567890');
let runs = 0;

function argument(event: ethereum.Event, index: i32): string {
  return event.parameters[index].value.toString();
}

function say(text: string): void {
  log.info('{}', [text]);
}

export function integers(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const x = BigInt.fromString(argument(event, 1));
  const text = argument(event, 2);
  const y = BigInt.fromString(text);
  if (operation == 'plus') say(x.plus(y).toString());
  if (operation == 'minus') say(x.minus(y).toString());
  if (operation == 'times') say(x.times(y).toString());
  if (operation == 'dividedBy') say(x.div(y).toString());
  if (operation == 'mod') say(x.mod(y).toString());
  if (operation == 'bitOr') say(x.bitOr(y).toString());
  if (operation == 'bitAnd') say(x.bitAnd(y).toString());
  if (operation == 'pow') say(x.pow(<u8>y.toI32()).toString());
  if (operation == 'leftShift') say(x.leftShift(<u8>y.toI32()).toString());
  if (operation == 'rightShift') say(x.rightShift(<u8>y.toI32()).toString());
  if (operation == 'compare') say(BigInt.compare(x, y).toString());
  if (operation == 'dividedByDecimal') say(x.divDecimal(BigDecimal.fromString(text)).toString());
}

export function integer(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const x = BigInt.fromString(argument(event, 1));
  if (operation == 'toString') say(x.toString());
  if (operation == 'toHex') say(x.toHex());
  if (operation == 'bytes') say(changetype<Bytes>(x).toHex());
  if (operation == 'toI32') say(x.toI32().toString());
  if (operation == 'toI64') say(x.toI64().toString());
  if (operation == 'toU64') say(x.toU64().toString());
  if (operation == 'neg') say(x.neg().toString());
  if (operation == 'abs') say(x.abs().toString());
  if (operation == 'sqrt') say(x.sqrt().toString());
  if (operation == 'isZero') say(x.isZero().toString());
  if (operation == 'toBigDecimal') say(x.toBigDecimal().toString());
  if (operation == 'square 20 times') {
    let square = x;
    for (let i = 0; i < 20; i++) square = square.times(square);
    say('done');
  }
}

/** An integer as handlers make it, in more bytes than it takes, or in none. */
export function madeHere(event: ethereum.Event): void {
  const operation = argument(event, 0);
  if (operation == 'fromI32') say(BigInt.fromI32(-5).toString());
  if (operation == 'fromU32') say(BigInt.fromU32(4294967295).toString());
  if (operation == 'fromI64') say(BigInt.fromI64(-9223372036854775808).toString());
  if (operation == 'fromU64') say(BigInt.fromU64(18446744073709551615).toString());
  if (operation == 'padded') say(BigInt.fromSignedBytes(Bytes.fromHexString('0xfbffffffffffffffffffffff')).toString());
  if (operation == 'empty') say(BigInt.fromSignedBytes(Bytes.fromHexString('0x')).toString());
  if (operation == 'unsigned') say(BigInt.fromUnsignedBytes(Bytes.fromHexString('0xff')).toString());
  if (operation == 'start') say(START.toString());
}

export function decimals(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const x = BigDecimal.fromString(argument(event, 1));
  const y = BigDecimal.fromString(argument(event, 2));
  if (operation == 'plus') say(x.plus(y).toString());
  if (operation == 'minus') say(x.minus(y).toString());
  if (operation == 'times') say(x.times(y).toString());
  if (operation == 'dividedBy') say(x.div(y).toString());
  if (operation == 'equals') say((x == y).toString());
  if (operation == 'compare') say(BigDecimal.compare(x, y).toString());
}

export function decimal(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const x = BigDecimal.fromString(argument(event, 1));
  if (operation == 'toString') say(x.toString());
  if (operation == 'parts') say(x.digits.toString() + ' ' + x.exp.toString());
  if (operation == 'neg') say(x.neg().toString());
  if (operation == 'truncate') say(x.truncate(2).toString());
}

/** Digits and an exponent that only a handler puts together. */
export function decimalOf(event: ethereum.Event): void {
  const made = new BigDecimal(BigInt.fromString(argument(event, 0)));
  made.exp = BigInt.fromString(argument(event, 1));
  say(made.toString());
}

export function conversions(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const x = argument(event, 1);
  if (operation == 'bytesToString') say(Bytes.fromHexString(x).toString());
  if (operation == 'bytesToHex') say(Bytes.fromHexString(x).toHex());
  if (operation == 'bytesToBase58') say(Bytes.fromHexString(x).toBase58());
  if (operation == 'stringToH160') say(Address.fromString(x).toHex());
  if (operation == 'keccak256') say(crypto.keccak256(ByteArray.fromHexString(x)).toHex());
  if (operation == 'utf8') say(Bytes.fromUTF8(x).toHex());
  if (operation == 'length') say(x.length.toString());
}

function shown(value: JSONValue): string {
  if (value.kind == JSONValueKind.NULL) return 'null';
  if (value.kind == JSONValueKind.BOOL) return value.toBool() ? 'yes' : 'no';
  if (value.kind == JSONValueKind.NUMBER) return '#' + changetype<string>(<u32>value.data);
  if (value.kind == JSONValueKind.STRING) return "'" + value.toString() + "'";
  if (value.kind == JSONValueKind.ARRAY) {
    const parts: string[] = [];
    const values = value.toArray();
    for (let i = 0; i < values.length; i++) parts.push(shown(values[i]));
    return '[' + parts.join(' ') + ']';
  }
  const parts: string[] = [];
  const entries = value.toObject().entries;
  for (let i = 0; i < entries.length; i++) parts.push(entries[i].key + '=' + shown(entries[i].value));
  return '{' + parts.join(' ') + '}';
}

export function jsonText(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const text = argument(event, 1);
  if (operation == 'from') say(shown(json.fromString(text)));
  if (operation == 'try') {
    const result = json.try_fromString(text);
    say(result.isOk ? shown(result.value) : 'error ' + result.error.toString());
  }
  if (operation == 'try bytes') say(json.try_fromBytes(Bytes.fromHexString(text)).isError ? 'error' : 'read');
  if (operation == 'toI64') say(json.toI64(text).toString());
  if (operation == 'toU64') say(json.toU64(text).toString());
  if (operation == 'toF64') say(json.toF64(text).toString());
  if (operation == 'toBigInt') say(json.toBigInt(text).toString());
}

export function setAll(_: ethereum.Event): void {
  const thing = new Entity();
  thing.set('id', Value.fromString('one'));
  thing.set('text', Value.fromString('naïve 🐚'));
  thing.set('bytes', Value.fromBytes(Bytes.fromHexString('0x00ff')));
  thing.set('integer', Value.fromBigInt(BigInt.fromString('-170141183460469231731687303715884105729')));
  thing.set('decimal', Value.fromBigDecimal(BigDecimal.fromString('-1.50')));
  thing.set('flag', Value.fromBoolean(true));
  thing.set('small', Value.fromI32(-7));
  thing.set('long', Value.fromI64(-9007199254740993));
  thing.set('time', Value.fromTimestamp(1700000000000001));
  thing.set('integers', Value.fromBigIntArray([BigInt.fromI32(1), BigInt.fromI32(-1)]));
  thing.set('color', Value.fromString('red'));
  thing.set('parent', Value.fromBytes(Bytes.fromHexString('0xaa')));
  store.set('Thing', 'one', thing);
}

export function setField(event: ethereum.Event): void {
  const kind = argument(event, 1);
  const thing = new Entity();
  thing.set('id', Value.fromString('one'));
  let value = Value.fromString('text');
  if (kind == 'null') value = Value.fromNull();
  if (kind == 'Int') value = Value.fromI32(1);
  if (kind == 'BigInt') value = Value.fromBigInt(BigInt.fromI32(1));
  if (kind == 'Bytes') value = Value.fromBytes(Bytes.fromHexString('0x01'));
  if (kind == 'list') value = Value.fromStringArray(['a']);
  if (kind == 'kind 77') value = new Value(77, 0);
  thing.set(argument(event, 0), value);
  store.set('Thing', 'one', thing);
}

function described(value: Value): string {
  if (value.kind == ValueKind.STRING) return 'String ' + value.toString();
  if (value.kind == ValueKind.INT) return 'Int ' + value.toI32().toString();
  if (value.kind == ValueKind.BIGDECIMAL) return 'BigDecimal ' + value.toBigDecimal().toString();
  if (value.kind == ValueKind.BOOL) return 'Boolean ' + value.toBoolean().toString();
  if (value.kind == ValueKind.BYTES) return 'Bytes ' + value.toBytes().toHex();
  if (value.kind == ValueKind.BIGINT) return 'BigInt ' + value.toBigInt().toString();
  if (value.kind == ValueKind.INT8) return 'Int8 ' + value.toI64().toString();
  if (value.kind == ValueKind.TIMESTAMP) return 'Timestamp ' + value.toTimestamp().toString();
  if (value.kind == ValueKind.NULL) return 'null';
  const parts: string[] = [];
  const values = value.toArray();
  for (let i = 0; i < values.length; i++) parts.push(described(values[i]));
  return '[' + parts.join(' ') + ']';
}

function listed(entity: Entity): string {
  const parts: string[] = [];
  for (let i = 0; i < entity.entries.length; i++) {
    const entry: TypedMapEntry<string, Value> = entity.entries[i];
    parts.push(entry.key + ': ' + described(entry.value));
  }
  return parts.join(', ');
}

export function stored(event: ethereum.Event): void {
  const operation = argument(event, 0);
  const type = argument(event, 1);
  const id = argument(event, 2);
  if (operation == 'get') {
    const entity = store.get(type, id);
    say(entity === null ? 'nothing' : listed(entity));
  }
  if (operation == 'get_in_block') {
    const entity = store.get_in_block(type, id);
    say(entity === null ? 'nothing' : listed(entity));
  }
  if (operation == 'loadRelated') {
    const related = store.loadRelated(type, id, argument(event, 3));
    const parts: string[] = [];
    for (let i = 0; i < related.length; i++) parts.push(listed(related[i]));
    say(parts.length.toString() + (parts.length > 0 ? ': ' + parts.join('; ') : ''));
  }
  if (operation == 'remove') store.remove(type, id);
}

function token(name: string): ethereum.Value {
  if (name == 'address') {
    return ethereum.Value.fromAddress(Address.fromString('0x00112233445566778899aabbccddeeff00112233'));
  }
  if (name == 'uint') return ethereum.Value.fromUnsignedBigInt(BigInt.fromI32(258));
  if (name == 'int') return ethereum.Value.fromSignedBigInt(BigInt.fromI32(-2));
  if (name == 'bool') return ethereum.Value.fromBoolean(true);
  if (name == 'string') return ethereum.Value.fromString('hé');
  if (name == 'bytes') return ethereum.Value.fromBytes(Bytes.fromHexString('0x0102'));
  if (name == 'fixedBytes') return ethereum.Value.fromFixedBytes(Bytes.fromHexString('0x0102'));
  if (name == 'array') return ethereum.Value.fromArray([token('uint'), token('uint')]);
  if (name == 'strings') return ethereum.Value.fromArray([token('string'), token('string')]);
  if (name == 'fixedArray') return ethereum.Value.fromFixedSizedArray([token('int'), token('int')]);
  if (name == 'negative') return ethereum.Value.fromUnsignedBigInt(BigInt.fromI32(-1));
  const parts = new ethereum.Tuple();
  parts.push(token('uint'));
  if (name == 'dynamicTuple') {
    parts.push(token('string'));
    parts.push(token('strings'));
  }
  parts.push(token('address'));
  return ethereum.Value.fromTuple(parts);
}

function shownToken(value: ethereum.Value): string {
  if (value.kind == ethereum.ValueKind.ADDRESS) return 'address ' + value.toAddress().toHex();
  if (value.kind == ethereum.ValueKind.FIXED_BYTES) return 'fixedBytes ' + value.toBytes().toHex();
  if (value.kind == ethereum.ValueKind.BYTES) return 'bytes ' + value.toBytes().toHex();
  if (value.kind == ethereum.ValueKind.INT) return 'int ' + value.toBigInt().toString();
  if (value.kind == ethereum.ValueKind.UINT) return 'uint ' + value.toBigInt().toString();
  if (value.kind == ethereum.ValueKind.BOOL) return 'bool ' + value.toBoolean().toString();
  if (value.kind == ethereum.ValueKind.STRING) return 'string ' + value.toString();
  const tuple = value.kind == ethereum.ValueKind.TUPLE;
  const values: Array<ethereum.Value> = tuple ? value.toTuple() : value.toArray();
  const parts: string[] = [];
  for (let i = 0; i < values.length; i++) parts.push(shownToken(values[i]));
  const name = tuple ? 'tuple' : value.kind == ethereum.ValueKind.FIXED_ARRAY ? 'fixedArray' : 'array';
  return name + '(' + parts.join(' ') + ')';
}

export function abi(event: ethereum.Event): void {
  if (argument(event, 0) == 'encode') {
    const data = ethereum.encode(token(argument(event, 1)));
    say(data === null ? 'null' : data.toHex());
  } else {
    const value = ethereum.decode(argument(event, 1), Bytes.fromHexString(argument(event, 2)));
    say(value === null ? 'null' : shownToken(value));
  }
}

export function showArguments(event: ethereum.Event): void {
  const parts: string[] = [];
  for (let i = 0; i < event.parameters.length; i++) {
    parts.push(event.parameters[i].name + '=' + shownToken(event.parameters[i].value));
  }
  say(parts.join(', '));
}

export function showEvent(event: ethereum.Event): void {
  const to = event.transaction.to;
  const receipt = event.receipt;
  say(
    [
      event.address.toHex(),
      event.logIndex.toString(),
      event.transactionLogIndex.toString(),
      event.logType === null ? 'no type' : 'type',
      event.block.number.toString(),
      event.block.timestamp.toString(),
      event.transaction.index.toString(),
      event.transaction.from.toHex(),
      to === null ? 'created' : to.toHex(),
      event.transaction.value.toString(),
      event.transaction.input.toHex(),
      event.transaction.nonce.toString(),
      receipt === null ? 'no receipt' : receipt.gasUsed.toString() + ' of ' + receipt.cumulativeGasUsed.toString(),
    ].join(' '),
  );
}

export function showBlock(block: ethereum.Block): void {
  const size = block.size;
  const fee = block.baseFeePerGas;
  say(
    [
      block.hash.toHex(),
      block.parentHash.toHex(),
      block.author.toHex(),
      block.number.toString(),
      block.gasUsed.toString(),
      block.gasLimit.toString(),
      block.timestamp.toString(),
      block.totalDifficulty.toString(),
      size === null ? 'no size' : size.toString(),
      fee === null ? 'no fee' : fee.toString(),
    ].join(' '),
  );
}

export function showFile(content: Bytes): void {
  say(dataSource.stringParam() + ' ' + content.toString());
}

class Token extends ethereum.SmartContract {
  static at(): Token {
    return new Token('Token', Address.fromString('0x00112233445566778899aabbccddeeff00112233'));
  }
}

export function calls(event: ethereum.Event): void {
  const name = argument(event, 0);
  const signature = argument(event, 1);
  const inputs = name == 'balanceOf' ? [token('address')] : [];
  const result = Token.at().tryCall(name, signature, inputs);
  if (result.reverted) return say('reverted');
  const parts: string[] = [];
  for (let i = 0; i < result.value.length; i++) parts.push(shownToken(result.value[i]));
  say(parts.join(' '));
}

export function otherContract(_: ethereum.Event): void {
  ethereum.call(new ethereum.SmartContractCall('Nowhere', Address.zero(), 'f', 'f()', []));
}

export function mustCall(event: ethereum.Event): void {
  Token.at().call('balanceOf', argument(event, 0), [token('address')]);
}

export function sources(event: ethereum.Event): void {
  const operation = argument(event, 0);
  if (operation == 'address') say(dataSource.address().toHex());
  if (operation == 'network') say(dataSource.network());
  if (operation == 'context') say(listed(dataSource.context()));
  if (operation == 'create') DataSourceTemplate.create('Child', ['0xaa', 'second']);
  if (operation == 'create with context') {
    const context = new DataSourceContext();
    context.setString('text', '0xaa');
    context.setBytes('bytes', Bytes.fromHexString('0xaa'));
    context.setBigInt('integer', BigInt.fromI32(-3));
    context.set('long', Value.fromI64(4));
    context.setI32('small', -5);
    context.setBigDecimal('decimal', BigDecimal.fromString('0.5'));
    context.setBoolean('flag', false);
    context.set('list', Value.fromStringArray(['a', 'b']));
    DataSourceTemplate.createWithContext('Child', ['0xaa'], context);
  }
}

export function ends(event: ethereum.Event): void {
  const operation = argument(event, 0);
  if (operation == 'assert') assert(false, 'on purpose');
  if (operation == 'assert without words') assert(false);
  if (operation == 'throw') throw new Error('thrown');
  if (operation == 'array') say([1, 2, 3][event.parameters.length + 5].toString());
  if (operation == 'null') say(changetype<BigInt>(0).toString());
  if (operation == 'null field') say((<BigInt>event.block.size).toString());
  if (operation == 'division') say((1 / (event.parameters.length - 1)).toString());
  if (operation == 'critical') log.critical('the end', []);
  if (operation == 'overflow') say(BigInt.fromString('4294967296').toI32().toString());
  if (operation == 'recursion') say(deep(1).toString());
  if (operation == 'format') log.info('{} {}', ['one']);
  if (operation == 'ipfs') ipfs.cat('Qm');
  if (operation == 'random') say(Math.random().toString());
  if (operation == 'surrogate') say(String.fromCharCode(0xd800));
}

function deep(depth: i32): i32 {
  return depth == 0 ? 0 : deep(depth + 1) + depth;
}

export function logs(event: ethereum.Event): void {
  log.error('one {}', [argument(event, 0)]);
  log.warning('two', []);
  log.info('three', []);
  log.debug('four', []);
  log.log(<log.Level>9, 'five');
}

/** Tells how often it ran in this memory, and takes much of it. */
export function remembers(_: ethereum.Event): void {
  runs++;
  const list = new Array<i32>(3);
  let sum = list[0] + list[1] + list[2];
  const bytes = new Uint8Array(5_000_000);
  for (let i = 0; i < bytes.length; i += 4096) sum += bytes[i];
  bytes.fill(255);
  const allocated = __alloc(64);
  for (let i: usize = 0; i < 64; i++) sum += load<u8>(allocated + i);
  memory.fill(allocated, 255, 64);
  say(runs.toString() + ' ' + sum.toString() + ' ' + BigInt.fromI32(7).times(START).toString());
}
