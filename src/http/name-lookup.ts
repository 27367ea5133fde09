import { type LookupAddress, lookup as lookupName } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Milliseconds that an answer is used. Long enough for a run's connections, short enough for a moving service. */
const LIFETIME_MS = 60_000;

interface Answer {
  readonly time: number;
  readonly addresses: Promise<readonly LookupAddress[]>;
}

type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

function resolveName(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookupName(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

/**
 * A `lookup` for sockets that asks once for all connections to a host: Node would ask for each, four at a time, and
 * dozens are opened at once. Answers with several addresses are used in turn, which spreads the load as it is meant to.
 */
export function createNameLookup(resolve: Resolve = resolveName, now: () => number = Date.now): LookupFunction {
  const answers = new Map<string, Answer>();
  let turn = 0;

  const addressesOf = (hostname: string): Promise<readonly LookupAddress[]> => {
    const known = answers.get(hostname);
    if (known !== undefined && now() - known.time < LIFETIME_MS) return known.addresses;
    const addresses = resolve(hostname);
    answers.set(hostname, { time: now(), addresses });
    addresses.catch(() => answers.delete(hostname));
    return addresses;
  };

  return (hostname, options, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const family =
          options.family === 4 || options.family === 'IPv4'
            ? 4
            : options.family === 6 || options.family === 'IPv6'
              ? 6
              : 0;
        const fitting = addresses.filter((each) => family === 0 || each.family === family);
        const start = turn++ % Math.max(1, fitting.length);
        const rotated = inTurn(fitting, start);
        const [first] = rotated;
        if (first === undefined) {
          callback(Object.assign(new Error('no address of that family'), { code: 'ENOTFOUND' }), '', 0);
        } else if (options.all === true) callback(null, [...rotated]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

/** Begins with another address of the preferred (first) family each time; the order of the families stays. */
function inTurn(addresses: readonly LookupAddress[], start: number): readonly LookupAddress[] {
  const preferred = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const shift = preferred.length === 0 ? 0 : start % preferred.length;
  return [...preferred.slice(shift), ...preferred.slice(0, shift), ...others];
}
