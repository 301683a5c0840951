/** The model and the contract differ. */
export class DifferenceError extends Error {}
