import { type LookupAddress, lookup as lookupName } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** How long an answer is used: long enough for the connections of a run, short enough for a service that moves. */
const answerLifetimeMs = 60_000;

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
 * Makes a `lookup` for sockets that asks only once for all connections to a host. Dozens are opened at once, and Node
 * would ask for each of them, four at a time. Where a name has several addresses, they are used in turn, to spread the
 * load.
 */
export function createNameLookup(resolve: Resolve = resolveName, now: () => number = Date.now): LookupFunction {
  const answers = new Map<string, Answer>();
  let turn = 0;

  const addressesOf = (hostname: string): Promise<readonly LookupAddress[]> => {
    const known = answers.get(hostname);
    if (known !== undefined && now() - known.time < answerLifetimeMs) return known.addresses;
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

/** Begins with another address of the preferred (first) family each time. The order of the families stays. */
function inTurn(addresses: readonly LookupAddress[], start: number): readonly LookupAddress[] {
  const preferred = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const shift = preferred.length === 0 ? 0 : start % preferred.length;
  return [...preferred.slice(shift), ...preferred.slice(0, shift), ...others];
}
