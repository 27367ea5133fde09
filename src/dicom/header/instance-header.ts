import type { FrameAttributes, InstanceHeader, PixelDataLocation } from '../../types/instance.ts';
import type { PaddingRange, PixelDescription } from '../../types/pixels.ts';
import type { DataSet } from '../elements/data-set.ts';
import { readPalette } from '../lookup-tables/read-lookup-tables.ts';
import { readExtendedOffsets } from '../pixel-data/fragments.ts';
import { tags } from '../tags.ts';
import { readFrameAttributes, type ValueRange } from './frame-attributes.ts';
import { placeFrames } from './frame-geometry.ts';
import { readOverlays } from './overlay-groups.ts';
import { readPixelDescription } from './pixel-description.ts';
import { readSegmentation } from './segmentation.ts';
import { unfold } from './unfolding.ts';

/** What parsing found beside the elements. */
export interface HeaderContext {
  readonly transferSyntaxUid: string;
  /** Media Storage SOP Class UID of the file meta information, or ''. */
  readonly sopClassUid: string;
  readonly pixelData: PixelDataLocation | undefined;
  readonly kind: 'integer' | 'float' | 'double';
  /** The pixel data element's VR is OB. */
  readonly pixelsAreBytes?: boolean;
}

/** Puts the elements read so far into the words of the picture. Absent ones are undefined or empty. */
export function buildInstanceHeader(dataSet: DataSet, context: HeaderContext): InstanceHeader {
  const pixels = readPixelDescription(dataSet, context.kind);
  const storedFrames = Math.max(1, dataSet.integer(tags.numberOfFrames) ?? 1);
  const imageType = dataSet.texts(tags.imageType);
  const storedAttributes = readFrames(dataSet, storedFrames, pixels);
  const unfolded =
    storedAttributes[0] === undefined
      ? undefined
      : unfold(dataSet, { imageType, numberOfFrames: storedFrames }, pixels, storedAttributes[0]);
  const header: InstanceHeader = {
    sopClassUid: dataSet.text(tags.sopClassUid) ?? context.sopClassUid,
    sopInstanceUid: dataSet.text(tags.sopInstanceUid) ?? '',
    seriesInstanceUid: dataSet.text(tags.seriesInstanceUid) ?? '',
    studyInstanceUid: dataSet.text(tags.studyInstanceUid) ?? '',
    modality: dataSet.text(tags.modality) ?? '',
    seriesDescription: dataSet.describedText(tags.seriesDescription, dataSet.text(tags.specificCharacterSet)) ?? '',
    imageType,
    transferSyntaxUid: context.transferSyntaxUid,
    instanceNumber: dataSet.integer(tags.instanceNumber),
    numberOfFrames: unfolded?.unfolding.count ?? storedFrames,
    unfolding: unfolded?.unfolding,
    notes: unfolded?.notes ?? [],
    pixels,
    pixelData: context.pixelData,
    extendedOffsets: readExtendedOffsetTable(dataSet),
    pixelAspectRatio: readAspectRatio(dataSet),
    padding: pixels === undefined ? undefined : readPadding(dataSet, pixels),
    presentationLutShape: readPresentationLutShape(dataSet),
    totalPixelMatrix: readTotalPixelMatrix(dataSet),
    segmentation: readSegmentation(dataSet),
    overlays: readOverlays(dataSet),
    palette: readPalette(dataSet, pixels?.pixelRepresentation === 1),
    frames: unfolded?.frames ?? storedAttributes,
  };
  return dataSet.bigEndian && context.pixelsAreBytes === true ? { ...header, pixelsAreBytes: true } : header;
}

/** What stored values are taken for while nothing is known of them. */
export const noPixels: ValueRange = { bitsStored: 16, pixelRepresentation: 0 };

/** One entry a frame where frames can differ, else a single one. */
function readFrames(
  dataSet: DataSet,
  numberOfFrames: number,
  pixels: PixelDescription | undefined,
): readonly FrameAttributes[] {
  const values = pixels ?? noPixels;
  const shared = dataSet.item(tags.sharedFunctionalGroupsSequence);
  const perFrame = dataSet.items(tags.perFrameFunctionalGroupsSequence);
  if (perFrame.length === 0) {
    const only = readFrameAttributes({ perFrame: undefined, shared, top: dataSet }, values);
    return placeFrames(dataSet, only, numberOfFrames);
  }
  const count = Math.min(perFrame.length, numberOfFrames);
  return Array.from({ length: count }, (_, frame) =>
    readFrameAttributes({ perFrame: perFrame[frame], shared, top: dataSet }, values),
  );
}

function readExtendedOffsetTable(dataSet: DataSet): InstanceHeader['extendedOffsets'] {
  const offsets = dataSet.valueBytes(tags.extendedOffsetTable);
  const lengths = dataSet.valueBytes(tags.extendedOffsetTableLengths);
  if (offsets === undefined || lengths === undefined) return undefined;
  return { offsets: readExtendedOffsets(offsets), lengths: readExtendedOffsets(lengths) };
}

function readTotalPixelMatrix(dataSet: DataSet): InstanceHeader['totalPixelMatrix'] {
  const rows = dataSet.uint32(tags.totalPixelMatrixRows);
  const columns = dataSet.uint32(tags.totalPixelMatrixColumns);
  return rows === undefined || columns === undefined || rows === 0 || columns === 0 ? undefined : { rows, columns };
}

function readAspectRatio(dataSet: DataSet): InstanceHeader['pixelAspectRatio'] {
  const [vertical = 0, horizontal = 0] = dataSet.decimals(tags.pixelAspectRatio);
  return vertical > 0 && horizontal > 0 ? [vertical, horizontal] : undefined;
}

/** Pixel Padding Value and Range Limit (PS3.3 C.7.5.1.1.2), with the sign that Pixel Representation gives them. */
function readPadding(dataSet: DataSet, pixels: PixelDescription): PaddingRange | undefined {
  const read = (tag: number): number | undefined =>
    pixels.pixelRepresentation === 1 ? dataSet.int16(tag) : dataSet.uint16(tag);
  const value = read(tags.pixelPaddingValue);
  if (value === undefined) return undefined;
  const limit = read(tags.pixelPaddingRangeLimit) ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

function readPresentationLutShape(dataSet: DataSet): InstanceHeader['presentationLutShape'] {
  const text = dataSet.text(tags.presentationLutShape);
  return text === 'IDENTITY' || text === 'INVERSE' ? text : undefined;
}
