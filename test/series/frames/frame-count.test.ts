import { describe, expect, it } from 'vitest';
import { InstanceReader } from '../../../src/series/frames/instance-reader.ts';
import { scanObjects } from '../../../src/series/header-pass/scan.ts';
import {
  type EncapsulationOptions,
  encapsulatedPixelData,
  sopClass,
  transferSyntax,
  writeInstance,
} from '../../support/dicom/index.js';
import { listed, MemoryStore } from '../../support/memory-store.ts';

/** Bytes that begin and end as JPEG does; frame `index` is filled with its index. */
function jpegLike(index: number, length: number): Uint8Array {
  const frame = new Uint8Array(length).fill(index + 1);
  frame.set([0xff, 0xd8, 0xff]);
  frame.set([0xff, 0xd9], length - 2);
  return frame;
}

interface Encapsulation {
  readonly claimed: number;
  readonly held: number;
  readonly length?: number;
  readonly encapsulation: EncapsulationOptions;
  /** In place of the Sequence Delimitation Item. */
  readonly end?: Uint8Array;
}

/** Each claimed frame's first filling byte, or the error's code; and the notes of those that were read. */
async function readAll({ claimed, held, length = 100, encapsulation, end }: Encapsulation): Promise<{
  readonly frames: readonly (number | string)[];
  readonly notes: readonly string[];
}> {
  const whole = writeInstance(
    {
      SOPClassUID: sopClass.secondaryCapture,
      SOPInstanceUID: '2.25.1',
      NumberOfFrames: claimed,
      Rows: 8,
      Columns: 8,
      BitsAllocated: 8,
      SamplesPerPixel: 1,
      ...encapsulatedPixelData(
        Array.from({ length: held }, (_, index) => jpegLike(index, length)),
        encapsulation,
      ),
    },
    { transferSyntaxUid: transferSyntax.jpegBaseline },
  );
  const bytes = end === undefined ? whole : Buffer.concat([whole.subarray(0, whole.length - 8), end]);
  const series = new Map([['one.dcm', new Uint8Array(bytes)]]);
  const store = new MemoryStore(series);
  const { instances } = await scanObjects(store, listed(series), { wholeObjects: false });
  const [instance] = instances;
  if (instance === undefined) throw new Error('Not scanned.');
  const reader = new InstanceReader(store, instance);
  const notes = new Set<string>();
  const frames: (number | string)[] = [];
  for (let index = 0; index < claimed; index++) {
    try {
      const frame = await reader.readFrame(index, undefined);
      for (const note of frame.notes ?? []) notes.add(note);
      expect([...frame.bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
      frames.push(frame.bytes[3] ?? -1);
    } catch (error) {
      frames.push(error instanceof Error && 'code' in error ? String(error.code) : 'other');
    }
  }
  return { frames, notes: [...notes] };
}

/** Read whole, and found by ranges (more than 4 MB with a table, more than 32 MB without). */
const lengths = [
  ['small', 100],
  ['large', 9_000_000],
] as const;
const tables: readonly (readonly [string, EncapsulationOptions])[] = [
  ['a basic offset table', { offsetTable: 'basic', fragmentsPerFrame: 2 }],
  ['no offset table', { offsetTable: 'empty', fragmentsPerFrame: 2 }],
  ['an extended offset table', { offsetTable: 'extended' }],
];

describe.each(lengths)('encapsulated pixel data with %s frames', (_size, length) => {
  describe.each(tables)('and %s', (_table, encapsulation) => {
    it('hold fewer frames than claimed: those that are there are shown, the others are missing', async () => {
      const { frames, notes } = await readAll({ claimed: 6, held: 4, length, encapsulation });
      expect(frames).toEqual([1, 2, 3, 4, 'invalid-dicom', 'invalid-dicom']);
      expect(notes).toEqual([expect.stringContaining('is 6 but the pixel data hold 4: the others are missing')]);
    });

    it('hold more frames than claimed: the first ones are shown', async () => {
      const { frames, notes } = await readAll({ claimed: 3, held: 5, length, encapsulation });
      expect(frames).toEqual([1, 2, 3]);
      expect(notes).toEqual([expect.stringContaining('is 3 but the pixel data hold 5')]);
    });

    it.each([
      ['zeros', new Uint8Array(16)],
      ['an Item Delimitation Item', Uint8Array.of(0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0)],
      ['junk', Uint8Array.of(0x17, 0x2a, 0x33, 0x41, 0x99, 0x1, 0x2, 0x3)],
    ])('end with %s in place of the delimiter: every frame is there', async (_end, end) => {
      const { frames, notes } = await readAll({ claimed: 4, held: 4, length, encapsulation, end });
      expect(frames).toEqual([1, 2, 3, 4]);
      const isSeen = encapsulation.offsetTable !== 'extended' || length < 1000;
      const note = expect.stringMatching(/After the last fragment the pixel data have \([\dA-F,]{9}\)/);
      // An extended table says where each frame ends: what comes after the last one is not read.
      expect(notes).toEqual(isSeen ? [note] : []);
    });
  });
});

it('a single frame with zeros in place of the delimiter is there', async () => {
  const { frames, notes } = await readAll({
    claimed: 1,
    held: 1,
    encapsulation: { offsetTable: 'empty' },
    end: new Uint8Array(16),
  });
  expect(frames).toEqual([1]);
  expect(notes).toHaveLength(1);
});
