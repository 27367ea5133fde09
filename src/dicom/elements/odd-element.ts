import { hasLongLength, isKnownVr, noVr, vrCode, vrs } from '../vr.ts';

/** An element header whose VR is not one of the standard, or not written as the standard says (PS3.5 7.1.2). */
export interface OddElement {
  /** The code of its VR: UN for one that the standard does not have, `noVr` where there is none. */
  readonly vr: number;
  readonly valueOffset: number;
  /** In bytes; 0xFFFFFFFF for undefined length. */
  readonly length: number;
}

/** What the header may be, and where the element ends then. */
interface Reading extends OddElement {
  readonly next: number;
}

/** How well what follows an element fits: an element or an item; perhaps an element without VR; neither; not known. */
type Fit = 'good' | 'perhaps' | 'bad' | 'unknown';

const undefinedLength = 0xffff_ffff;
/** Values up to this are read to see what follows them. */
const maxLookedAt = 1024 * 1024;

/**
 * Reads an odd element header in an explicit VR data set. The length may have 16 bits behind the VR, or 32 bits behind
 * two reserved bytes, or there may be no VR (as in implicit VR data sets): what follows the value decides. Where that
 * does not tell, VRs of two capital letters are taken for new ones, which have 32 bits (PS3.5 7.1.2), and other printable
 * bytes for damaged ones, as most VRs have 16 bits. DCMTK decides likewise.
 *
 * @param at where its tag begins; 8 bytes must be there from here on, and 12 unless the object ends before
 * @param isWhole whether the view ends where the object ends
 * @returns the element, or up to where bytes are needed to tell
 */
export function readOddElement(
  view: DataView,
  at: number,
  littleEndian: boolean,
  isWhole: boolean,
): OddElement | { readonly neededLength: number } {
  const readings = readingsOf(view, at, littleEndian);
  let perhaps: OddElement | undefined;
  let neededLength = Number.POSITIVE_INFINITY;
  for (const reading of readings) {
    const fit = fitOf(view, at, reading, littleEndian, isWhole);
    if (fit === 'good') return reading;
    if (fit === 'perhaps') perhaps ??= reading;
    if (fit === 'unknown' && reading.next - at <= maxLookedAt) neededLength = Math.min(neededLength, reading.next + 8);
  }
  if (neededLength < Number.POSITIVE_INFINITY) return { neededLength };
  return perhaps ?? (readings[0] as OddElement);
}

/** The most likely reading comes first. */
function readingsOf(view: DataView, at: number, littleEndian: boolean): readonly Reading[] {
  const [first, second] = [view.getUint8(at + 4), view.getUint8(at + 5)];
  const reserved = view.getUint16(at + 6, littleEndian);
  const code = vrCode(first, second);
  const isKnown = isKnownVr(first, second);
  const vr = isKnown ? code : vrs.UN;
  const short: Reading = { vr, valueOffset: at + 8, length: reserved, next: at + 8 + reserved };
  const implicit = withLength(noVr, at + 8, view.getUint32(at + 4, littleEndian));
  const isPrintable = first > 0x1f && first < 0x7f && second > 0x1f && second < 0x7f;
  if (at + 12 > view.byteLength) return isPrintable ? [short, implicit] : [implicit, short];
  const long = withLength(vr, at + 12, view.getUint32(at + 8, littleEndian));
  if (isKnown && hasLongLength(code)) return [long, short];
  if (code !== noVr) return reserved === 0 ? [long, short, implicit] : [short, long, implicit];
  return isPrintable ? [short, implicit, long] : [implicit, short, long];
}

function withLength(vr: number, valueOffset: number, length: number): Reading {
  // A sequence of undefined length begins with an item.
  return { vr, valueOffset, length, next: length === undefinedLength ? valueOffset : valueOffset + length };
}

function fitOf(view: DataView, at: number, { next }: Reading, littleEndian: boolean, isWhole: boolean): Fit {
  const { byteLength } = view;
  if (next === byteLength && isWhole) return 'good';
  if (next + 8 > byteLength) return isWhole ? 'bad' : 'unknown';
  const group = view.getUint16(next, littleEndian);
  const element = view.getUint16(next + 2, littleEndian);
  if (group === 0xfffe) return element === 0xe000 || element === 0xe00d || element === 0xe0dd ? 'good' : 'bad';
  const isExplicit = isKnownVr(view.getUint8(next + 4), view.getUint8(next + 5));
  if (group !== 0 && isExplicit) return 'good';
  // The next element may be as odd as this one.
  return group === view.getUint16(at, littleEndian) && element > view.getUint16(at + 2, littleEndian)
    ? 'perhaps'
    : 'bad';
}
