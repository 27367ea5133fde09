import { createHash } from 'node:crypto';

/**
 * A stream of numbers in [0, 1) that is the same for the same seed everywhere (mulberry32).
 *
 * @type {typeof import('./index.d.ts').seededRandom}
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * @param {number | string} seed
 * @param {string} label
 * @returns {Buffer} 16 bytes shaped as a version 8 UUID (RFC 9562)
 */
function uuidBytes(seed, label) {
  const bytes = createHash('sha256').update(`${seed}/${label}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes;
}

/**
 * A UID under 2.25 (PS3.5 B.2) that depends on seed and label alone.
 *
 * @type {typeof import('./index.d.ts').seededUid}
 */
export function seededUid(seed, label) {
  return `2.25.${BigInt(`0x${uuidBytes(seed, label).toString('hex')}`)}`;
}

/**
 * A UUID with hyphens that depends on seed and label alone.
 *
 * @type {typeof import('./index.d.ts').seededUuid}
 */
export function seededUuid(seed, label) {
  const hex = uuidBytes(seed, label).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * The same items in an order that depends on the stream alone.
 *
 * @type {typeof import('./index.d.ts').shuffled}
 */
export function shuffled(items, random) {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((first, second) => first.key - second.key)
    .map(({ item }) => item);
}

/**
 * Bytes without any structure.
 *
 * @type {typeof import('./index.d.ts').randomBytes}
 */
export function randomBytes(byteLength, random) {
  const bytes = new Uint8Array(byteLength);
  for (let index = 0; index < byteLength; index++) bytes[index] = random() * 256;
  return bytes;
}
