/**
 * A header index is a Parquet file that any reader opens. Behind its first four bytes, a magic number, readers never look:
 * here lies the SHA-256 digest of all that follows, so that no damage goes unnoticed.
 */
export const digestOffset = 4;

/**
 * The property (key-value metadata) with the columns that hold one value in all rows, as JSON. These columns are in the
 * file too, for other readers. We need not read them, which halves the time: few columns of a series differ.
 */
export const constantsProperty = 'constants';

/** The kinds of columns of a header index, and what a cell of each holds. */
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
 * The columns: one row a frame, or one row for all frames of an instance that share their attributes (`frameNumber` is
 * not set then). Names are those of the properties of `InstanceHeader` and `FrameAttributes`. No column is about the
 * patient. A column without any value is left out of the file.
 */
export const headerIndexColumns = {
  /** The location that the keys are relative to. Only exported header indexes have it. */
  location: 'text',
  key: 'text',
  /** The object's version and time of change, as listed, and the version that was read where that is another one. */
  etag: 'text',
  modified: 'text',
  readEtag: 'text',
  byteLength: 'whole',
  /** 'not-dicom' or 'damaged' (`message` says why) where the object is not an instance. */
  problem: 'text',
  message: 'text',
  /** Whether the row holds all that is needed to read and show the frame. */
  complete: 'flag',
  deflated: 'flag',
  studyInstanceUid: 'text',
  seriesInstanceUid: 'text',
  sopInstanceUid: 'text',
  sopClassUid: 'text',
  modality: 'text',
  seriesDescription: 'text',
  seriesNumber: 'whole',
  /** Only in kept header indexes: an exported one leaves it out. */
  seriesDate: 'text',
  manufacturer: 'text',
  manufacturerModelName: 'text',
  bodyPartExamined: 'text',
  protocolName: 'text',
  frameTimeMs: 'real',
  recommendedDisplayFrameRate: 'real',
  cineRate: 'real',
  lossyImageCompression: 'flag',
  /** How many values Lossy Image Compression Ratio has. */
  lossyCompressions: 'whole',
  burnedInAnnotation: 'flag',
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
  echoTimeMs: 'real',
  diffusionBValue: 'real',
  imageComponent: 'text',
  laterality: 'text',
  patientOrientationRow: 'text',
  patientOrientationColumn: 'text',
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
  /** The other properties of the header and of the frame, as JSON. */
  more: 'text',
  frameMore: 'text',
} as const;

type Columns = typeof headerIndexColumns;
export type ColumnName = keyof Columns;

/**
 * One row of an index: what the header pass found of a frame, without what is not known. Names are DICOM keywords in camel
 * case, one for each value (`imagePositionPatientX`, `pixelSpacingRow`, `rescaleSlope`, `windowCenters`); besides, `location`
 * and `key` say where the object is, `frameNumber` (from 1) which frame it is, `pixelDataOffset` and `pixelDataLength`
 * where its pixel data lie. No patient attributes.
 */
export type HeaderIndexRow = { readonly [Name in ColumnName]?: CellTypes[Columns[Name]] | undefined };

/** Many rows, column by column. All columns have one length. */
export type HeaderIndexTable = {
  readonly [Name in ColumnName]: ArrayLike<CellTypes[Columns[Name]] | undefined>;
};

export const columnNames: readonly ColumnName[] = Object.keys(headerIndexColumns).filter(isColumnName);

export function isColumnName(name: string): name is ColumnName {
  return Object.hasOwn(headerIndexColumns, name);
}
