import type {
  FrameAttributes,
  InstanceHeader,
  PixelDataLocation,
  SaidOfPixels,
  Segmentation,
} from '../../types/instance.ts';
import type { PaddingRange, PixelDescription } from '../../types/pixels.ts';
import type { DataSet } from '../elements/data-set.ts';
import { readPalette } from '../lookup-tables/read-lookup-tables.ts';
import { readExtendedOffsets } from '../pixel-data/extended-offsets.ts';
import { tags } from '../tags.ts';
import { readFrameAttributes, type ValueRange } from './frame-attributes.ts';
import { type FrameSpace, heldFrames } from './frame-count.ts';
import { placeFrames } from './frame-geometry.ts';
import { HeaderNotes } from './header-notes.ts';
import { readOverlays } from './overlay-groups.ts';
import { unfold } from './unfolding.ts';

/** What parsing found out besides the elements. */
export interface HeaderContext {
  readonly transferSyntaxUid: string;
  /** Media Storage SOP Class UID of the file meta information, or ''. */
  readonly sopClassUid: string;
  readonly pixelData: PixelDataLocation | undefined;
  readonly kind: 'integer' | 'float' | 'double';
  /** The VR of the pixel data element is OB. */
  readonly pixelsAreBytes?: boolean;
  readonly availableLength?: FrameSpace['availableLength'];
  readonly headerLength: FrameSpace['headerLength'];
}

/** The greatest integer string (PS3.5 6.2 IS). */
const maxNumberOfFrames = 2 ** 31 - 1;

/** Makes the header from the elements that were read so far. What is absent is undefined or empty. */
export function buildInstanceHeader(dataSet: DataSet, context: HeaderContext): InstanceHeader {
  const pixels = readPixelDescription(dataSet, context.kind);
  const notes = new HeaderNotes();
  const claimedFrames = Math.min(Math.max(1, dataSet.integer(tags.numberOfFrames) ?? 1), maxNumberOfFrames);
  const { transferSyntaxUid, pixelData, availableLength, headerLength } = context;
  const space: FrameSpace = { transferSyntaxUid, pixelData, pixels, availableLength, headerLength };
  const storedFrames = heldFrames(claimedFrames, space, notes);
  const imageType = dataSet.texts(tags.imageType);
  const storedAttributes = readFrames(dataSet, storedFrames, pixels, notes);
  const unfolded =
    storedAttributes[0] === undefined
      ? undefined
      : unfold(dataSet, { imageType, numberOfFrames: storedFrames }, pixels, storedAttributes[0], notes);
  const presentationLutShape = readPresentationLutShape(dataSet, pixels, notes);
  const series = readSeriesModules(dataSet);
  // Every property is written out: a spread takes many times as long.
  const header: InstanceHeader = {
    sopClassUid: dataSet.text(tags.sopClassUid) ?? context.sopClassUid,
    sopInstanceUid: dataSet.text(tags.sopInstanceUid) ?? '',
    seriesInstanceUid: dataSet.text(tags.seriesInstanceUid) ?? '',
    studyInstanceUid: dataSet.text(tags.studyInstanceUid) ?? '',
    modality: dataSet.text(tags.modality) ?? '',
    seriesDescription: series.seriesDescription,
    seriesNumber: series.seriesNumber,
    seriesDate: series.seriesDate,
    manufacturer: series.manufacturer,
    manufacturerModelName: series.manufacturerModelName,
    bodyPartExamined: series.bodyPartExamined,
    protocolName: series.protocolName,
    frameTimeMs: series.frameTimeMs,
    recommendedDisplayFrameRate: series.recommendedDisplayFrameRate,
    cineRate: series.cineRate,
    lossyImageCompression: series.lossyImageCompression,
    lossyCompressions: readLossyCompressions(dataSet),
    burnedInAnnotation: series.burnedInAnnotation,
    imageType,
    transferSyntaxUid,
    instanceNumber: dataSet.integer(tags.instanceNumber),
    numberOfFrames: unfolded?.unfolding.count ?? storedFrames,
    unfolding: unfolded?.unfolding,
    notes: [...notes.all, ...(unfolded?.notes ?? [])],
    pixels,
    pixelData,
    extendedOffsets: readExtendedOffsetTable(dataSet),
    pixelAspectRatio: readAspectRatio(dataSet),
    padding: pixels === undefined ? undefined : readPadding(dataSet, pixels),
    saidOfPixels: readSaidOfPixels(dataSet),
    presentationLutShape,
    totalPixelMatrix: readTotalPixelMatrix(dataSet),
    segmentation: readSegmentation(dataSet),
    overlays: readOverlays(dataSet),
    palette: readPalette(dataSet, pixels?.pixelRepresentation === 1),
    frames: unfolded?.frames ?? storedAttributes,
  };
  return dataSet.bigEndian && context.pixelsAreBytes === true ? { ...header, pixelsAreBytes: true } : header;
}

type SeriesModules = Pick<
  InstanceHeader,
  | 'seriesDescription'
  | 'seriesNumber'
  | 'seriesDate'
  | 'manufacturer'
  | 'manufacturerModelName'
  | 'bodyPartExamined'
  | 'protocolName'
  | 'frameTimeMs'
  | 'recommendedDisplayFrameRate'
  | 'cineRate'
  | 'lossyImageCompression'
  | 'burnedInAnnotation'
>;

/** What is said of the series as a whole (PS3.3 C.7.3.1, C.7.5.1, C.7.6.5). */
function readSeriesModules(dataSet: DataSet): SeriesModules {
  const characterSet = dataSet.text(tags.specificCharacterSet);
  const described = (tag: number): string => dataSet.describedText(tag, characterSet) ?? '';
  const lossy = dataSet.text(tags.lossyImageCompression);
  const burnedIn = dataSet.text(tags.burnedInAnnotation);
  return {
    seriesDescription: described(tags.seriesDescription),
    seriesNumber: dataSet.integer(tags.seriesNumber),
    seriesDate: dataSet.text(tags.seriesDate) ?? '',
    manufacturer: described(tags.manufacturer),
    manufacturerModelName: described(tags.manufacturerModelName),
    bodyPartExamined: dataSet.text(tags.bodyPartExamined) ?? '',
    protocolName: described(tags.protocolName),
    frameTimeMs: positive(dataSet.decimal(tags.frameTime)),
    recommendedDisplayFrameRate: positive(dataSet.decimal(tags.recommendedDisplayFrameRate)),
    cineRate: positive(dataSet.decimal(tags.cineRate)),
    burnedInAnnotation: burnedIn === 'YES' ? true : burnedIn === 'NO' ? false : undefined,
    lossyImageCompression: lossy === '01' ? true : lossy === '00' ? false : undefined,
  };
}

/** How many lossy compressions the image has been through; undefined where nothing says so. */
export function readLossyCompressions(dataSet: DataSet): number | undefined {
  return dataSet.decimals(tags.lossyImageCompressionRatio).length || undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** What is assumed of stored values as long as nothing is known of them. */
export const noPixels: ValueRange = { bitsStored: 16, pixelRepresentation: 0 };

/** The attributes of each frame where frames can differ, else one entry for all. */
function readFrames(
  dataSet: DataSet,
  numberOfFrames: number,
  pixels: PixelDescription | undefined,
  notes: HeaderNotes,
): readonly FrameAttributes[] {
  const values = pixels ?? noPixels;
  const manufacturer = dataSet.text(tags.manufacturer) ?? '';
  const shared = dataSet.item(tags.sharedFunctionalGroupsSequence);
  const perFrame = dataSet.items(tags.perFrameFunctionalGroupsSequence);
  if (perFrame.length === 0) {
    const only = readFrameAttributes({ perFrame: undefined, shared, top: dataSet, manufacturer, notes }, values);
    return placeFrames(dataSet, only, numberOfFrames, notes);
  }
  const count = Math.min(perFrame.length, numberOfFrames);
  return Array.from({ length: count }, (_, frame) =>
    readFrameAttributes({ perFrame: perFrame[frame], shared, top: dataSet, manufacturer, notes }, values),
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

/**
 * Reads the Image Pixel module (PS3.3 C.7.6.3); undefined as long as Rows and Columns are not known. Absent attributes
 * get the value that the others imply.
 */
function readPixelDescription(dataSet: DataSet, kind: 'integer' | 'float' | 'double'): PixelDescription | undefined {
  const rows = dataSet.uint16(tags.rows);
  const columns = dataSet.uint16(tags.columns);
  if (rows === undefined || columns === undefined || rows === 0 || columns === 0) return undefined;
  const samplesPerPixel = dataSet.uint16(tags.samplesPerPixel) ?? 1;
  const bitsAllocated = dataSet.uint16(tags.bitsAllocated) ?? { integer: 8, float: 32, double: 64 }[kind];
  const bitsStored = dataSet.uint16(tags.bitsStored) ?? bitsAllocated;
  return {
    rows,
    columns,
    samplesPerPixel,
    photometricInterpretation: readPhotometricInterpretation(dataSet, samplesPerPixel),
    planarConfiguration: dataSet.uint16(tags.planarConfiguration) === 1 ? 1 : 0,
    bitsAllocated,
    bitsStored,
    highBit: dataSet.uint16(tags.highBit) ?? bitsStored - 1,
    pixelRepresentation: dataSet.uint16(tags.pixelRepresentation) === 1 ? 1 : 0,
    kind,
  };
}

function readPhotometricInterpretation(dataSet: DataSet, samplesPerPixel: number): string {
  const text = dataSet.text(tags.photometricInterpretation)?.toUpperCase();
  if (text !== undefined && text !== '') return text;
  return samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2';
}

function readAspectRatio(dataSet: DataSet): InstanceHeader['pixelAspectRatio'] {
  const [vertical = 0, horizontal = 0] = dataSet.decimals(tags.pixelAspectRatio);
  return vertical > 0 && horizontal > 0 ? [vertical, horizontal] : undefined;
}

/**
 * Pixel Padding Value and Range Limit (PS3.3 C.7.5.1.1.2), for float pixel data those of their own. Pixel Representation
 * says whether integers are signed.
 */
function readPadding(dataSet: DataSet, pixels: PixelDescription): PaddingRange | undefined {
  const [value, limit] = {
    integer: () =>
      [tags.pixelPaddingValue, tags.pixelPaddingRangeLimit].map((tag) => readStoredValue(dataSet, tag, pixels)),
    float: () => [tags.floatPixelPaddingValue, tags.floatPixelPaddingRangeLimit].map((tag) => dataSet.float32s(tag)[0]),
    double: () =>
      [tags.doubleFloatPixelPaddingValue, tags.doubleFloatPixelPaddingRangeLimit].map(
        (tag) => dataSet.float64s(tag)[0],
      ),
  }[pixels.kind]();
  // Values that are not finite are no values anyway.
  if (value === undefined || !Number.isFinite(value)) return undefined;
  const end = limit === undefined || Number.isNaN(limit) ? value : limit;
  return { low: Math.min(value, end), high: Math.max(value, end) };
}

/** US or SS; writers of 32-bit images have UL or SL there, which the standard lacks. */
function readStoredValue(dataSet: DataSet, tag: number, pixels: PixelDescription): number | undefined {
  const isSigned = pixels.pixelRepresentation === 1;
  const long = isSigned ? dataSet.int32s(tag)[0] : dataSet.uint32(tag);
  if (pixels.bitsAllocated > 16 && long !== undefined) return long;
  return isSigned ? dataSet.int16(tag) : dataSet.uint16(tag);
}

const saidOfPixels: readonly SaidOfPixels[] = [
  'burnedInAnnotation',
  'recognizableVisualFeatures',
  'specimenLabelInImage',
];
/** What most headers say. */
const nothingSaid: readonly SaidOfPixels[] = [];

function readSaidOfPixels(dataSet: DataSet): readonly SaidOfPixels[] {
  const said = saidOfPixels.filter((name) => dataSet.text(tags[name])?.toUpperCase() === 'YES');
  return said.length === 0 ? nothingSaid : said;
}

/** Presentation LUT Shape (PS3.3 C.11.6.1); it should say the same as MONOCHROME1 or MONOCHROME2. */
function readPresentationLutShape(
  dataSet: DataSet,
  pixels: PixelDescription | undefined,
  notes: HeaderNotes,
): InstanceHeader['presentationLutShape'] {
  const text = dataSet.text(tags.presentationLutShape);
  const photometric = pixels?.photometricInterpretation;
  const contradicts =
    (text === 'IDENTITY' && photometric === 'MONOCHROME1') || (text === 'INVERSE' && photometric === 'MONOCHROME2');
  if (contradicts) {
    notes.add(
      `Presentation LUT Shape ${text} contradicts ${photometric}: the first is followed, and black and white may be exchanged.`,
    );
  }
  return text === 'IDENTITY' || text === 'INVERSE' ? text : undefined;
}

/** Reads the Segmentation Image module (PS3.3 C.8.20.2), which says what the values of a SEG instance mean. */
function readSegmentation(dataSet: DataSet): Segmentation | undefined {
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
