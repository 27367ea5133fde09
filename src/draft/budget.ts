import type { Selection } from '../series/select.ts';
import type { Member, ScannedInstance } from '../types/members.ts';
import type { StoredObject } from '../types/storage.ts';
import { firstSampleLength } from './refine.ts';

/** Bytes that one header takes to read. */
const headerLength = 8192;
/** Objects up to this size are read whole where their one frame is wanted, encapsulated values of several frames too. */
const wholeLength = 16 * 1024 * 1024;
const wholeValueLength = 4 * 1024 * 1024;
/** Bytes read of larger ones to find their frames. */
const fullHeaderLength = 64 * 1024;
/** An object whose size nobody tells. */
const unknownLength = 512 * 1024;
/** Fewer headers are no sample. */
const leastSample = 24;
/** A time that the first sample should fit in several times. */
const quickSample = 32;

/** How much a draft sets out to read. */
export interface DraftPlan {
  readonly headers: number;
  readonly tiles: number;
}

/**
 * How many headers to read first, and how many tiles to reckon with, within a number of bytes. Sizes are those of the
 * listing; where that has none, a CT slice's.
 *
 * @param isHurried whether the listing alone took a good part of the time there is
 * @returns undefined where not even one tile fits
 */
export function planDraft(
  objects: readonly StoredObject[],
  tiles: number,
  byteLength: number,
  isHurried: boolean,
): DraftPlan | undefined {
  const wanted = isHurried ? quickSample : firstSampleLength(tiles);
  if (byteLength === Number.POSITIVE_INFINITY) return { headers: Math.min(wanted, objects.length), tiles };
  const header = Math.max(1, meanLength(objects, headerLength));
  const object = meanLength(objects, wholeLength);
  const whole: DraftPlan = { headers: Math.min(wanted, objects.length), tiles };
  if (whole.headers * header + tiles * object <= byteLength) return whole;
  if (header + object > byteLength) return undefined;
  const affordable = Math.min(tiles, Math.max(1, Math.floor(byteLength / (header * 2.5 + object))));
  const forHeaders = Math.max(1, Math.floor((byteLength - affordable * object) / header));
  const headers = Math.min(wanted, objects.length, Math.max(leastSample, Math.ceil(affordable * 2.5)), forHeaders);
  return { headers, tiles: affordable };
}

/** The least number of bytes that a draft can do with: for messages. */
export function leastBudget(objects: readonly StoredObject[]): number {
  return Math.ceil(meanLength(objects, headerLength) + meanLength(objects, wholeLength));
}

/** In the mean what is read of an object, if no more than so many bytes are. */
function meanLength(objects: readonly StoredObject[], most: number): number {
  let sum = 0;
  for (const { byteLength } of objects) sum += Math.min(byteLength ?? unknownLength, most);
  return sum / Math.max(1, objects.length);
}

/** Bytes that reading the pixel data of these selections takes, as far as sizes tell. */
export function pixelCost(selections: readonly Selection[]): number {
  const shared = new Set<ScannedInstance>();
  let sum = 0;
  for (const { ordered } of selections) {
    const { member } = ordered;
    const { instance } = member;
    if (!shared.has(instance)) sum += sharedCost(instance);
    shared.add(instance);
    sum += frameCost(member);
  }
  return sum;
}

/** What is read of an instance however many of its frames are wanted. */
function sharedCost(instance: ScannedInstance): number {
  const length = lengthOf(instance);
  if (instance.bytes !== undefined) return Math.max(0, length - instance.bytes.length);
  if (isReadWhole(instance)) return length;
  return instance.complete ? 0 : Math.min(length, fullHeaderLength);
}

/** What a frame takes besides. All slices of a mosaic lie in its one stored frame, which is read for each of them. */
function frameCost({ instance, layers }: Member): number {
  if (instance.bytes !== undefined || isReadWhole(instance)) return 0;
  const pixels = instance.header.pixelData?.length ?? lengthOf(instance);
  return ((layers?.length ?? 1) * pixels) / storedFrames(instance);
}

function isReadWhole(instance: ScannedInstance): boolean {
  const length = lengthOf(instance);
  if (instance.deflated) return true;
  const isEncapsulated = instance.header.pixelData?.encapsulated === true;
  if (storedFrames(instance) === 1) return isEncapsulated || (!instance.complete && length <= wholeLength);
  return length <= wholeValueLength && (isEncapsulated || instance.header.pixelData === undefined);
}

function storedFrames({ header }: ScannedInstance): number {
  return header.unfolding === undefined ? Math.max(1, header.numberOfFrames) : 1;
}

function lengthOf({ objectByteLength, header }: ScannedInstance): number {
  if (objectByteLength !== undefined) return objectByteLength;
  const { pixels, numberOfFrames } = header;
  if (pixels === undefined) return unknownLength;
  const { rows, columns, samplesPerPixel, bitsAllocated } = pixels;
  return headerLength + (rows * columns * samplesPerPixel * bitsAllocated * numberOfFrames) / 8;
}

/** The greatest number from 1 to `most` that fits, if all smaller ones do too; 0 where not even 1 does. */
export function mostThatFits(most: number, fits: (count: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The tiles of a mosaic in an order in which any number of the first ones is spread over all of it: the ends, the
 * middle, the quarters, and so on.
 *
 * @returns indexes 0 .. count-1, each once
 */
export function spreadOrder(count: number): readonly number[] {
  const order = new Set<number>();
  for (let parts = 1; order.size < count; parts *= 2) {
    for (let part = 0; part <= parts && order.size < count; part++) order.add(Math.round((part * (count - 1)) / parts));
  }
  return [...order];
}
