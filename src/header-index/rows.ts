import type { FrameAttributes, InstanceHeader } from '../types/instance.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { StoredObject } from '../types/storage.ts';
import type { IndexRow } from './columns.ts';
import { BinaryValueError, toJson } from './json.ts';

/** What an index knows of one object. */
export interface IndexedObject {
  /** As it was listed. */
  readonly object: StoredObject;
  readonly found: FoundInObject;
}

/** What the header pass made of an object. */
export type FoundInObject =
  | { readonly kind: 'instance'; readonly instance: ScannedInstance }
  | { readonly kind: 'not-dicom' }
  | { readonly kind: 'damaged'; readonly message: string };

type HeaderColumn =
  | 'sopClassUid'
  | 'sopInstanceUid'
  | 'seriesInstanceUid'
  | 'studyInstanceUid'
  | 'modality'
  | 'seriesDescription'
  | 'imageType'
  | 'transferSyntaxUid'
  | 'instanceNumber'
  | 'numberOfFrames'
  | 'pixels'
  | 'pixelData'
  | 'extendedOffsets'
  | 'pixelAspectRatio'
  | 'padding'
  | 'presentationLutShape'
  | 'frames';

/** What a header has without a column of its own, as most headers have it: only other values are written. */
export const usualHeader: Omit<InstanceHeader, HeaderColumn> = {
  palette: undefined,
  unfolding: undefined,
  totalPixelMatrix: undefined,
  segmentation: undefined,
  overlays: [],
  notes: [],
};

type FrameColumn = Exclude<
  keyof FrameAttributes,
  'voiTables' | 'stackId' | 'inStackPositionNumber' | 'dimensionIndexValues'
>;

/** The same of a frame. */
export const usualFrame: Omit<FrameAttributes, FrameColumn> = {
  voiTables: [],
  stackId: undefined,
  inStackPositionNumber: undefined,
  dimensionIndexValues: undefined,
};

const usualHeaderValues: ReadonlyMap<string, unknown> = new Map(Object.entries(usualHeader));
const usualFrameValues: ReadonlyMap<string, unknown> = new Map(Object.entries(usualFrame));

/** Properties that have columns of their own. */
const headerColumns: ReadonlySet<string> = new Set<HeaderColumn>([
  'sopClassUid',
  'sopInstanceUid',
  'seriesInstanceUid',
  'studyInstanceUid',
  'modality',
  'seriesDescription',
  'imageType',
  'transferSyntaxUid',
  'instanceNumber',
  'numberOfFrames',
  'pixels',
  'pixelData',
  'extendedOffsets',
  'pixelAspectRatio',
  'padding',
  'presentationLutShape',
  'frames',
]);
const frameColumns: ReadonlySet<string> = new Set<FrameColumn>([
  'imagePositionPatient',
  'imageOrientationPatient',
  'pixelSpacing',
  'sliceLocation',
  'segmentNumber',
  'tilePosition',
  'temporalPosition',
  'triggerTime',
  'acquisitionTime',
  'contentTime',
  'modality',
  'unit',
  'windows',
]);

/** The rows of one object: one a frame, or one for all frames of an instance that share their attributes. */
export function rowsOfObject({ object, found }: IndexedObject): readonly IndexRow[] {
  if (found.kind !== 'instance') {
    const message = found.kind === 'damaged' ? found.message : undefined;
    const { key, etag, modified, byteLength } = object;
    return [{ key, etag, modified, byteLength, problem: found.kind, message }];
  }
  const { instance } = found;
  const { header } = instance;
  const more = othersOf(header, headerColumns, usualHeaderValues);
  const frames = header.frames.map((frame) => frameCells(frame));
  const shared: IndexRow = {
    ...instanceCells(header),
    key: object.key,
    etag: object.etag,
    modified: object.modified,
    readEtag: object.etag === instance.etag ? undefined : instance.etag,
    byteLength: instance.objectByteLength ?? object.byteLength,
    complete: instance.complete && more.complete && frames.every(({ complete }) => complete),
    deflated: instance.deflated,
  };
  const isShared = header.frames.length === 1 && header.numberOfFrames > 1;
  const rows = frames.map(({ cells }, index) => ({
    ...shared,
    ...cells,
    frameNumber: isShared ? undefined : index + 1,
  }));
  // What can be long stands in the first row alone.
  const { offsets, lengths } = header.extendedOffsets ?? {};
  return rows.map((row, index) =>
    index === 0 ? { ...row, more: more.text, extendedOffsets: offsets, extendedLengths: lengths } : row,
  );
}

/** What a part of a header has beside its columns. Tables and bytes are left out: then it is not complete. */
function othersOf(
  part: object,
  columns: ReadonlySet<string>,
  usual: ReadonlyMap<string, unknown>,
): { readonly text: string | undefined; readonly complete: boolean } {
  const others: Record<string, unknown> = {};
  let complete = true;
  for (const [name, value] of Object.entries(part)) {
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (columns.has(name) || isEmpty || value === usual.get(name)) continue;
    try {
      toJson(value);
      others[name] = value;
    } catch (error) {
      if (!(error instanceof BinaryValueError)) throw error;
      complete = false;
    }
  }
  return { text: Object.keys(others).length === 0 ? undefined : toJson(others), complete };
}

function instanceCells(header: InstanceHeader): IndexRow {
  const { pixels, pixelData, pixelAspectRatio, padding } = header;
  return {
    studyInstanceUid: header.studyInstanceUid,
    seriesInstanceUid: header.seriesInstanceUid,
    sopInstanceUid: header.sopInstanceUid,
    sopClassUid: header.sopClassUid,
    modality: header.modality,
    seriesDescription: header.seriesDescription,
    imageType: header.imageType.length === 0 ? undefined : header.imageType.join('\\'),
    transferSyntaxUid: header.transferSyntaxUid,
    instanceNumber: header.instanceNumber,
    numberOfFrames: header.numberOfFrames,
    rows: pixels?.rows,
    columns: pixels?.columns,
    samplesPerPixel: pixels?.samplesPerPixel,
    photometricInterpretation: pixels?.photometricInterpretation,
    planarConfiguration: pixels?.planarConfiguration,
    bitsAllocated: pixels?.bitsAllocated,
    bitsStored: pixels?.bitsStored,
    highBit: pixels?.highBit,
    pixelRepresentation: pixels?.pixelRepresentation,
    pixelDataKind: pixels?.kind,
    pixelDataOffset: pixelData?.offset,
    pixelDataLength: pixelData?.length,
    pixelDataEncapsulated: pixelData?.encapsulated,
    pixelAspectRatioVertical: pixelAspectRatio?.[0],
    pixelAspectRatioHorizontal: pixelAspectRatio?.[1],
    pixelPaddingLow: padding?.low,
    pixelPaddingHigh: padding?.high,
    presentationLutShape: header.presentationLutShape,
  };
}

function frameCells(frame: FrameAttributes): { readonly cells: IndexRow; readonly complete: boolean } {
  const { imagePositionPatient: position, imageOrientationPatient: orientation, pixelSpacing, modality } = frame;
  const hasOneFunction = frame.windows.every((window) => window.function === frame.windows[0]?.function);
  const windows = hasOneFunction ? frame.windows : [];
  const more = othersOf(frame, frameColumns, usualFrameValues);
  const cells: IndexRow = {
    imagePositionPatientX: position?.[0],
    imagePositionPatientY: position?.[1],
    imagePositionPatientZ: position?.[2],
    imageOrientationPatientRowX: orientation?.[0],
    imageOrientationPatientRowY: orientation?.[1],
    imageOrientationPatientRowZ: orientation?.[2],
    imageOrientationPatientColumnX: orientation?.[3],
    imageOrientationPatientColumnY: orientation?.[4],
    imageOrientationPatientColumnZ: orientation?.[5],
    pixelSpacingRow: pixelSpacing?.[0],
    pixelSpacingColumn: pixelSpacing?.[1],
    sliceLocation: frame.sliceLocation,
    segmentNumber: frame.segmentNumber,
    tilePositionRow: frame.tilePosition?.[0],
    tilePositionColumn: frame.tilePosition?.[1],
    temporalPosition: frame.temporalPosition,
    triggerTime: frame.triggerTime,
    acquisitionTime: frame.acquisitionTime,
    contentTime: frame.contentTime,
    rescaleSlope: modality.kind === 'linear' ? modality.slope : undefined,
    rescaleIntercept: modality.kind === 'linear' ? modality.intercept : undefined,
    unit: frame.unit,
    windowCenters: windows.length === 0 ? undefined : windows.map(({ center }) => center),
    windowWidths: windows.length === 0 ? undefined : windows.map(({ width }) => width),
    voiLutFunction: windows[0]?.function,
    frameMore: more.text,
  };
  return { cells, complete: more.complete && hasOneFunction && modality.kind === 'linear' };
}
