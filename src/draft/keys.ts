/** The listed keys in natural order. A draft names objects by the rank of their key in it, from 0. */
export interface RankedKeys {
  /** In natural order: runs of digits are compared as numbers, everything else by code unit. */
  readonly keys: readonly string[];
  /** For each rank the place of the key in the listing, from 0. */
  readonly listed: readonly number[];
}

/** Puts keys in natural order, so that `2.dcm` comes before `10.dcm`: if names tell an order, they often count. */
export function rankKeys(keys: readonly string[]): RankedKeys {
  const start = commonStart(keys);
  const order = keys.map((key, index) => ({ key, index, rest: key.slice(start) }));
  order.sort((a, b) => compareNaturally(a.rest, b.rest) || a.index - b.index);
  return { keys: order.map(({ key }) => key), listed: order.map(({ index }) => index) };
}

/**
 * Chooses `count` of the given ranks, evenly spread, the first and the last always among them. Within each part a hash
 * of the keys decides: the same listing gives the same sample, and a listing of one volume after the other does not
 * give the same place of each volume.
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
    let minHash = Number.POSITIVE_INFINITY;
    for (const rank of ranks.slice(from, to)) {
      const hash = hashOf(keys[rank] ?? '');
      if (hash < minHash) {
        chosen = rank;
        minHash = hash;
      }
    }
    return chosen;
  });
}

const zero = 48;
const nine = 57;

/** How many code units all keys begin with. A run of digits is not cut in two. */
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

/** Below 0 where `a` comes first. Compares numbers of any length, such as those in UIDs. */
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
    // Without leading zeros the longer number is greater.
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

/** 0..2^32-1. FNV-1a, then the finalizer of MurmurHash3, because the keys of a series differ by little. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
