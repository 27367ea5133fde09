import { InvalidDicomError } from '../../base/errors.ts';
import type { LookupTable, ModalityTransform, Palette } from '../../types/pixels.ts';
import { expandSegments, unswapped } from './segmented-palette.ts';

/** A LUT descriptor's three values as read, the second one signed or not. */
export type RawLutDescriptor = readonly [entries: number, firstMapped: number, bits: number];

/** A LUT descriptor, understood (PS3.3 C.7.6.3.1.5, C.11.1.1, C.11.2.1.1). */
export interface LutDescriptor {
  /** 1..65536. */
  readonly entries: number;
  /** -32768..65535. */
  readonly firstMapped: number;
  /** As stated. */
  readonly bits: number;
}

/** How the bytes of LUT data are to be read. */
export interface LutEncoding {
  readonly littleEndian: boolean;
  /** Whether the descriptor's first mapped value is signed: see {@link voiInputIsSigned} for a VOI LUT. */
  readonly signed: boolean;
}

/**
 * Descriptor triple -> meaning: 0 entries stand for 65536, and the first mapped value takes its sign from Pixel
 * Representation, whatever VR (US or SS) it was read with.
 *
 * @throws InvalidDicomError when a value is not a 16-bit whole number.
 */
export function interpretLutDescriptor(raw: RawLutDescriptor, signed: boolean): LutDescriptor {
  const [entries, firstMapped, bits] = raw;
  if (!raw.every((value) => Number.isInteger(value) && value >= -0x8000 && value <= 0xffff)) {
    throw new InvalidDicomError(`Expected three 16-bit values in a LUT descriptor but received ${raw.join('\\')}.`);
  }
  const unsigned = firstMapped & 0xffff;
  return {
    entries: (entries & 0xffff) === 0 ? 0x10000 : entries & 0xffff,
    firstMapped: signed && unsigned >= 0x8000 ? unsigned - 0x10000 : unsigned,
    bits,
  };
}

/**
 * Whether a VOI LUT's first mapped value is signed: when the modality values it maps can be negative
 * (PS3.3 C.11.2.1.1); a Modality LUT's output never is.
 */
export function voiInputIsSigned(
  modality: ModalityTransform,
  pixels: { readonly pixelRepresentation: 0 | 1; readonly bitsStored: number },
): boolean {
  if (modality.kind === 'table') return false;
  const span = 2 ** pixels.bitsStored;
  const lowest = pixels.pixelRepresentation === 1 ? -span / 2 : 0;
  const values = [lowest, lowest + span - 1].map((stored) => stored * modality.slope + modality.intercept);
  return Math.min(...values) < 0;
}

/**
 * A Modality or VOI LUT Sequence item. LUT Data is taken as 16-bit words, or as bytes where there is just one byte an
 * entry. `bits` is as stated when that makes sense and holds every entry, else what the greatest entry needs.
 *
 * @throws InvalidDicomError when there are fewer entries than the descriptor says.
 */
export function lookupTable(raw: RawLutDescriptor, data: Uint8Array, encoding: LutEncoding): LookupTable {
  const descriptor = interpretLutDescriptor(raw, encoding.signed);
  const entries = lutEntries(descriptor, data, encoding.littleEndian);
  const stated = descriptor.bits >= 8 && descriptor.bits <= 16 ? descriptor.bits : 8;
  return { firstMapped: descriptor.firstMapped, bits: Math.max(stated, neededBits(entries)), entries };
}

/** One channel of a palette: its descriptor and its data, segmented (0028,1221-1223) or plain (0028,1201-1203). */
export interface PaletteChannel {
  readonly descriptor: RawLutDescriptor;
  readonly data: Uint8Array;
  readonly segmented: boolean;
}

/**
 * Palette Color Lookup Tables (PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6), segments expanded (C.7.9.2). The three descriptors
 * shall be alike; where the lengths differ the shorter tables repeat their last entry. Bits are 8 or 16; entries that
 * all fit a byte count as 8 bits whatever the descriptor says, for as 16-bit ones they would all be black.
 *
 * @throws InvalidDicomError when data are missing or segments make no sense.
 */
export function palette(
  channels: { readonly red: PaletteChannel; readonly green: PaletteChannel; readonly blue: PaletteChannel },
  encoding: LutEncoding,
): Palette {
  const tables = [channels.red, channels.green, channels.blue].map((channel) => paletteEntries(channel, encoding));
  const length = Math.max(...tables.map((table) => table.length));
  const [red, green, blue] = tables.map((table) => lengthened(table, length));
  if (red === undefined || green === undefined || blue === undefined) throw new InvalidDicomError('No palette.');
  const bits = Math.max(...[red, green, blue].map(neededBits)) > 8 ? 16 : 8;
  const { firstMapped } = interpretLutDescriptor(channels.red.descriptor, encoding.signed);
  return { firstMapped, bits, red, green, blue };
}

function paletteEntries(channel: PaletteChannel, encoding: LutEncoding): Uint16Array {
  const descriptor = interpretLutDescriptor(channel.descriptor, encoding.signed);
  if (!channel.segmented) return lutEntries(descriptor, channel.data, encoding.littleEndian);
  const bytesPerEntry = descriptor.bits === 8 ? 1 : 2;
  return expandSegments(channel.data, { bytesPerEntry, ...encoding, entries: descriptor.entries });
}

function lutEntries(descriptor: LutDescriptor, data: Uint8Array, littleEndian: boolean): Uint16Array {
  const { entries } = descriptor;
  if (data.length >= 2 * entries) {
    const view = new DataView(data.buffer, data.byteOffset, 2 * entries);
    return Uint16Array.from({ length: entries }, (_, index) => view.getUint16(2 * index, littleEndian));
  }
  // One byte an entry, perhaps with a pad byte: 8-bit entries, two to a word (PS3.3 C.7.6.3.1.6).
  if (data.length === entries || data.length === entries + (entries % 2)) {
    return Uint16Array.from(unswapped(data, littleEndian).subarray(0, entries));
  }
  throw new InvalidDicomError(
    `Expected ${entries} LUT entries (${2 * entries} bytes) as the descriptor says but received ${data.length} bytes.`,
  );
}

function neededBits(entries: Uint16Array): number {
  const greatest = entries.reduce((most, entry) => Math.max(most, entry), 0);
  return 32 - Math.clz32(greatest);
}

function lengthened(table: Uint16Array, length: number): Uint16Array {
  if (table.length === length) return table;
  const longer = new Uint16Array(length).fill(table.at(-1) ?? 0);
  longer.set(table);
  return longer;
}
