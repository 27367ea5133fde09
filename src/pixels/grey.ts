import type { ModalityTransform, PaddingRange, StoredValues } from '../types/pixels.ts';
import { sameWindow, type Voi, voiFraction, voiReach, windowRamp } from './contrast/voi.ts';
import { modalityFunction, sameModality } from './modality.ts';
import { byBitPattern, paddingEnds, type ShortValues, valueRange } from './short-values.ts';

/**
 * All that is between a stored value and the byte that displays it.
 *
 * Stored value -> Modality LUT or rescale -> VOI LUT or window -> byte -> inversion. There is only one rounding, half
 * up: `floor(255 * fraction + 0.5)`. (DCMTK drops the fraction, so its bytes are sometimes 1 less; pydicom leaves
 * floats to the caller.) Inversion comes last: `255 - byte`.
 *
 * Padding is not part of the image. It gets no contrast and is drawn black as the background is, inverted or not: Pixel
 * Padding Value lies at the black end of the values, which is the high end for MONOCHROME1 (PS3.3 C.7.5.1.1.2). Values
 * that are not a number are drawn black too.
 */
export interface GreyMapping {
  readonly modality: ModalityTransform;
  readonly voi: Voi;
  readonly inverted: boolean;
  readonly padding: PaddingRange | undefined;
}

const background = 0;

/**
 * Whether the display is inverted. MONOCHROME1 shows its lowest value white (PS3.3 C.7.6.3.1.2). Presentation LUT
 * Shape, where it is given, overrides that (C.11.6.1, C.8.11.3.1.2).
 */
export function isInverted(
  photometricInterpretation: string,
  presentationLutShape: 'IDENTITY' | 'INVERSE' | undefined,
): boolean {
  if (presentationLutShape !== undefined) return presentationLutShape === 'INVERSE';
  return photometricInterpretation === 'MONOCHROME1';
}

/**
 * The display byte of each stored value, by its bit pattern, for arrays of the type of `values`; length = 256 or 65536.
 */
export function greyTable(values: ShortValues, mapping: GreyMapping): Uint8Array {
  const { min, count } = valueRange(values);
  const displayByte = byteFunction(mapping);
  const [low, high] = storedReach(mapping, min, min + count - 1);
  const byValue = new Uint8Array(count);
  // Most windows are far narrower than 16 bits: bytes outside of them are filled in, not computed.
  byValue.fill(displayByte(low), 0, low - min);
  for (let stored = low; stored <= high; stored++) byValue[stored - min] = displayByte(stored);
  byValue.fill(displayByte(high), high - min + 1);
  if (mapping.padding !== undefined) {
    const [first, last] = paddingEnds(mapping.padding, values);
    const from = Math.max(Math.ceil(first) - min, 0);
    byValue.fill(background, from, Math.max(Math.floor(last) - min + 1, from));
  }
  return byBitPattern(byValue, min);
}

/** The same without a table, for 32-bit and float values; as long as `values`. */
export function mapToGrey(values: StoredValues, mapping: GreyMapping): Uint8Array {
  const { modality, voi } = mapping;
  const [first, last] = paddingEnds(mapping.padding, values);
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
    if ((stored >= first && stored <= last) || Number.isNaN(stored)) bytes[index] = background;
    else if (mapping.inverted) bytes[index] = 255 - (bytes[index] as number);
  }
  return bytes;
}

/** The usual case, without a function call for each value. The arithmetic is that of `windowFraction`. */
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

/** Outside these stored values (from `min` to `max`) the byte does not change. */
function storedReach(mapping: GreyMapping, min: number, max: number): readonly [low: number, high: number] {
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
  return [clamp(low, min, max), clamp(high, min, max)];
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** Keeps the last table that was made, because the frames of a series mostly have the same mapping. */
export class GreyTables {
  private last: { readonly kind: unknown; readonly mapping: GreyMapping; readonly table: Uint8Array } | undefined;

  /** The same as `greyTable`. The caller must not change the table. */
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
