import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import type { InstanceHeader } from '../../../src/types/instance.ts';
import { type Attributes, ctSeries, segmentation } from '../../support/dicom/index.js';

const headerOf = (attributes: Attributes = {}): InstanceHeader =>
  parseHeader(segmentation({ segments: 2, slices: 3, attributes }), { complete: true }).header;

describe('the Segmentation Image module', () => {
  it('tells the type, and the colours that segments have', () => {
    const { segmentation: found, frames } = headerOf();
    expect(found).toEqual({
      type: 'BINARY',
      maximum: 1,
      colours: new Map([
        [1, [41000, 48000, 45000]],
        [2, [36000, 26000, 22000]],
      ]),
    });
    expect(frames.map(({ segmentNumber }) => segmentNumber)).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('tells the value of a pixel that a segment covers wholly', () => {
    const fractional = { SegmentationType: 'FRACTIONAL', '0062000e': { vr: 'US', value: 200 } };
    expect(headerOf(fractional).segmentation).toMatchObject({ type: 'FRACTIONAL', maximum: 200 });
    expect(headerOf({ SegmentationType: 'FRACTIONAL' }).segmentation?.maximum).toBe(255);
    // It has a meaning only for fractions.
    expect(headerOf({ '0062000e': { vr: 'US', value: 200 } }).segmentation?.maximum).toBe(1);
    expect(headerOf({ SegmentationType: 'LABELMAP' }).segmentation).toMatchObject({ type: 'LABELMAP', maximum: 1 });
  });

  it('leaves out colours that are missing or cut short', () => {
    const SegmentSequence = [
      { SegmentNumber: 1, SegmentLabel: 'without' },
      { SegmentNumber: 2, RecommendedDisplayCIELabValue: [1, 2] },
      { RecommendedDisplayCIELabValue: [1, 2, 3] },
      { SegmentNumber: 7, RecommendedDisplayCIELabValue: [4, 5, 6] },
    ];
    expect(headerOf({ SegmentSequence }).segmentation?.colours).toEqual(new Map([[7, [4, 5, 6]]]));
    expect(headerOf({ SegmentSequence: [] }).segmentation?.colours.size).toBe(0);
  });

  it('is undefined for other images and for unknown types', () => {
    const [ct = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 8 }).values();
    expect(parseHeader(ct, { complete: true }).header.segmentation).toBeUndefined();
    expect(headerOf({ SegmentationType: 'SOMETHING' }).segmentation).toBeUndefined();
  });
});
