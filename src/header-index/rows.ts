import type { FrameAttributes, InstanceHeader } from '../types/instance.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { StoredObject } from '../types/storage.ts';
import type { HeaderIndexRow } from './columns.ts';
import { BinaryValueError, toJson } from './json.ts';

/** What a header index knows of one object. */
export interface IndexedObject {
  /** As it was listed. */
  readonly object: StoredObject;
  readonly found: FoundInObject;
}

/** What the header pass found in an object. */
export type FoundInObject =
  | { readonly kind: 'instance'; readonly instance: ScannedInstance }
  | { readonly kind: 'not-dicom' }
  | { readonly kind: 'damaged'; readonly message: string };

/** The properties of a header that always have a value and no column. */
type HeaderWithoutColumn =
  | 'palette'
  | 'unfolding'
  | 'totalPixelMatrix'
  | 'segmentation'
  | 'overlays'
  | 'notes'
  | 'saidOfPixels';
type FrameWithoutColumn = 'voiTables' | 'stackId' | 'inStackPositionNumber' | 'dimensionIndexValues';

/** The usual values of properties without a column. Only other values are written. */
export const usualHeader: Pick<InstanceHeader, HeaderWithoutColumn> = {
  palette: undefined,
  unfolding: undefined,
  totalPixelMatrix: undefined,
  segmentation: undefined,
  overlays: [],
  notes: [],
  saidOfPixels: [],
};
export const usualFrame: Pick<FrameAttributes, FrameWithoutColumn> = {
  voiTables: [],
  stackId: undefined,
  inStackPositionNumber: undefined,
  dimensionIndexValues: undefined,
};

/** The properties with columns. A property that is new in a type must be named here or above, or this does not compile. */
const headerColumns: Readonly<Record<Exclude<keyof InstanceHeader, HeaderWithoutColumn | 'pixelsAreBytes'>, true>> = {
  sopClassUid: true,
  sopInstanceUid: true,
  seriesInstanceUid: true,
  studyInstanceUid: true,
  modality: true,
  seriesDescription: true,
  seriesNumber: true,
  seriesDate: true,
  manufacturer: true,
  manufacturerModelName: true,
  bodyPartExamined: true,
  protocolName: true,
  frameTimeMs: true,
  recommendedDisplayFrameRate: true,
  cineRate: true,
  lossyImageCompression: true,
  lossyCompressions: true,
  burnedInAnnotation: true,
  imageType: true,
  transferSyntaxUid: true,
  instanceNumber: true,
  numberOfFrames: true,
  pixels: true,
  pixelData: true,
  extendedOffsets: true,
  pixelAspectRatio: true,
  padding: true,
  presentationLutShape: true,
  frames: true,
};
const frameColumns: Readonly<Record<Exclude<keyof FrameAttributes, FrameWithoutColumn>, true>> = {
  imagePositionPatient: true,
  imageOrientationPatient: true,
  pixelSpacing: true,
  sliceLocation: true,
  segmentNumber: true,
  tilePosition: true,
  temporalPosition: true,
  triggerTime: true,
  echoTimeMs: true,
  diffusionBValue: true,
  imageComponent: true,
  laterality: true,
  patientOrientation: true,
  acquisitionTime: true,
  contentTime: true,
  modality: true,
  unit: true,
  windows: true,
};

const ofHeader: PassedOver = { columns: headerColumns, usual: new Map(Object.entries(usualHeader)) };
const ofFrame: PassedOver = { columns: frameColumns, usual: new Map(Object.entries(usualFrame)) };

/** The rows of one object: one row a frame, or one row for all frames of an instance that share their attributes. */
export function rowsOfObject({ object, found }: IndexedObject): readonly HeaderIndexRow[] {
  if (found.kind !== 'instance') {
    const message = found.kind === 'damaged' ? found.message : undefined;
    const { key, etag, modified, byteLength } = object;
    return [{ key, etag, modified, byteLength, problem: found.kind, message }];
  }
  const { instance } = found;
  const { header } = instance;
  const more = othersOf(header, ofHeader);
  const frames = header.frames.map((frame) => frameCells(frame));
  const shared: HeaderIndexRow = {
    ...instanceCells(header),
    key: object.key,
    etag: object.etag,
    modified: object.modified,
    readEtag: object.etag === instance.etag ? undefined : instance.etag,
    byteLength: instance.objectByteLength ?? object.byteLength,
    complete: instance.complete && more.isComplete && frames.every(({ isComplete }) => isComplete),
    deflated: instance.deflated,
  };
  const isShared = header.frames.length === 1 && header.numberOfFrames > 1;
  const rows = frames.map(({ cells }, index) => ({
    ...shared,
    ...cells,
    frameNumber: isShared ? undefined : index + 1,
  }));
  // Long values are in the first row only.
  const { offsets, lengths } = header.extendedOffsets ?? {};
  return rows.map((row, index) =>
    index === 0 ? { ...row, more: more.text, extendedOffsets: offsets, extendedLengths: lengths } : row,
  );
}

/** The properties that `othersOf` passes over: those with columns, and those with these values. */
interface PassedOver {
  readonly columns: object;
  readonly usual: ReadonlyMap<string, unknown>;
}

/**
 * The properties of a header or a frame that have no columns, as JSON. Lookup tables and bytes are left out: the result
 * is not complete then.
 */
function othersOf(
  part: object,
  { columns, usual }: PassedOver,
): { readonly text: string | undefined; readonly isComplete: boolean } {
  const others: Record<string, unknown> = {};
  let isComplete = true;
  for (const [name, value] of Object.entries(part)) {
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (Object.hasOwn(columns, name) || isEmpty || value === usual.get(name)) continue;
    try {
      toJson(value);
      others[name] = value;
    } catch (error) {
      if (!(error instanceof BinaryValueError)) throw error;
      isComplete = false;
    }
  }
  return { text: Object.keys(others).length === 0 ? undefined : toJson(others), isComplete };
}

function instanceCells(header: InstanceHeader): HeaderIndexRow {
  const { pixels, pixelData, pixelAspectRatio, padding } = header;
  return {
    studyInstanceUid: header.studyInstanceUid,
    seriesInstanceUid: header.seriesInstanceUid,
    sopInstanceUid: header.sopInstanceUid,
    sopClassUid: header.sopClassUid,
    modality: header.modality,
    seriesDescription: header.seriesDescription,
    seriesNumber: header.seriesNumber,
    seriesDate: header.seriesDate,
    manufacturer: header.manufacturer,
    manufacturerModelName: header.manufacturerModelName,
    bodyPartExamined: header.bodyPartExamined,
    protocolName: header.protocolName,
    frameTimeMs: header.frameTimeMs,
    recommendedDisplayFrameRate: header.recommendedDisplayFrameRate,
    cineRate: header.cineRate,
    lossyImageCompression: header.lossyImageCompression,
    lossyCompressions: header.lossyCompressions,
    burnedInAnnotation: header.burnedInAnnotation,
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

function frameCells(frame: FrameAttributes): { readonly cells: HeaderIndexRow; readonly isComplete: boolean } {
  const { imagePositionPatient: position, imageOrientationPatient: orientation, pixelSpacing, modality } = frame;
  const hasOneFunction = frame.windows.every((window) => window.function === frame.windows[0]?.function);
  const windows = hasOneFunction ? frame.windows : [];
  const more = othersOf(frame, ofFrame);
  const cells: HeaderIndexRow = {
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
    echoTimeMs: frame.echoTimeMs,
    diffusionBValue: frame.diffusionBValue,
    imageComponent: frame.imageComponent,
    laterality: frame.laterality,
    patientOrientationRow: frame.patientOrientation?.[0],
    patientOrientationColumn: frame.patientOrientation?.[1],
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
  return { cells, isComplete: more.isComplete && hasOneFunction && modality.kind === 'linear' };
}
