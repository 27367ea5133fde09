import { InvalidDicomError } from '../../base/errors.ts';
import type { LookupTable, ModalityTransform, Palette } from '../../types/pixels.ts';
import { expandSegments, unpackedBytes } from './segmented-palette.ts';

/** The three values of a LUT descriptor as they were read; the second one as signed or as unsigned. */
export type RawLutDescriptor = readonly [entries: number, firstMapped: number, bits: number];

/** What a LUT descriptor means (PS3.3 C.7.6.3.1.5, C.11.1.1, C.11.2.1.1). */
export interface LutDescriptor {
  /** 1..65536. */
  readonly entries: number;
  /** -32768..65535. */
  readonly firstMapped: number;
  /** As the descriptor says, right or wrong. */
  readonly bits: number;
}

/** How the bytes of LUT data are to be read. */
export interface LutEncoding {
  readonly littleEndian: boolean;
  /** Whether the first mapped value is signed; for a VOI LUT see {@link voiInputIsSigned}. */
  readonly signed: boolean;
}

/**
 * Interprets a descriptor: 0 entries stand for 65536, and Pixel Representation says whether the first mapped value is
 * signed, whatever VR (US or SS) it was read with.
 *
 * @throws InvalidDicomError where a value is not a 16-bit whole number
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
 * Whether the first mapped value of a VOI LUT is signed: it is where the modality values that it maps can be negative
 * (PS3.3 C.11.2.1.1). The output of a Modality LUT never is.
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
 * Makes the table of a Modality or VOI LUT Sequence item. LUT Data are 16-bit words, or bytes where there is only one
 * byte an entry. `bits` is what the descriptor says where that is possible and enough for every entry, else what the
 * greatest entry needs.
 *
 * @throws InvalidDicomError where there are fewer entries than the descriptor says
 */
export function lookupTable(raw: RawLutDescriptor, data: Uint8Array, encoding: LutEncoding): LookupTable {
  const descriptor = interpretLutDescriptor(raw, encoding.signed);
  const entries = lutEntries(descriptor, data, encoding.littleEndian);
  const stated = descriptor.bits >= 8 && descriptor.bits <= 16 ? descriptor.bits : 8;
  return { firstMapped: descriptor.firstMapped, bits: Math.max(stated, neededBits(entries)), entries };
}

/** One channel of a palette: its descriptor and its data, plain (0028,1201-1203) or segmented (0028,1221-1223). */
export interface PaletteChannel {
  readonly descriptor: RawLutDescriptor;
  readonly data: Uint8Array;
  readonly segmented: boolean;
}

/**
 * Makes Palette Color Lookup Tables (PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6), segments expanded (C.7.9.2). The three
 * descriptors shall be the same; where their lengths differ, the shorter tables repeat their last entry. Bits are 8 or
 * 16. Where all entries fit into a byte, they count as 8 bits whatever the descriptor says: as 16-bit entries they
 * would all be black.
 *
 * @throws InvalidDicomError where data are missing or segments are broken
 */
export function palette(
  channels: { readonly red: PaletteChannel; readonly green: PaletteChannel; readonly blue: PaletteChannel },
  encoding: LutEncoding,
): Palette {
  const tables = [channels.red, channels.green, channels.blue].map((channel) => paletteEntries(channel, encoding));
  const length = Math.max(...tables.map((table) => table.length));
  const [red, green, blue] = tables.map((table) => lengthened(table, length));
  if (red === undefined || green === undefined || blue === undefined)
    throw new InvalidDicomError('Expected red, green and blue Palette Color Lookup Tables but found fewer.');
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
  // One byte an entry, and perhaps a pad byte: 8-bit entries, two in a word (PS3.3 C.7.6.3.1.6).
  if (data.length === entries || data.length === entries + (entries % 2)) {
    return Uint16Array.from(unpackedBytes(data, littleEndian).subarray(0, entries));
  }
  throw new InvalidDicomError(
    `Expected ${entries} LUT entries (${2 * entries} bytes) as the descriptor says but received ${data.length} bytes.`,
  );
}

function neededBits(entries: Uint16Array): number {
  const max = entries.reduce((greatest, entry) => Math.max(greatest, entry), 0);
  return 32 - Math.clz32(max);
}

function lengthened(table: Uint16Array, length: number): Uint16Array {
  if (table.length === length) return table;
  const longer = new Uint16Array(length).fill(table.at(-1) ?? 0);
  longer.set(table);
  return longer;
}
