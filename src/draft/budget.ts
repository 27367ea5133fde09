import { storedFramesOf } from '../series/frames/frame-bytes.ts';
import { maxWholeValueLength } from '../series/frames/frame-limits.ts';
import { firstReadLength, maxWholeReadLength } from '../series/frames/instance-reader.ts';
import { firstHeaderLength } from '../series/header-pass/scan.ts';
import type { Selection } from '../series/select.ts';
import type { Member, ScannedInstance } from '../types/members.ts';
import type { StoredObject } from '../types/storage.ts';
import { firstSampleLength } from './refine.ts';

/** An object is taken to be this long where neither the listing nor its header tells: about a CT slice. */
const assumedObjectLength = 512 * 1024;
/** Fewer headers are not a sample. */
const minSampleLength = 24;
/** The first sample where time is short: small enough that it can be read several times over. */
const hurriedSampleLength = 32;
/** Headers that a draft with few bytes reads for each tile. */
const headersPerTile = 2.5;

/** How much a draft sets out to read. */
export interface DraftPlan {
  readonly headers: number;
  readonly tiles: number;
}

/**
 * Plans how many headers to read first, and how many tiles to expect, within a number of bytes. Sizes of objects are
 * those of the listing.
 *
 * @param isHurried the listing alone took a good part of the time
 * @returns undefined where not even one tile fits
 */
export function planDraft(
  objects: readonly StoredObject[],
  tiles: number,
  byteLength: number,
  isHurried: boolean,
): DraftPlan | undefined {
  const sampleLength = isHurried ? hurriedSampleLength : firstSampleLength(tiles);
  const wanted: DraftPlan = { headers: Math.min(sampleLength, objects.length), tiles };
  if (byteLength === Number.POSITIVE_INFINITY) return wanted;
  const header = Math.max(1, meanLength(objects, firstHeaderLength));
  const object = meanLength(objects, maxWholeReadLength);
  if (wanted.headers * header + tiles * object <= byteLength) return wanted;
  if (header + object > byteLength) return undefined;
  const affordableTiles = Math.min(tiles, Math.max(1, Math.floor(byteLength / (header * headersPerTile + object))));
  const affordableHeaders = Math.max(1, Math.floor((byteLength - affordableTiles * object) / header));
  const neededHeaders = Math.max(minSampleLength, Math.ceil(affordableTiles * headersPerTile));
  return { headers: Math.min(wanted.headers, neededHeaders, affordableHeaders), tiles: affordableTiles };
}

/** Bytes that a draft of one tile takes, for messages. */
export function minBudget(objects: readonly StoredObject[]): number {
  return Math.ceil(meanLength(objects, firstHeaderLength) + meanLength(objects, maxWholeReadLength));
}

/** The mean length of the objects, each counted with no more than `max` bytes. */
function meanLength(objects: readonly StoredObject[], max: number): number {
  let sum = 0;
  for (const { byteLength } of objects) sum += Math.min(byteLength ?? assumedObjectLength, max);
  return sum / Math.max(1, objects.length);
}

/** Bytes that reading the pixel data of these selections takes, as far as sizes tell. */
export function pixelCost(selections: readonly Selection[]): number {
  const counted = new Set<ScannedInstance>();
  let sum = 0;
  for (const { ordered } of selections) {
    const { member } = ordered;
    const { instance } = member;
    if (!counted.has(instance)) sum += sharedCost(instance);
    counted.add(instance);
    sum += frameCost(member);
  }
  return sum;
}

/** Reads that the pixel data of these selections take: one a whole object or frame, one more for a header that is not known. */
export function pixelReads(selections: readonly Selection[]): number {
  const counted = new Set<ScannedInstance>();
  let sum = 0;
  for (const { ordered } of selections) {
    const { instance, layers } = ordered.member;
    if (!counted.has(instance) && sharedCost(instance) > 0) sum++;
    counted.add(instance);
    if (frameCost(ordered.member) > 0) sum += layers?.length ?? 1;
  }
  return sum;
}

/** What is read of an instance once, however many of its frames are wanted. */
function sharedCost(instance: ScannedInstance): number {
  const length = lengthOf(instance);
  if (instance.bytes !== undefined) return Math.max(0, length - instance.bytes.length);
  if (isReadWhole(instance)) return length;
  return instance.complete ? 0 : Math.min(length, firstReadLength);
}

/**
 * What is read for each wanted frame besides. The slices of a Siemens mosaic lie in one stored frame: each counts it.
 */
function frameCost({ instance, layers }: Member): number {
  if (instance.bytes !== undefined || isReadWhole(instance)) return 0;
  const pixels = instance.header.pixelData?.length ?? lengthOf(instance);
  return ((layers?.length ?? 1) * pixels) / framesOf(instance);
}

/** Whether the frame reader reads the whole object as soon as one of its frames is wanted. */
function isReadWhole(instance: ScannedInstance): boolean {
  const length = lengthOf(instance);
  if (instance.deflated) return true;
  const isEncapsulated = instance.header.pixelData?.encapsulated === true;
  if (framesOf(instance) === 1) return isEncapsulated || (!instance.complete && length <= maxWholeReadLength);
  return length <= maxWholeValueLength && (isEncapsulated || instance.header.pixelData === undefined);
}

function framesOf({ header }: ScannedInstance): number {
  return Math.max(1, storedFramesOf(header));
}

/** Length of the object: as told, else as its pixels would take uncompressed. */
function lengthOf({ objectByteLength, header }: ScannedInstance): number {
  if (objectByteLength !== undefined) return objectByteLength;
  const { pixels, numberOfFrames } = header;
  if (pixels === undefined) return assumedObjectLength;
  const { rows, columns, samplesPerPixel, bitsAllocated } = pixels;
  return firstHeaderLength + (rows * columns * samplesPerPixel * bitsAllocated * numberOfFrames) / 8;
}

/** The greatest number from 1 to `max` that fits, provided that all smaller ones do too; 0 where not even 1 fits. */
export function maxThatFits(max: number, fits: (count: number) => boolean): number {
  let low = 0;
  let high = max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * An order in which the first tiles, however many, are spread over the whole mosaic: the ends, the middle, the
 * quarters, and so on.
 *
 * @returns the numbers 0 .. count-1, each once
 */
export function spreadOrder(count: number): readonly number[] {
  const order = new Set<number>();
  for (let parts = 1; order.size < count; parts *= 2) {
    for (let part = 0; part <= parts && order.size < count; part++) order.add(Math.round((part * (count - 1)) / parts));
  }
  return [...order];
}
