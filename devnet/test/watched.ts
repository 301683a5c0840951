import { type Keeper, type KeeperEvent, type KeeperOptions, startKeeper } from '@tidemark/keeper';

/** An event of a kind. */
export type EventOf<kind extends KeeperEvent['event']> = Extract<KeeperEvent, { event: kind }>;

/** A keeper, and what it has told. */
export interface Watched {
  readonly keeper: Keeper;
  readonly events: readonly KeeperEvent[];
  /** Resolves when it has attempted what a block asks for. */
  turn(block: bigint): Promise<void>;
  /** The first event of a kind that fits since it began; waits for it. */
  event<kind extends KeeperEvent['event']>(
    kind: kind,
    fits?: (event: EventOf<kind>) => boolean,
  ): Promise<EventOf<kind>>;
  /** Those of a kind that it has told. */
  all<kind extends KeeperEvent['event']>(kind: kind): EventOf<kind>[];
}

/** Starts a keeper that looks at the chain all the time. */
export async function watch(options: KeeperOptions): Promise<Watched> {
  const events: KeeperEvent[] = [];
  let waiting: (() => boolean)[] = [];
  const onEvent = (event: KeeperEvent) => {
    events.push(event);
    waiting = waiting.filter((isDone) => !isDone());
  };
  const keeper = await startKeeper({ pollMs: 10, ...options, onEvent });
  const all = <kind extends KeeperEvent['event']>(kind: kind) =>
    events.filter((one): one is EventOf<kind> => one.event === kind);
  const event: Watched['event'] = (kind, fits = () => true) =>
    new Promise((resolve) => {
      const isDone = () => {
        const found = all(kind).find(fits);
        if (found) resolve(found);
        return found !== undefined;
      };
      if (!isDone()) waiting.push(isDone);
    });
  const turn = async (block: bigint) => void (await event('turn', (one) => one.block >= block));
  return { keeper, events, turn, event, all };
}
