import { type Address, getAddress, type Hex, isAddress, sha256 } from 'viem';
import schema from './metadata.schema.json' with { type: 'json' };
import {
  DescriptionMalformedError,
  MetadataInvalidError,
  MetadataMismatchError,
  MetadataTooLargeError,
} from './metadataErrors.ts';
import { type Schema, violationOf } from './schema.ts';

/**
 * What a proposal says of itself, by `metadata.schema.json`. All of it is a stranger's text: show it as text, render the
 * Markdown without HTML, scripts or remote images, and show what the actions do beside it.
 */
export interface ProposalMetadata {
  version: 1;
  /** One line of at most 120 characters. */
  title: string;
  /** One line of at most 1,000 characters. */
  summary: string;
  /** Markdown, untrusted, at most 200,000 characters. */
  body: string;
  /** At most 20. */
  links: readonly MetadataLink[];
  simulation?: SimulationReport;
}

export interface MetadataLink {
  label: string;
  /** https or ipfs. */
  url: string;
}

/** What the proposal would have done, replayed. Nothing proves it but running the command. */
export interface SimulationReport {
  /** Makes the report again. */
  command: string;
  /** What it found, in words with their units; 1 to 100. */
  figures: readonly { label: string; value: string }[];
  /** The whole report: ipfs. */
  report?: string;
}

/** Bytes that a proposal's metadata has at most: one raw block. */
export const MAX_METADATA_BYTES = 262_144;

/** CIDv1 (01), raw (55), SHA-256 (12) of 32 bytes (20), in base16 (f). */
const CID_PREFIX = 'f01551220';
const DESCRIPTION = new RegExp(`^ipfs://${CID_PREFIX}([0-9a-f]{64})#proposer=(0x[0-9a-fA-F]{40})$`);

/**
 * Metadata as the bytes of its block: JSON without spaces, keys in the order of {@link ProposalMetadata}, UTF-8. Equal
 * metadata gives equal bytes.
 * @throws {MetadataInvalidError} {@link MetadataTooLargeError}
 */
export function encodeMetadata(metadata: ProposalMetadata): Uint8Array {
  requireMetadata(metadata);
  const { version, title, summary, body, links, simulation } = metadata;
  const bytes = new TextEncoder().encode(
    JSON.stringify({
      version,
      title,
      summary,
      body,
      links: links.map(({ label, url }) => ({ label, url })),
      ...(simulation && {
        simulation: {
          command: simulation.command,
          figures: simulation.figures.map(({ label, value }) => ({ label, value })),
          ...(simulation.report !== undefined && { report: simulation.report }),
        },
      }),
    }),
  );
  if (bytes.length > MAX_METADATA_BYTES) throw new MetadataTooLargeError(MAX_METADATA_BYTES);
  return bytes;
}

/**
 * Metadata of bytes that anybody may have sent. The hash is compared before anything is read.
 * @param digest Of the chain, by {@link parseDescription}.
 * @throws {MetadataTooLargeError} {@link MetadataMismatchError} {@link MetadataInvalidError}
 */
export function decodeMetadata(bytes: Uint8Array, digest: Hex): ProposalMetadata {
  requireBlock(bytes, digest);
  let metadata: unknown;
  try {
    metadata = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new MetadataInvalidError('', 'is not JSON in UTF-8', cause);
  }
  requireMetadata(metadata);
  return metadata;
}

/**
 * That bytes are the block that a digest names.
 * @throws {MetadataTooLargeError} {@link MetadataMismatchError}
 */
export function requireBlock(bytes: Uint8Array, digest: Hex): void {
  if (bytes.length > MAX_METADATA_BYTES) throw new MetadataTooLargeError(MAX_METADATA_BYTES);
  const actual = metadataDigest(bytes);
  if (actual !== digest.toLowerCase()) throw new MetadataMismatchError(actual, digest);
}

/** SHA-256 of a block: what the chain holds of it. */
export function metadataDigest(bytes: Uint8Array): Hex {
  return sha256(bytes);
}

/** The CID of the block that has a digest: base16, CIDv1, raw, SHA-256. */
export function cidOf(digest: Hex): string {
  return `${CID_PREFIX}${digest.slice(2).toLowerCase()}`;
}

/**
 * A proposal's description: the metadata's address, and who alone may propose it, so that nobody who sees the transaction
 * can propose it first.
 * @throws {DescriptionMalformedError} when the digest or the proposer is none.
 */
export function toDescription(digest: Hex, proposer: Address): string {
  const description = `ipfs://${cidOf(digest)}#proposer=${proposer.toLowerCase()}`;
  if (!DESCRIPTION.test(description) || !isAddress(proposer)) throw new DescriptionMalformedError();
  return description;
}

/**
 * What a proposal's description names.
 * @throws {DescriptionMalformedError} when it is of any other form.
 */
export function parseDescription(description: string): { digest: Hex; cid: string; proposer: Address } {
  const [, digits, proposer] = DESCRIPTION.exec(description) ?? [];
  if (digits === undefined || proposer === undefined) throw new DescriptionMalformedError();
  const digest: Hex = `0x${digits}`;
  return { digest, cid: cidOf(digest), proposer: getAddress(proposer) };
}

function requireMetadata(value: unknown): asserts value is ProposalMetadata {
  const violation = violationOf(schema as Schema, value);
  if (violation) throw new MetadataInvalidError(violation.at, violation.what);
}
