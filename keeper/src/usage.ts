import { ROLES } from './roles.ts';

/** What the command line says of itself. */
export const USAGE = `tidemark-keeper [run] --rpc URL --engine ADDRESS --prices URL [options]
tidemark-keeper earnings --journal FOLDER [options]

Settles orders, liquidates, commits signed orders, pushes prices and what else an exchange needs, for its fees and rewards.
"tidemark-keeper run --help" and "tidemark-keeper earnings --help" tell the options.`;

export const RUN_USAGE = `tidemark-keeper [run] --rpc URL --engine ADDRESS --prices URL [options]

Where
  --rpc URL            the chain's RPC; given again, the next is asked when those before it fail
  --engine ADDRESS     the exchange
  --prices URL         a price service; given again, the next is asked when those before it fail
  --orders URL         an order service, whose signed orders are committed; may be given again
  --risk-manager ADDRESS  whose verdict is asked before anybody is liquidated (default: the exact model's stands)
  --vault ADDRESS      whose epochs are settled
  --governor ADDRESS   whose proposals are queued and executed
  --guardian ADDRESS   the emergency guardian whose pauses are ended in time
  --chain ID           the chain that the RPCs have to be of (default: that of the first that answers)
  --start-block N      where the exchange was deployed, or any earlier block

What
  --roles A,B          which roles are switched on, of ${ROLES.slice(0, 4).join(', ')},
                       ${ROLES.slice(4).join(', ')} (default: all)
  --at-loss A,B|all    which of settler, liquidator and trigger act also where it costs more than it brings (default:
                       none); the other roles never earn, so switching one on is to run it at a loss
  --dry-run            tells what it would send, and sends nothing
  --max-fee GWEI       what a transaction offers for a unit of gas at most (default 500)
  --patience N         blocks after which a transaction that is not included is replaced (default 3)
  --ether-price USD    what ether is worth where the exchange names no market of it
  --heartbeat S        seconds after which a market's price is pushed, 10 to 50 (default 30)
  --deviation BP       basis points by which a price moves before it is pushed earlier, 1 to 1000 (default 25)
  --poll MS            between two looks at the chain (default 500)

Who signs: one of these, or TIDEMARK_KEEPER_KEY
  --keystore FILE      a Web3 Secret Storage file, with --password-file FILE
  --signer URL         a remote signer that speaks eth_signTransaction, with --signer-address ADDRESS

What it tells
  --log json|pretty    a line for each event, for machines or for people (default pretty)
  --log-level LEVEL    debug, info, warn or error (default info)
  --json               short for --log json --log-level debug
  --metrics HOST:PORT  serves /metrics to Prometheus and /health (default: off; customary: 127.0.0.1:9464)
  --max-age S          seconds after which the last processed block is too old for /health (default 60)
  --journal FOLDER     notes what every transaction cost and brought, for "tidemark-keeper earnings"

In the environment, since the command line is seen by others:
  TIDEMARK_KEEPER_KEY         signs: 32 bytes, hexadecimal
  TIDEMARK_RPC                RPCs, separated by spaces, where --rpc is not given
  TIDEMARK_PRICES             price services, separated by spaces, where --prices is not given
  TIDEMARK_PRICES_KEY         API key of the first price service; of the second TIDEMARK_PRICES_KEY_2, and so on
  TIDEMARK_PRICES_KEY_FILE    the file that holds it, instead; likewise TIDEMARK_PRICES_KEY_2_FILE`;

export const EARNINGS_USAGE = `tidemark-keeper earnings --journal FOLDER [--days N] [--json]

Rewards less what L2 and L1 took, by day (of the chain's time, UTC) and role, in USD at the price of ether then.

  --journal FOLDER     what "tidemark-keeper run --journal FOLDER" wrote; it may run meanwhile
  --days N             the last N days up to the newest one (default: all)
  --json               an array with an object for each day and role; amounts are decimal text`;
