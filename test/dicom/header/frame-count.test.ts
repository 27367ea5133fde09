import { describe, expect, it } from 'vitest';
import { maxUncheckedFrames } from '../../../src/dicom/header/frame-count.ts';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { transferSyntaxes } from '../../../src/dicom/transfer-syntaxes.ts';
import { type Attributes, sopClass, transferSyntax, writeInstance } from '../../support/dicom/index.js';

const image: Attributes = {
  SOPClassUID: sopClass.ultrasoundMultiFrame,
  SOPInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
  Rows: 16,
  Columns: 16,
  SamplesPerPixel: 1,
  BitsAllocated: 8,
};
const native = new Uint8Array(1024);
const fragments = { fragments: [new Uint8Array(1000)], basicOffsetTable: [] };

function headerOf(
  attributes: Attributes,
  transferSyntaxUid: string,
  complete = true,
): ReturnType<typeof parseHeader>['header'] {
  const bytes = writeInstance(attributes, { transferSyntaxUid });
  return parseHeader(bytes, { complete, objectByteLength: bytes.length }).header;
}

describe('Number of Frames', () => {
  it.each([1_000_000, 100_000_000, 2 ** 31 - 1, 1e12])(
    'of %d in a small object is bounded in every transfer syntax',
    (claimed) => {
      for (const { uid, coding, isEncapsulatedNative } of transferSyntaxes) {
        const isNative = coding === 'native' && !isEncapsulatedNative;
        const { numberOfFrames, notes } = headerOf(
          { ...image, NumberOfFrames: String(claimed), PixelData: isNative ? native : fragments },
          uid,
        );
        expect(numberOfFrames, uid).toBeLessThanOrEqual(coding === 'video' ? 1100 : 140);
        expect(numberOfFrames, uid).toBeGreaterThan(3);
        expect(notes, uid).toHaveLength(1);
        expect(notes[0]).toMatch(/^Number of Frames is \d+ but the object can hold \d+ at most/);
      }
    },
  );

  it('is bounded where the pixel data have not been reached, or are not there', () => {
    const bytes = writeInstance({ ...image, NumberOfFrames: '5000000' });
    for (const complete of [true, false]) {
      const { header } = parseHeader(bytes, { complete, objectByteLength: bytes.length });
      expect(header.numberOfFrames).toBe(1);
    }
  });

  it('is bounded by the length of a deflated data set, which is not all inflated', () => {
    const { numberOfFrames } = headerOf(
      { ...image, NumberOfFrames: '1000000000', PixelData: new Uint8Array(1_000_000) },
      transferSyntax.deflatedExplicitLittleEndian,
    );
    expect(numberOfFrames).toBeLessThan(20_000);
  });

  it('is believed up to a limit, and where the object holds a good part of the frames', () => {
    const few = { ...image, NumberOfFrames: String(maxUncheckedFrames), PixelData: native };
    expect(headerOf(few, transferSyntax.explicitLittleEndian)).toMatchObject({
      numberOfFrames: maxUncheckedFrames,
      notes: [],
    });
    const cut = { ...image, Rows: 1, Columns: 1, NumberOfFrames: '20000', PixelData: new Uint8Array(10_000) };
    expect(headerOf(cut, transferSyntax.explicitLittleEndian)).toMatchObject({ numberOfFrames: 20_000, notes: [] });
    const less = { ...cut, PixelData: new Uint8Array(4000) };
    expect(headerOf(less, transferSyntax.explicitLittleEndian)).toMatchObject({ numberOfFrames: 4000 });
  });

  it('is believed where nobody knows how long the object is', () => {
    const bytes = writeInstance({ ...image, NumberOfFrames: '1000000', PixelData: native });
    expect(parseHeader(bytes, { complete: true }).header.numberOfFrames).toBe(1_000_000);
  });

  it('leaves no more attributes of frames than there are frames', () => {
    const frame = { FrameContentSequence: [{ StackID: '1' }] };
    const { frames, numberOfFrames } = headerOf(
      { ...image, NumberOfFrames: '90000', PixelData: native, PerFrameFunctionalGroupsSequence: Array(9).fill(frame) },
      transferSyntax.explicitLittleEndian,
    );
    expect(numberOfFrames).toBe(4);
    expect(frames).toHaveLength(4);
  });
});
