import { isSame } from '../run/sources.ts';
import type { CreatedSource, WaitingFile } from '../store/types.ts';
import type { BlockSource } from './blockSource.ts';

/** Milliseconds until a file is asked for again, doubled each time. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 3_600_000;
/** Files that are asked for at the same time. */
const AT_ONCE = 4;

interface Wanted {
  readonly source: CreatedSource;
  content: Uint8Array | null;
  failures: number;
  why: string | null;
  /** Milliseconds; infinite while it is being asked for. */
  due: number;
}

/** Fetches the files that handlers ask for, beside the indexing. */
export class Files {
  readonly #blocks: BlockSource;
  readonly #onWarning: (line: string) => void;
  #wanted: Wanted[] = [];
  #asking = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** @param onWarning Told why a file is not to be had, once for each reason. */
  constructor(blocks: BlockSource, onWarning: (line: string) => void) {
    [this.#blocks, this.#onWarning] = [blocks, onWarning];
  }

  /** From now on just these are wanted. */
  want(sources: readonly CreatedSource[]): void {
    this.#wanted = sources.map(
      (source) =>
        this.#wanted.find((known) => isSame(known.source, source) && known.source.from === source.from) ?? {
          ...{ source, content: null, failures: 0, why: null, due: 0 },
        },
    );
    this.#turn();
  }

  /** Those that are here. */
  ready(): { source: CreatedSource; content: Uint8Array }[] {
    return this.#wanted.flatMap(({ source, content }) => (content ? [{ source, content }] : []));
  }

  waiting(): WaitingFile[] {
    return this.#wanted.flatMap(({ source, content, failures, why }) =>
      content ? [] : [{ cid: source.parameters[0] ?? '', failures, why }],
    );
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #turn(): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const now = Date.now();
    const missing = this.#wanted.filter(({ content }) => !content).sort((a, b) => a.due - b.due);
    for (const one of missing) {
      if (this.#asking === AT_ONCE) return;
      if (one.due > now) {
        if (Number.isFinite(one.due)) this.#timer = setTimeout(() => this.#turn(), one.due - now).unref();
        return;
      }
      void this.#ask(one);
    }
  }

  async #ask(one: Wanted): Promise<void> {
    one.due = Number.POSITIVE_INFINITY;
    this.#asking++;
    try {
      one.content = await this.#blocks.get(one.source.parameters[0] ?? '');
    } catch (error) {
      const { line, message } = error as { line?: string; message: string };
      const why = line ?? message;
      if (why !== one.why && this.#wanted.includes(one)) this.#onWarning(why);
      one.why = why;
      one.due = Date.now() + Math.min(FIRST_RETRY_MS * 2 ** Math.min(one.failures, 20), LAST_RETRY_MS);
      one.failures++;
    }
    this.#asking--;
    this.#turn();
  }
}
