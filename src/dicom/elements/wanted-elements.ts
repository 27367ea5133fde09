import { tags } from '../tags.ts';

/**
 * The elements of interest. Each has a small number (its slot, from 1), so that what is known of them lies in plain
 * arrays. Tags are looked up in a hash table of typed arrays, because that happens for every element of every header.
 */
const wanted: readonly number[] = Object.values(tags);

/** Sequences whose items are read. All others are skipped. */
const wantedSequences: ReadonlySet<number> = new Set([
  tags.sequenceOfUltrasoundRegions,
  tags.mrEchoSequence,
  tags.mrDiffusionSequence,
  tags.cardiacSynchronizationSequence,
  tags.mrImageFrameTypeSequence,
  tags.frameAnatomySequence,
  tags.frameContentSequence,
  tags.planePositionSequence,
  tags.planeOrientationSequence,
  tags.planePositionVolumeSequence,
  tags.planeOrientationVolumeSequence,
  tags.modalityLutSequence,
  tags.voiLutSequence,
  tags.pixelMeasuresSequence,
  tags.frameVoiLutSequence,
  tags.pixelValueTransformationSequence,
  tags.planePositionSlideSequence,
  tags.detectorInformationSequence,
  tags.segmentSequence,
  tags.segmentIdentificationSequence,
  tags.uihGridSequence,
  tags.sharedFunctionalGroupsSequence,
  tags.perFrameFunctionalGroupsSequence,
]);

/** All slots are less than this. */
export const slotCount: number = wanted.length + 1;

const places = 1024;
const tagAt = new Int32Array(places);
const slotAt = new Uint8Array(places);
const sequences = new Uint8Array(slotCount);

/** The upper ten bits of a multiplication that spreads neighbouring tags (Fibonacci hashing). */
function placeOf(tag: number): number {
  return Math.imul(tag, 0x9e37_79b1) >>> 22;
}

for (const [index, tag] of wanted.entries()) {
  let place = placeOf(tag);
  while (tagAt[place] !== 0) place = (place + 1) % places;
  tagAt[place] = tag;
  slotAt[place] = index + 1;
  if (wantedSequences.has(tag)) sequences[index + 1] = 1;
}

/** The slot of an element of interest; 0 for all others. */
export function slotOf(tag: number): number {
  const key = tag | 0;
  let place = placeOf(key);
  for (;;) {
    const found = tagAt[place];
    if (found === key) return slotAt[place] as number;
    if (found === 0) return 0;
    place = (place + 1) % places;
  }
}

/** Whether the items of the sequence with this slot are read. */
export function isWantedSequence(slot: number): boolean {
  return sequences[slot] === 1;
}
