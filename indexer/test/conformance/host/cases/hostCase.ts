/** What a handler of the test mappings says for some arguments, or how it fails. */
export type HostCase = readonly [name: string, handler: string, texts: readonly string[], expected: string | RegExp];
