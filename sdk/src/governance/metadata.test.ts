import { createHash } from 'node:crypto';
import Ajv from 'ajv/dist/2020.js';
import { base16 } from 'multiformats/bases/base16';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { sha256 } from 'multiformats/hashes/sha2';
import type { Hex } from 'viem';
import { describe, expect, it, test } from 'vitest';
import {
  cidOf,
  DescriptionMalformedError,
  decodeMetadata,
  encodeMetadata,
  MAX_METADATA_BYTES,
  MetadataInvalidError,
  MetadataMismatchError,
  MetadataTooLargeError,
  metadataDigest,
  type ProposalMetadata,
  parseDescription,
  toDescription,
} from './index.ts';
import schema from './metadata.schema.json' with { type: 'json' };

const PROPOSER = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B';
const metadata: ProposalMetadata = {
  version: 1,
  title: 'Raise the cap of ETH',
  summary: 'From $20 M to $30 M, over a week.',
  body: '# Why\n\nIt was reached on nine days — “full”.',
  links: [{ label: 'Discussion', url: 'https://forum.example/t/12?page=2#post' }],
  simulation: {
    command: 'npm run replay -- --period may-2021',
    figures: [{ label: 'accounts liquidated', value: '214' }],
    report: 'ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
  },
};
const utf8 = (text: string) => new TextEncoder().encode(text);
/** Metadata whose block has a length, by an ASCII body beside characters of four bytes. */
const ofLength = (bytes: number) => {
  const { length } = encodeMetadata({ ...metadata, body: '🌊'.repeat(50_000) });
  return { ...metadata, body: '🌊'.repeat(50_000) + 'x'.repeat(bytes - length) };
};

describe('the block of metadata', () => {
  it('is read as it was written', () => {
    const bytes = encodeMetadata(metadata);
    expect(decodeMetadata(bytes, metadataDigest(bytes))).toEqual(metadata);
  });

  it('is the same whatever the order of the keys', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, one]) => [key, turned(one)]),
      );
    };
    expect(encodeMetadata(turned(metadata) as ProposalMetadata)).toEqual(encodeMetadata(metadata));
  });

  it('has these bytes', () => {
    const { simulation: _, ...rest } = metadata;
    const bytes = encodeMetadata({ ...rest, simulation: undefined } as unknown as ProposalMetadata);
    expect(new TextDecoder().decode(bytes)).toBe(
      '{"version":1,"title":"Raise the cap of ETH","summary":"From $20 M to $30 M, over a week.",' +
        '"body":"# Why\\n\\nIt was reached on nine days — “full”.",' +
        '"links":[{"label":"Discussion","url":"https://forum.example/t/12?page=2#post"}]}',
    );
  });

  it('has at most 262,144 bytes', () => {
    const full = encodeMetadata(ofLength(MAX_METADATA_BYTES));
    expect(full).toHaveLength(262_144);
    expect(decodeMetadata(full, metadataDigest(full)).title).toBe(metadata.title);
    expect(() => encodeMetadata(ofLength(MAX_METADATA_BYTES + 1))).toThrow(MetadataTooLargeError);
    const over = new Uint8Array(MAX_METADATA_BYTES + 1).fill(0x20);
    expect(() => decodeMetadata(over, metadataDigest(over))).toThrow(MetadataTooLargeError);
  });

  it('is refused before it is read when a byte is changed', () => {
    const digest = metadataDigest(encodeMetadata(metadata));
    expect(() => decodeMetadata(utf8('no JSON'), digest)).toThrow(MetadataMismatchError);
    const changed = encodeMetadata({ ...metadata, title: 'Raise the cap of BTC' });
    expect(() => decodeMetadata(changed, digest)).toThrow(MetadataMismatchError);
  });

  it.each([
    ['no JSON', utf8('{"version":1')],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, ...encodeMetadata(metadata))],
    ['null', utf8('null')],
    ['a list', utf8('[]')],
    ['nothing', new Uint8Array()],
    ['a deep list', utf8('['.repeat(100_000) + ']'.repeat(100_000))],
    ['a prototype', utf8('{"__proto__":{"version":1},"version":1,"title":"a","summary":"b","body":"c","links":[]}')],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(() => decodeMetadata(bytes, metadataDigest(bytes))).toThrow(MetadataInvalidError);
  });
});

describe('the schema', () => {
  const conforms = new Ajv().compile(schema);
  const link = (url: string) => ({ ...metadata, links: [...metadata.links, { label: 'More', url }] });
  const simulated = (change: object) => ({ ...metadata, simulation: { ...metadata.simulation, ...change } });
  const { title: _, ...untitled } = metadata;

  it.each<[string, unknown]>([
    ['all of it', metadata],
    ['no links', { ...metadata, links: [] }],
    ['the longest title, of characters with two units', { ...metadata, title: '🌊'.repeat(120) }],
    ['a port', link('https://forum.example:8443')],
    ['ipfs with a path', link('ipfs://bafy/report.json')],
    ['a report without its whole', simulated({ report: undefined })],
  ])('takes %s', (_what, value) => {
    expect(conforms(JSON.parse(JSON.stringify(value)))).toBe(true);
    expect(() => encodeMetadata(value as ProposalMetadata)).not.toThrow();
  });

  it.each<[string, string, unknown]>([
    ['version', 'another version', { ...metadata, version: 2 }],
    ['title', 'no title', untitled],
    ['title', 'a title that is undefined', { ...metadata, title: undefined }],
    ['title', 'an empty title', { ...metadata, title: '' }],
    ['title', 'a title of 121 characters', { ...metadata, title: '🌊'.repeat(121) }],
    ['title', 'a title of two lines', { ...metadata, title: 'a\nb' }],
    ['title', 'a title that turns the reading direction', { ...metadata, title: 'a\u202eb' }],
    ['summary', 'a summary that is a number', { ...metadata, summary: 5 }],
    ['body', 'a body too long', { ...metadata, body: 'x'.repeat(200_001) }],
    ['', 'what it does not know', { ...metadata, 'au\nthor': 'me' }],
    ['', 'what every object has', { ...metadata, constructor: 'x' }],
    ['links[0]', 'a link with more', { ...metadata, links: [{ ...metadata.links[0], rel: 'me' }] }],
    ['links', 'links that are none', { ...metadata, links: {} }],
    ['links', 'too many links', { ...metadata, links: Array(21).fill(metadata.links[0]) }],
    ['links[0]', 'a link that is text', { ...metadata, links: ['https://a.example'] }],
    ['links[1].url', 'a script', link('javascript:alert(1)')],
    ['links[1].url', 'a link in the clear', link('http://a.example')],
    ['links[1].url', 'a link with a name', link('https://bank.example@a.example')],
    ['links[1].url', 'a link with a space', link('https://a.example/ b')],
    ['links[1].url', 'letters that look like others', link('https://аpple.example')],
    ['links[1].url', 'a long link', link(`https://a.example/${'x'.repeat(2_000)}`)],
    ['simulation.command', 'a simulation without its command', simulated({ command: undefined })],
    ['simulation.figures', 'a simulation without figures', simulated({ figures: [] })],
    ['simulation.figures[0].value', 'a figure that is a number', simulated({ figures: [{ label: 'a', value: 1 }] })],
    ['simulation.report', 'a report that is not content-addressed', simulated({ report: 'https://a.example' })],
  ])('refuses at %s %s', (at, _what, value) => {
    expect(conforms(JSON.parse(JSON.stringify(value)))).toBe(false);
    const bytes = utf8(JSON.stringify(value));
    for (const refused of [
      () => encodeMetadata(value as ProposalMetadata),
      () => decodeMetadata(bytes, metadataDigest(bytes)),
    ]) {
      expect(refused).toThrow(MetadataInvalidError);
      expect(refused).toThrow(expect.objectContaining({ at, line: expect.stringMatching(/^.*$/) }));
    }
  });
});

describe('a description', () => {
  const bytes = encodeMetadata(metadata);
  const digest = metadataDigest(bytes);

  it("names the block by its CID as IPFS's own library makes it", async () => {
    const cid = CID.createV1(raw.code, await sha256.digest(bytes));
    expect(cidOf(digest)).toBe(cid.toString(base16));
    expect(cidOf(digest.toUpperCase().replace('0X', '0x') as Hex)).toBe(cid.toString(base16));
  });

  it('has the digest that sha256sum tells', () => {
    expect(digest).toBe(`0x${createHash('sha256').update(bytes).digest('hex')}`);
  });

  it('tells what it was made of', () => {
    const description = toDescription(digest, PROPOSER);
    expect(description).toBe(`ipfs://f01551220${digest.slice(2)}#proposer=${PROPOSER.toLowerCase()}`);
    expect(parseDescription(description)).toEqual({ digest, cid: cidOf(digest), proposer: PROPOSER });
  });

  const good = toDescription(digest, PROPOSER);
  test.each([
    ['nothing', ''],
    ['text before it', ` ${good}`],
    ['text after it', `${good} `],
    ['a line after it', `${good}\n`],
    ['capital digits', good.replace(digest.slice(2), digest.slice(2).toUpperCase())],
    ['another codec', good.replace('f01551220', 'f01701220')],
    ['a digit less', good.replace('f01551220', 'f0155122')],
    ['no proposer', good.replace(/#.*/, '')],
    ['half a proposer', good.slice(0, -1)],
    ['a path', good.replace('#', '/a#')],
  ])('with %s is none', (_what, description) => {
    expect(() => parseDescription(description)).toThrow(DescriptionMalformedError);
  });

  it('is not made of what is no digest or no address', () => {
    expect(() => toDescription('0x12', PROPOSER)).toThrow(DescriptionMalformedError);
    expect(() => toDescription(digest, '0x12')).toThrow(DescriptionMalformedError);
    const misspelt = PROPOSER.replace('Ab58', 'ab58') as Hex;
    expect(() => toDescription(digest, misspelt)).toThrow(DescriptionMalformedError);
  });
});
