import { Bytes, dataSource, JSONValue, JSONValueKind, json, TypedMap } from '@graphprotocol/graph-ts';
import { ProposalMetadata } from '../generated/schema';

// A proposal's metadata, whose bytes are those of its CID. What its fields may be, the SDK's metadata.schema.json says.

export function handleMetadata(content: Bytes): void {
  const metadata = new ProposalMetadata(dataSource.stringParam());
  metadata.content = content.toString();
  metadata.linkLabels = [];
  metadata.linkUrls = [];
  metadata.figureLabels = [];
  metadata.figureValues = [];
  const parsed = json.try_fromBytes(content);
  metadata.valid = !parsed.isError && read(metadata, parsed.value);
  metadata.save();
}

/** @returns Whether it has what every proposal's metadata has. */
function read(metadata: ProposalMetadata, value: JSONValue): bool {
  if (value.kind != JSONValueKind.OBJECT) return false;
  const fields = value.toObject();
  metadata.title = textAt(fields, 'title');
  metadata.summary = textAt(fields, 'summary');
  metadata.body = textAt(fields, 'body');
  const links = fields.get('links');
  metadata.linkLabels = columnOf(links, 'label');
  metadata.linkUrls = columnOf(links, 'url');
  const simulation = fields.get('simulation');
  if (simulation != null && simulation.kind == JSONValueKind.OBJECT) {
    metadata.simulationCommand = textAt(simulation.toObject(), 'command');
    metadata.figureLabels = columnOf(simulation.toObject().get('figures'), 'label');
    metadata.figureValues = columnOf(simulation.toObject().get('figures'), 'value');
  }
  return metadata.title != null && metadata.summary != null && metadata.body != null;
}

function textAt(fields: TypedMap<string, JSONValue>, name: string): string | null {
  const value = fields.get(name);
  return value != null && value.kind == JSONValueKind.STRING ? value.toString() : null;
}

/** One field of each entry of a list; empty where an entry has none. */
function columnOf(list: JSONValue | null, name: string): string[] {
  const texts: string[] = [];
  if (list == null || list.kind != JSONValueKind.ARRAY) return texts;
  const entries = list.toArray();
  for (let i = 0; i < entries.length; i++) {
    const text = entries[i].kind == JSONValueKind.OBJECT ? textAt(entries[i].toObject(), name) : null;
    texts.push(text == null ? '' : (text as string));
  }
  return texts;
}
