import type { BigDecimal } from './bigDecimal.ts';

/**
 * A field's value: Boolean as boolean; Int as number; Int8, BigInt and Timestamp (microseconds) as bigint; BigDecimal;
 * String, ID, an enum and a reference's id as string; Bytes, as an id too, as lower-case hex with 0x.
 */
export type Value = null | boolean | number | string | bigint | BigDecimal | readonly Value[];

/** A field that is left out keeps what it was where entities are merged, and is null elsewhere. */
export type Entity = Readonly<Record<string, Value>>;
