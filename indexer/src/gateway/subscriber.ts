import type { ExecutionResult } from 'graphql';

/**
 * One client's answers, of which only the newest waits: an iterator that its consumer draws from at its own pace.
 */
export class Subscriber implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #onEnd: () => void;
  #waiting: ExecutionResult | null = null;
  #latest: ExecutionResult | null = null;
  #ended = false;
  #wake = () => {};

  /** @param onEnd Called once, by whomever it was ended. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** The last answer that it was given. */
  get latest(): ExecutionResult | null {
    return this.#latest;
  }

  push(answer: ExecutionResult): void {
    if (this.#ended || answer === this.#latest) return;
    this.#latest = this.#waiting = answer;
    this.#wake();
  }

  /** @param answer The last one. */
  end(answer: ExecutionResult | null = null): void {
    if (this.#ended) return;
    if (answer) this.#waiting = answer;
    this.#ended = true;
    this.#onEnd();
    this.#wake();
  }

  /** The answer that waits, once one does; null when there will be none. */
  async peek(): Promise<ExecutionResult | null> {
    while (this.#waiting === null && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#waiting;
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    const value = await this.peek();
    this.#waiting = null;
    return value ? { done: false, value } : { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    this.#waiting = null;
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<ExecutionResult, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
