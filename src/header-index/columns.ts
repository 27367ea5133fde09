/** The kinds of columns of an index, and what a cell of each holds. */
interface CellTypes {
  readonly text: string;
  readonly flag: boolean;
  /** A whole number of 32 bits. */
  readonly small: number;
  /** A whole number of up to 53 bits. */
  readonly whole: number;
  readonly real: number;
  readonly wholes: readonly number[];
  readonly reals: readonly number[];
}

export type ColumnKind = keyof CellTypes;

/**
 * The columns of a series' index: one row a frame, or one for all frames of an instance that share their attributes
 * (`frameNumber` is then not set). Names are those of the properties of `InstanceHeader` and `FrameAttributes`. There is
 * nothing about the patient among them.
 */
export const indexColumns = {
  /** Where the keys begin; set in exported indexes alone. */
  location: 'text',
  key: 'text',
  /** The version of the object as it was listed, when it was changed, and the version that was read where it differs. */
  etag: 'text',
  modified: 'text',
  readEtag: 'text',
  byteLength: 'whole',
  /** Not set for an instance; 'not-dicom' or 'damaged' for an object that is none, and why it is damaged. */
  problem: 'text',
  message: 'text',
  /** Whether the row holds all that reading and showing a frame needs. */
  complete: 'flag',
  deflated: 'flag',
  studyInstanceUid: 'text',
  seriesInstanceUid: 'text',
  sopInstanceUid: 'text',
  sopClassUid: 'text',
  modality: 'text',
  seriesDescription: 'text',
  /** Values joined by a backslash, as in DICOM. */
  imageType: 'text',
  transferSyntaxUid: 'text',
  instanceNumber: 'whole',
  numberOfFrames: 'whole',
  frameNumber: 'whole',
  imagePositionPatientX: 'real',
  imagePositionPatientY: 'real',
  imagePositionPatientZ: 'real',
  imageOrientationPatientRowX: 'real',
  imageOrientationPatientRowY: 'real',
  imageOrientationPatientRowZ: 'real',
  imageOrientationPatientColumnX: 'real',
  imageOrientationPatientColumnY: 'real',
  imageOrientationPatientColumnZ: 'real',
  pixelSpacingRow: 'real',
  pixelSpacingColumn: 'real',
  sliceLocation: 'real',
  segmentNumber: 'whole',
  tilePositionRow: 'whole',
  tilePositionColumn: 'whole',
  temporalPosition: 'real',
  triggerTime: 'real',
  acquisitionTime: 'real',
  contentTime: 'real',
  rows: 'small',
  columns: 'small',
  samplesPerPixel: 'small',
  photometricInterpretation: 'text',
  planarConfiguration: 'small',
  bitsAllocated: 'small',
  bitsStored: 'small',
  highBit: 'small',
  pixelRepresentation: 'small',
  pixelDataKind: 'text',
  pixelDataOffset: 'whole',
  pixelDataLength: 'whole',
  pixelDataEncapsulated: 'flag',
  extendedOffsets: 'wholes',
  extendedLengths: 'wholes',
  pixelAspectRatioVertical: 'real',
  pixelAspectRatioHorizontal: 'real',
  pixelPaddingLow: 'real',
  pixelPaddingHigh: 'real',
  presentationLutShape: 'text',
  rescaleSlope: 'real',
  rescaleIntercept: 'real',
  unit: 'text',
  windowCenters: 'reals',
  windowWidths: 'reals',
  voiLutFunction: 'text',
  /** What else the header has, and the frame, as JSON. */
  more: 'text',
  frameMore: 'text',
} as const;

type Columns = typeof indexColumns;
export type ColumnName = keyof Columns;

/**
 * One row of an index: what the header pass found of a frame, without what is not known. Names are DICOM keywords in camel
 * case, one for each value (`imagePositionPatientX`, `pixelSpacingRow`, `rescaleSlope`, `windowCenters`); besides, `location`
 * and `key` say where the object is, `frameNumber` (from 1) which frame it is, `pixelDataOffset` and `pixelDataLength`
 * where its pixel data lie. No patient attributes.
 */
export type IndexRow = { readonly [Name in ColumnName]?: CellTypes[Columns[Name]] | undefined };

/** Many rows, column by column. */
export type IndexTable = {
  readonly [Name in ColumnName]: readonly (CellTypes[Columns[Name]] | undefined)[];
};

export const columnNames: readonly ColumnName[] = Object.keys(indexColumns).filter(isColumnName);

export function isColumnName(name: string): name is ColumnName {
  return Object.hasOwn(indexColumns, name);
}
