import type { ModalityTransform, PaddingRange, StoredValues } from '../types/pixels.ts';
import { sameWindow, type Voi, voiFraction, voiReach, windowRamp } from './contrast/voi.ts';
import { modalityFunction, sameModality } from './modality.ts';
import { byBitPattern, ordered, type ShortValues, valueRange } from './short-values.ts';

/**
 * Everything between a stored value and the byte it is displayed with.
 *
 * Stored value -> Modality LUT or rescale -> VOI LUT or window -> inversion -> byte. There is one rounding, at the end and
 * half up: `floor(255 * fraction + 0.5)`. (DCMTK cuts the fraction off there and so lies 0 or 1 lower; pydicom leaves
 * floats to the caller.) Inversion comes last: `255 - byte`.
 *
 * Padding is not part of the image: it gets no contrast and is drawn black, the background, inverted or not. That is
 * what Pixel Padding Value is made for: next to the black end of the values, which is the high one for MONOCHROME1
 * (PS3.3 C.7.5.1.1.2). So is what is not a number.
 */
export interface GreyMapping {
  readonly modality: ModalityTransform;
  readonly voi: Voi;
  readonly inverted: boolean;
  readonly padding: PaddingRange | undefined;
}

const BACKGROUND = 0;

/**
 * Whether the display is inverted: MONOCHROME1 shows its lowest value white (PS3.3 C.7.6.3.1.2); an explicit
 * Presentation LUT Shape says the same thing more directly and overrides it (C.11.6.1, C.8.11.3.1.2).
 */
export function isInverted(
  photometricInterpretation: string,
  presentationLutShape: 'IDENTITY' | 'INVERSE' | undefined,
): boolean {
  if (presentationLutShape !== undefined) return presentationLutShape === 'INVERSE';
  return photometricInterpretation === 'MONOCHROME1';
}

/** Display bytes by bit pattern of the stored value, for arrays of the type of `values`; length = 256 or 65536. */
export function greyTable(values: ShortValues, mapping: GreyMapping): Uint8Array {
  const { lowest, count } = valueRange(values);
  const displayByte = byteFunction(mapping);
  const [low, high] = storedReach(mapping, lowest, lowest + count - 1);
  const byValue = new Uint8Array(count);
  // Most windows are far narrower than 16 bits: what lies beyond them is filled, not computed.
  byValue.fill(displayByte(low), 0, low - lowest);
  for (let stored = low; stored <= high; stored++) byValue[stored - lowest] = displayByte(stored);
  byValue.fill(displayByte(high), high - lowest + 1);
  if (mapping.padding !== undefined) {
    const [first, last] = ordered(mapping.padding);
    const from = Math.max(Math.ceil(first) - lowest, 0);
    byValue.fill(BACKGROUND, from, Math.max(Math.floor(last) - lowest + 1, from));
  }
  return byBitPattern(byValue, lowest);
}

/** The same without a table, for 32-bit and float values; length = values.length. */
export function mapToGrey(values: StoredValues, mapping: GreyMapping): Uint8Array {
  const { modality, voi } = mapping;
  const [first, last] = mapping.padding === undefined ? [1, 0] : ordered(mapping.padding);
  const bytes = new Uint8Array(values.length);
  if (modality.kind === 'linear' && voi.kind === 'window' && voi.window.function !== 'SIGMOID') {
    mapRamp(values, bytes, modality, windowRamp(voi.window));
  } else {
    const fraction = fractionFunction(mapping);
    for (let index = 0; index < values.length; index++) {
      bytes[index] = Math.floor(255 * fraction(values[index] as number) + 0.5);
    }
  }
  for (let index = 0; index < values.length; index++) {
    const stored = values[index] as number;
    if ((stored >= first && stored <= last) || Number.isNaN(stored)) bytes[index] = BACKGROUND;
    else if (mapping.inverted) bytes[index] = 255 - (bytes[index] as number);
  }
  return bytes;
}

/** The usual case without a function call a value; the arithmetic is that of `windowFraction`. */
function mapRamp(
  values: StoredValues,
  bytes: Uint8Array,
  { slope, intercept }: { readonly slope: number; readonly intercept: number },
  { low, high, middle, span }: ReturnType<typeof windowRamp>,
): void {
  for (let index = 0; index < values.length; index++) {
    const value = (values[index] as number) * slope + intercept;
    bytes[index] = value <= low ? 0 : value > high ? 255 : Math.floor(255 * ((value - middle) / span + 0.5) + 0.5);
  }
}

function byteFunction(mapping: GreyMapping): (stored: number) => number {
  const fraction = fractionFunction(mapping);
  if (mapping.inverted) return (stored) => 255 - Math.floor(255 * fraction(stored) + 0.5);
  return (stored) => Math.floor(255 * fraction(stored) + 0.5);
}

function fractionFunction(mapping: GreyMapping): (stored: number) => number {
  const toModality = modalityFunction(mapping.modality);
  const toFraction = voiFraction(mapping.voi);
  return (stored) => toFraction(toModality(stored));
}

/** Stored values, within the two limits, outside which the byte does not change. */
function storedReach(mapping: GreyMapping, lowest: number, highest: number): readonly [low: number, high: number] {
  const { modality } = mapping;
  let low: number;
  let high: number;
  if (modality.kind === 'table') {
    low = modality.table.firstMapped;
    high = low + modality.table.entries.length - 1;
  } else {
    const ends = voiReach(mapping.voi).map((value) => (value - modality.intercept) / modality.slope);
    low = Math.floor(Math.min(...ends)) - 1;
    high = Math.ceil(Math.max(...ends)) + 1;
  }
  return [clamp(low, lowest, highest), clamp(high, lowest, highest)];
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Keeps the table made last: frames of one series mostly share their mapping. */
export class GreyTables {
  private last: { readonly kind: unknown; readonly mapping: GreyMapping; readonly table: Uint8Array } | undefined;

  /** As `greyTable`; not to be changed by the caller. */
  table(values: ShortValues, mapping: GreyMapping): Uint8Array {
    const kind = values.constructor;
    if (this.last?.kind === kind && sameMapping(this.last.mapping, mapping)) return this.last.table;
    const table = greyTable(values, mapping);
    this.last = { kind, mapping, table };
    return table;
  }
}

function sameMapping(one: GreyMapping, other: GreyMapping): boolean {
  return (
    one.inverted === other.inverted &&
    one.padding?.low === other.padding?.low &&
    one.padding?.high === other.padding?.high &&
    sameModality(one.modality, other.modality) &&
    sameVoi(one.voi, other.voi)
  );
}

function sameVoi(one: Voi, other: Voi): boolean {
  if (one.kind === 'window') return other.kind === 'window' && sameWindow(one.window, other.window);
  return other.kind === 'table' && one.table === other.table;
}
