import { formatUnits } from 'viem';
import { readContract } from 'viem/actions';
import { priceOracleAbi } from '../abi/index.ts';
import { readVault } from '../actions/vault.ts';
import { onChain } from '../errors/index.ts';
import { type Describe, described, type Surroundings } from './description.ts';
import { type Change, changeOf, changeSentence, durationWords } from './words.ts';

// The actions of the oracle and of the vault. Arguments are as viem decodes them.

interface Feed {
  pythId: string;
  chainlink: string;
  heartbeat: number;
  thresholdPpm: number;
  haltPpm: number;
  strainConfidencePpm: number;
  floor: bigint;
  ceiling: bigint;
}

const FEED_FIGURES = [
  ['Pyth feed', ({ pythId }: Feed) => pythId, ''],
  ['Chainlink feed', ({ chainlink }: Feed) => chainlink, ''],
  ['Chainlink heartbeat', ({ heartbeat }: Feed) => String(heartbeat), 's'],
  ['Chainlink deviation threshold', ({ thresholdPpm }: Feed) => formatUnits(BigInt(thresholdPpm), 4), '%'],
  ['Deviation that halts', ({ haltPpm }: Feed) => formatUnits(BigInt(haltPpm), 4), '%'],
  ['Confidence that strains', (feed: Feed) => formatUnits(BigInt(feed.strainConfidencePpm), 4), '%'],
  ['Lowest credible price', ({ floor }: Feed) => formatUnits(floor, 8), 'USD'],
  ['Highest credible price', ({ ceiling }: Feed) => formatUnits(ceiling, 8), 'USD'],
] as const;

function feedChanges(before: Feed | null, after: Feed): Change[] {
  return FEED_FIGURES.map(([name, told, unit]) => changeOf(name, before && told(before), told(after), unit)).filter(
    (change) => change.before?.toLowerCase() !== change.after?.toLowerCase(),
  );
}

type FeedView = 'getFeed' | 'getProposedFeed';

/** A feed of a market; null when there is none. */
async function readFeed({ client, exchange, blockNumber }: Surroundings, functionName: FeedView, market: bigint) {
  const call = { address: exchange.oracle, abi: priceOracleAbi, functionName, args: [market], blockNumber };
  const feed = (await onChain(() => readContract(client, call as never))) as Feed;
  return feed.heartbeat === 0 ? null : feed;
}

export const ORACLE: Record<string, Describe> = {
  async proposeFeed([market, feed]: readonly [bigint, Feed], s) {
    const before = await readFeed(s, 'getFeed', market);
    const changes = feedChanges(before, feed);
    return described(`Propose where the prices of market ${s.marketName(market)} come from`, {
      sentences: ['It is in use only when it is accepted.', ...changes.map(changeSentence)],
      changes,
      warnings: before ? ['The market has a source already: people trade at its prices.'] : [],
    });
  },

  async acceptFeed([market]: readonly [bigint], s) {
    const [before, proposed] = await Promise.all([
      readFeed(s, 'getFeed', market),
      readFeed(s, 'getProposedFeed', market),
    ]);
    const changes = proposed ? feedChanges(before, proposed) : [];
    return described(`Use the proposed source of market ${s.marketName(market)}'s prices`, {
      sentences: [
        proposed
          ? 'What is proposed now is taken into use:'
          : 'Nothing is proposed now: an action before has to do it.',
        ...changes.map(changeSentence),
      ],
      changes,
    });
  },

  releaseMarket: ([market]: readonly [bigint], s) =>
    described(`Release the halted market ${s.marketName(market)}`, {
      sentences: ['Its prices count again, by the same rules as before the halt.'],
    }),

  beginClosing: ([market]: readonly [bigint], s) =>
    described(`Put market ${s.marketName(market)} into settlement`, {
      sentences: ['It has been halted for long: a last price is to be found for it.'],
    }),

  cancelClosing: ([market]: readonly [bigint], s) =>
    described(`Take market ${s.marketName(market)} out of settlement`, {
      sentences: ['No last price is to be found for it any more.'],
    }),

  voteClosingPrice: ([market, price]: readonly [bigint, bigint], s) =>
    described(`Vote the last price of market ${s.marketName(market)}`, {
      sentences: [
        `Unless a source returns, or the guardian takes it back, every position ends at ${formatUnits(price, 18)} USD.`,
      ],
      changes: [changeOf('Last price', null, formatUnits(price, 18), 'USD')],
      warnings: ['Compare it with other exchanges: nothing else checks it.'],
    }),
};

const readParameters = ({ client, exchange: { vault }, blockNumber }: Surroundings) =>
  readVault(client, { vault, ...(blockNumber !== undefined && { blockNumber }) }, 'getVault', []);

export const VAULT: Record<string, Describe> = {
  async setCooldown([least, most]: readonly [bigint, bigint], s) {
    const { minCooldown, maxCooldown } = await readParameters(s);
    const changes = [
      changeOf('Cooldown of an idle pool', durationWords(BigInt(minCooldown)), durationWords(least)),
      changeOf('Cooldown of a fully used pool', durationWords(BigInt(maxCooldown)), durationWords(most)),
    ];
    return described("Change the vault's cooldown", {
      sentences: ['Redemptions wait for so long.', ...changes.map(changeSentence)],
      changes,
    });
  },

  async setDepositLock([lock]: readonly [bigint], s) {
    const { depositLock } = await readParameters(s);
    const changes = [changeOf('Deposit lock', durationWords(BigInt(depositLock)), durationWords(lock))];
    return described("Change the vault's deposit lock", {
      sentences: ['Shares bought wait for so long until they can be claimed.', ...changes.map(changeSentence)],
      changes,
    });
  },

  async setOutflowCap([cap]: readonly [bigint], s) {
    const { outflowCapBps } = await readParameters(s);
    const changes = [
      changeOf('Outflow cap', formatUnits(BigInt(outflowCapBps), 2), formatUnits(cap, 2), '% of the pool in 24 epochs'),
    ];
    return described("Change the vault's outflow cap", {
      sentences: ['No more of the pool may leave.', ...changes.map(changeSentence)],
      changes,
    });
  },
};
