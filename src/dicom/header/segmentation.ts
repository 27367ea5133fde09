import type { Segmentation } from '../../types/instance.ts';
import type { DataSet } from '../elements/data-set.ts';
import { tags } from '../tags.ts';

/** The Segmentation Image module (PS3.3 C.8.20.2): what the values of a SEG instance stand for; undefined for others. */
export function readSegmentation(dataSet: DataSet): Segmentation | undefined {
  const type = dataSet.text(tags.segmentationType);
  if (type !== 'BINARY' && type !== 'FRACTIONAL' && type !== 'LABELMAP') return undefined;
  return {
    type,
    maximum: type === 'FRACTIONAL' ? (dataSet.uint16(tags.maximumFractionalValue) ?? 255) : 1,
    colours: new Map(
      dataSet.items(tags.segmentSequence).flatMap((segment): readonly (readonly [number, CielabTriplet])[] => {
        const number = segment.uint16(tags.segmentNumber);
        const [lightness, a, b] = segment.uint16s(tags.recommendedDisplayCielabValue);
        if (number === undefined || lightness === undefined || a === undefined || b === undefined) return [];
        return [[number, [lightness, a, b]]];
      }),
    ),
  };
}

type CielabTriplet = readonly [number, number, number];
