import type { FrameAttributes, InstanceHeader, Unfolding, Vector3 } from '../../types/instance.ts';
import type { PixelDescription } from '../../types/pixels.ts';
import type { DataSet } from '../elements/data-set.ts';
import { tags } from '../tags.ts';
import { readFrameAttributes } from './frame-attributes.ts';
import type { HeaderNotes } from './header-notes.ts';
import { readCsaValues } from './siemens-csa.ts';
import { normalOf } from './slice-normal.ts';

/** The slices of a frame that holds many of them. */
export interface Unfolded {
  readonly unfolding: Unfolding;
  readonly frames: readonly FrameAttributes[];
  readonly notes: readonly string[];
}

/** The note of a mosaic whose slices may be in reverse order. */
export const withoutNormal = 'A Siemens mosaic without its slice normal: slices may be in reverse order.';

/** Slices in one frame at most. */
const maxSlices = 4096;

/** Whether Image Type says that a frame holds many slices: more of the header is needed then to place them. */
export function holdsManySlices(imageType: readonly string[]): 'siemens' | 'uih' | undefined {
  if (imageType.includes('MOSAIC')) return 'siemens';
  return imageType.includes('VFRAME') ? 'uih' : undefined;
}

/**
 * Describes the slices of a Siemens mosaic or a UIH grid: one frame that holds slices side by side, row by row.
 * Undefined for other instances, and where the header does not say how many slices there are.
 */
export function unfold(
  dataSet: DataSet,
  header: Pick<InstanceHeader, 'imageType' | 'numberOfFrames'>,
  pixels: PixelDescription | undefined,
  whole: FrameAttributes,
  headerNotes: HeaderNotes,
): Unfolded | undefined {
  if (pixels === undefined || header.numberOfFrames !== 1) return undefined;
  switch (holdsManySlices(header.imageType)) {
    case 'siemens':
      return unfoldMosaic(dataSet, pixels, whole);
    case 'uih':
      return unfoldGrid(dataSet, pixels, headerNotes);
    default:
      return undefined;
  }
}

function layout(
  pixels: PixelDescription,
  count: number | undefined,
  gridRows: (columns: number) => number,
): Unfolding | undefined {
  if (count === undefined || !Number.isInteger(count) || count < 2 || count > maxSlices) return undefined;
  const gridColumns = Math.ceil(Math.sqrt(count));
  const columns = pixels.columns / gridColumns;
  const rows = pixels.rows / gridRows(gridColumns);
  if (!Number.isInteger(columns) || !Number.isInteger(rows) || columns < 1 || rows < 1) return undefined;
  return { count, gridColumns, rows, columns };
}

/** A mosaic is a square grid, just large enough for all slices. Unused cells at its end are black. */
function unfoldMosaic(dataSet: DataSet, pixels: PixelDescription, whole: FrameAttributes): Unfolded | undefined {
  const csa = dataSet.valueBytes(tags.siemensCsaImageHeader);
  const told = csa === undefined ? undefined : Number(readCsaValues(csa, 'NumberOfImagesInMosaic')[0]);
  const unfolding = layout(pixels, told || dataSet.integer(tags.numberOfImagesInMosaic), (columns) => columns);
  if (unfolding === undefined) return undefined;
  const { imagePositionPatient: position, imageOrientationPatient: orientation, pixelSpacing } = whole;
  const spacing = dataSet.decimal(tags.spacingBetweenSlices) ?? dataSet.decimal(tags.sliceThickness);
  if (position === undefined || orientation === undefined || pixelSpacing === undefined || spacing === undefined) {
    const frame = { ...whole, imagePositionPatient: undefined };
    return { unfolding, frames: Array.from({ length: unfolding.count }, () => frame), notes: [] };
  }
  const stored = csa === undefined ? [] : readCsaValues(csa, 'SliceNormalVector').map(Number);
  const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = stored;
  const isTold = Number.isFinite(x + y + z) && Math.hypot(x, y, z) > 0.5;
  const normal: Vector3 = isTold ? [x, y, z] : normalOf(orientation);
  // Image Position is that of an image as large as the whole mosaic, with the same centre as the first slice.
  const right = ((pixels.columns - unfolding.columns) / 2) * pixelSpacing[1];
  const down = ((pixels.rows - unfolding.rows) / 2) * pixelSpacing[0];
  const at = (axis: 0 | 1 | 2, slice: number): number =>
    position[axis] + orientation[axis] * right + (orientation[axis + 3] ?? 0) * down + normal[axis] * spacing * slice;
  const frames = Array.from({ length: unfolding.count }, (_, slice) => ({
    ...whole,
    imagePositionPatient: [at(0, slice), at(1, slice), at(2, slice)] as const,
  }));
  const notes = isTold ? [] : [withoutNormal];
  return { unfolding, frames, notes };
}

/**
 * A grid has as many rows of cells as are needed. A private sequence (0065,1051) holds the attributes of each slice.
 */
function unfoldGrid(dataSet: DataSet, pixels: PixelDescription, notes: HeaderNotes): Unfolded | undefined {
  const items = dataSet.items(tags.uihGridSequence);
  const count = dataSet.integer(tags.uihGridFrameCount) ?? items.length;
  const unfolding = layout(pixels, count, (columns) => Math.ceil(count / columns));
  if (unfolding === undefined) return undefined;
  const manufacturer = dataSet.text(tags.manufacturer) ?? '';
  const frames = Array.from({ length: count }, (_, slice) => {
    const top = items[slice];
    const whole = readFrameAttributes(
      { perFrame: undefined, shared: undefined, top: dataSet, manufacturer, notes },
      pixels,
    );
    if (top === undefined) return whole;
    const own = readFrameAttributes({ perFrame: undefined, shared: undefined, top, manufacturer, notes }, pixels);
    return {
      ...whole,
      imagePositionPatient: own.imagePositionPatient ?? whole.imagePositionPatient,
      imageOrientationPatient: own.imageOrientationPatient ?? whole.imageOrientationPatient,
      sliceLocation: own.sliceLocation ?? whole.sliceLocation,
      acquisitionTime: own.acquisitionTime ?? whole.acquisitionTime,
    };
  });
  return { unfolding, frames, notes: [] };
}
