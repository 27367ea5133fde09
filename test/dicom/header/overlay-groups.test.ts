import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import type { OverlayGroup } from '../../../src/types/instance.ts';
import { type Attributes, ctSeries, transferSyntax } from '../../support/dicom/index.js';

function overlaysOf(attributes: Attributes, transferSyntaxUid?: string): readonly OverlayGroup[] {
  const series = ctSeries({
    instances: 1,
    rows: 8,
    attributes: (given) => ({ ...given, ...attributes }),
    ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }),
  });
  const [bytes = new Uint8Array(0)] = series.values();
  return parseHeader(bytes, { complete: true }).header.overlays;
}

const bits = Uint8Array.of(0x81, 0x42, 0x24, 0x18, 0x18, 0x24, 0x42, 0x81);
const plane: Attributes = {
  OverlayRows: 8,
  OverlayColumns: 8,
  OverlayType: 'G',
  OverlayOrigin: [1, 1],
  OverlayBitsAllocated: 1,
  OverlayBitPosition: 0,
  OverlayData: { vr: 'OW', bytes: bits },
};

describe('overlay groups', () => {
  it('are read with their place and their bits', () => {
    expect(overlaysOf(plane)).toEqual([
      { rows: 8, columns: 8, origin: [1, 1], numberOfFrames: 1, firstFrame: 1, bitPosition: 0, bits },
    ]);
    expect(overlaysOf({})).toEqual([]);
  });

  it('may lie partly outside, and belong to some frames only', () => {
    const attributes = {
      ...plane,
      OverlayOrigin: [-3, 5],
      '60000015': { vr: 'IS', value: '3' },
      '60000051': { vr: 'US', value: 4 },
    };
    expect(overlaysOf(attributes)).toMatchObject([{ origin: [-3, 5], numberOfFrames: 3, firstFrame: 4 }]);
  });

  it('are up to sixteen, at even numbers', () => {
    const other = {
      '601e0010': { vr: 'US', value: 2 },
      '601e0011': { vr: 'US', value: 3 },
      '60200010': { vr: 'US', value: 2 },
      '60200011': { vr: 'US', value: 3 },
    };
    expect(overlaysOf({ ...plane, ...other }).map(({ rows, columns }) => [rows, columns])).toEqual([
      [8, 8],
      [2, 3],
    ]);
  });

  it('without data of their own lie in the pixel data', () => {
    const embedded = { ...plane, OverlayData: undefined, OverlayBitPosition: 12, OverlayBitsAllocated: 16 };
    expect(overlaysOf(embedded)).toMatchObject([{ bitPosition: 12, bits: undefined }]);
  });

  it('are left out without a size', () => {
    expect(overlaysOf({ ...plane, OverlayRows: 0 })).toEqual([]);
    expect(overlaysOf({ ...plane, OverlayColumns: undefined })).toEqual([]);
  });

  it('are a copy: the buffer that the header was read into may be used again', () => {
    for (const syntax of [transferSyntax.explicitLittleEndian, transferSyntax.explicitBigEndian]) {
      const series = ctSeries({
        instances: 1,
        rows: 8,
        attributes: (given) => ({ ...given, ...plane }),
        transferSyntaxUid: syntax,
      });
      const [bytes = new Uint8Array(0)] = series.values();
      const before = bytes.slice();
      const { header } = parseHeader(bytes, { complete: true });
      expect(bytes).toEqual(before);
      const found = header.overlays[0]?.bits?.slice();
      bytes.fill(0xff);
      expect(header.overlays[0]?.bits).toEqual(found);
    }
  });

  it('are words: swapped in a big endian data set', () => {
    const swapped = Uint8Array.from(bits, (_, index) => bits[index ^ 1] ?? 0);
    const attributes = { ...plane, OverlayData: { vr: 'OW', bytes: swapped } };
    expect(overlaysOf(attributes, transferSyntax.explicitBigEndian)[0]?.bits).toEqual(bits);
  });
});
