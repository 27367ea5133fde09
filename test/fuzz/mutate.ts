import { createRandom } from '../support/random.ts';

/** Numbers at which something changes: lengths, counts and offsets fail there. */
const edges = [
  ...[0, 1, 2, 3, 7, 8, 12, 16, 31, 32, 0x7f, 0x80, 0xfe, 0xff, 0x100, 0x3ff, 0x7fff, 0x8000, 0xfffe, 0xffff],
  ...[0x1_0000, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff],
];
const maxLength = 256 * 1024;

/** The random numbers of one input: the same for the same seed, target and index. */
export function randomOf(seed: number, target: string, index: number): () => number {
  let hash = seed | 0;
  for (const letter of target) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return createRandom(Math.imul(hash ^ index, 0x9e3779b1) ^ index);
}

/** One of the seeds, changed in one to eight places. */
export function mutate(
  seeds: readonly Uint8Array[],
  tokens: readonly Uint8Array[],
  random: () => number,
): Uint8Array<ArrayBuffer> {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[below(items.length)];
  let bytes = new Uint8Array(pick(seeds) ?? new Uint8Array(0));
  const changes = 1 + below(random() < 0.2 ? 8 : 3);
  for (let change = 0; change < changes; change += 1) bytes = changed(bytes);
  return bytes.length > maxLength ? bytes.slice(0, maxLength) : bytes;

  function changed(from: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    // Half of all changes near the beginning: headers do most harm.
    const range = random() < 0.5 ? Math.min(from.length, 600) : from.length;
    const at = below(range + 1);
    const length = 1 + below(random() < 0.7 ? 8 : from.length);
    const view = new DataView(from.buffer);
    switch (below(tokens.length > 0 ? 11 : 9)) {
      case 0:
      case 1:
        if (at < from.length) from[at] = (from[at] ?? 0) ^ (1 << below(8));
        return from;
      case 2:
        if (at < from.length) from[at] = pick(edges) ?? 0;
        return from;
      case 3:
        if (at + 2 <= from.length) view.setUint16(at, (pick(edges) ?? 0) & 0xffff, random() < 0.8);
        return from;
      case 4:
        if (at + 4 <= from.length) view.setUint32(at, pick(edges) ?? 0, random() < 0.8);
        return from;
      case 5:
        return spliced(from, at, length, new Uint8Array(0));
      case 6:
        return spliced(from, at, 0, from.slice(at, at + length));
      case 7:
        return random() < 0.5 ? from.slice(0, at) : spliced(from, at, 0, noise(1 + below(16)));
      case 8: {
        const other = pick(seeds) ?? from;
        const start = below(other.length + 1);
        return spliced(from, at, random() < 0.5 ? length : 0, other.slice(start, start + length));
      }
      default: {
        const token = pick(tokens) ?? new Uint8Array(0);
        const repeated = Buffer.concat(new Array<Uint8Array>(random() < 0.9 ? 1 : 1 + below(300)).fill(token));
        return spliced(from, at, random() < 0.5 ? token.length : 0, repeated);
      }
    }
  }

  function noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => below(256));
  }
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]));
}
