import { lookupTable, palette, type RawLutDescriptor } from '../../../src/dicom/lookup-tables/lookup-tables.ts';
import { readExtendedOffsets } from '../../../src/dicom/pixel-data/extended-offsets.ts';
import { findEncapsulatedFrames } from '../../../src/series/frames/encapsulated-frames.ts';
import { encapsulate } from '../../support/dicom/index.js';
import { type FuzzTarget, tokensOf } from '../target.ts';

const coded = [1, 2, 3].map((frame) =>
  Uint8Array.of(0xff, 0xd8, 0xff, frame, ...new Array<number>(40).fill(frame), 0xff, 0xd9),
);
const item = '\xfe\xff\x00\xe0';

/** The last byte chooses how many frames there should be, and whether the size is known. */
export const encapsulation: FuzzTarget = {
  name: 'encapsulation',
  weight: 100,
  tokens: tokensOf(
    `${item}\x00\x00\x00\x00`,
    `${item}\xff\xff\xff\xff`,
    `${item}\x04\x00\x00\x00`,
    '\xfe\xff\xdd\xe0\x00\x00\x00\x00',
    '\xff\xd8\xff',
  ),
  seeds: async () =>
    (['basic', 'empty'] as const).flatMap((offsetTable) =>
      [1, 3].map((fragmentsPerFrame) => {
        const { basicOffsetTable, fragments } = encapsulate(coded, { offsetTable, fragmentsPerFrame });
        return encapsulatedValue([new Uint8Array(Uint32Array.from(basicOffsetTable).buffer), ...fragments]);
      }),
    ),
  async run(bytes) {
    const choice = bytes.at(-1) ?? 0;
    const numberOfFrames = 1 + (choice & 7);
    // Without a size, and with one that is too large to read at once, items are walked one after the other.
    const byteLength = [bytes.length, undefined, 2 ** 30][(choice >> 3) % 3];
    const read = async (offset: number, length: number): Promise<Uint8Array> => bytes.subarray(offset, offset + length);
    const offsets = bytes.subarray(0, Math.min(bytes.length & ~7, 8 * numberOfFrames));
    const extendedOffsets =
      choice & 0x80 ? { offsets: readExtendedOffsets(offsets), lengths: readExtendedOffsets(offsets) } : undefined;
    const frames = await findEncapsulatedFrames(
      { key: 'a', numberOfFrames, extendedOffsets, byteLength, note: () => {}, read },
      undefined,
    );
    let firstError: unknown;
    for (let frame = 0; frame < numberOfFrames; frame += 1) {
      await frames.read(frame, undefined).catch((error: unknown) => {
        firstError ??= error;
      });
    }
    if (firstError !== undefined) throw firstError;
  },
};

/** Items one after the other, the first with the Basic Offset Table, and a delimiter at the end (PS3.5 A.4). */
function encapsulatedValue(fragments: readonly Uint8Array[]): Uint8Array {
  const head = (tag: string, length: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.write(tag, 'latin1');
    bytes.writeUInt32LE(length, 4);
    return bytes;
  };
  const items = fragments.flatMap((bytes) => [head(item, bytes.length), bytes]);
  return Buffer.concat([...items, head('\xfe\xff\xdd\xe0', 0)]);
}

const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);

/** Three descriptors of 6 bytes each, then data, which all three channels share; the last byte chooses the kind. */
export const lookupTables: FuzzTarget = {
  name: 'lookup-tables',
  weight: 100,
  seeds: async () => [
    Buffer.concat([words(4, 0, 16, 4, 0, 16, 4, 0, 16), words(0, 100, 1000, 65535)]),
    Buffer.concat([words(4, 0, 8, 4, 0, 8, 4, 0, 8), Uint8Array.of(1, 2, 3, 4)]),
    Buffer.concat([words(9, 0, 16, 9, 0, 16, 9, 0, 16), words(0, 2, 5, 9, 1, 4, 30, 2, 1, 0, 0, 1)]),
    Buffer.concat([words(0, 0x8000, 16, 0, 0, 16, 0, 0, 16), words(0, 2, 5, 9, 1, 0xffff, 30, 2, 0xffff, 8, 0, 1)]),
  ],
  run(bytes) {
    if (bytes.length < 19) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const choice = bytes.at(-1) ?? 0;
    const encoding = { littleEndian: (choice & 1) === 0, signed: (choice & 2) === 0 };
    const word = (at: number): number => view.getUint16(at, true);
    const descriptorAt = (at: number): RawLutDescriptor => [word(at), word(at + 2), word(at + 4)];
    const data = bytes.subarray(18);
    const [first, second, third] = [descriptorAt(0), descriptorAt(6), descriptorAt(12)];
    const channel = (descriptor: RawLutDescriptor): Parameters<typeof palette>[0]['red'] => {
      return { descriptor, data, segmented: (choice & 4) === 0 };
    };
    if (choice & 8) lookupTable(first, data, encoding);
    else palette({ red: channel(first), green: channel(second), blue: channel(third) }, encoding);
  },
};
