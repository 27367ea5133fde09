/** The listed keys as a draft sees them: objects are named by their rank, from 0. */
export interface RankedKeys {
  /** In natural order: runs of digits count by their value, everything else by code unit. */
  readonly keys: readonly string[];
  /** For each rank where the key stands in the listing, from 0. */
  readonly listed: readonly number[];
}

/** Puts keys in natural order, so that `2.dcm` comes before `10.dcm`: names often count, if they tell anything. */
export function rankKeys(keys: readonly string[]): RankedKeys {
  const start = commonStart(keys);
  const order = keys.map((key, index) => ({ key, index, rest: key.slice(start) }));
  order.sort((a, b) => compareNaturally(a.rest, b.rest) || a.index - b.index);
  return { keys: order.map(({ key }) => key), listed: order.map(({ index }) => index) };
}

/**
 * Chooses `count` of the given ranks, evenly spread over them and always with the first and the last; within each part
 * by a hash of the key. So the same listing gives the same sample, and names that count in rounds (one volume after the
 * other) are not met at the same beat.
 *
 * @param ranks ascending
 */
export function chooseSpread(keys: readonly string[], ranks: readonly number[], count: number): readonly number[] {
  if (ranks.length <= count) return ranks;
  return Array.from({ length: Math.max(0, count) }, (_, part) => {
    const from = Math.floor((part * ranks.length) / count);
    const to = Math.floor(((part + 1) * ranks.length) / count);
    if (part === 0) return ranks[0] ?? 0;
    if (part === count - 1) return ranks.at(-1) ?? 0;
    let chosen = ranks[from] ?? 0;
    let least = Number.POSITIVE_INFINITY;
    for (const rank of ranks.slice(from, to)) {
      const hash = hashOf(keys[rank] ?? '');
      if (hash < least) {
        chosen = rank;
        least = hash;
      }
    }
    return chosen;
  });
}

const zero = 48;
const nine = 57;

/** Code units that all keys begin with; no run of digits is cut in two. */
function commonStart(keys: readonly string[]): number {
  const [first = ''] = keys;
  let length = first.length;
  for (const key of keys) {
    let same = 0;
    while (same < length && key.charCodeAt(same) === first.charCodeAt(same)) same++;
    length = same;
  }
  while (length > 0 && isDigit(first.charCodeAt(length - 1))) length--;
  return length;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** Below 0 where `a` comes first. Numbers of any length, UIDs' too. */
function compareNaturally(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const one = a.charCodeAt(i);
    const other = b.charCodeAt(j);
    if (!isDigit(one) || !isDigit(other)) {
      if (one !== other) return one - other;
      i++;
      j++;
      continue;
    }
    while (a.charCodeAt(i) === zero) i++;
    while (b.charCodeAt(j) === zero) j++;
    const endOfOne = endOfDigits(a, i);
    const endOfOther = endOfDigits(b, j);
    // Without leading zeros the longer number is the greater one.
    const byLength = endOfOne - i - (endOfOther - j);
    if (byLength !== 0) return byLength;
    for (; i < endOfOne; i++, j++) {
      const byDigit = a.charCodeAt(i) - b.charCodeAt(j);
      if (byDigit !== 0) return byDigit;
    }
  }
  return a.length - i - (b.length - j);
}

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** FNV-1a, then mixed (the finalizer of MurmurHash3), since keys of a series differ by little: 0..2^32-1. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
