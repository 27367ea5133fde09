/** A value without structure: what VRs other than SQ hold. Strings part their values with a backslash. */
export type PlainValue = null | string | number | bigint | readonly (string | number | bigint)[] | ArrayBufferView;

/** Compressed pixel data in items: see {@link encapsulate}. */
export interface Encapsulated {
  readonly fragments: readonly Uint8Array[];
  readonly basicOffsetTable: readonly number[];
}

/** An element with its VR and, where wanted, its oddities. */
export interface Element {
  readonly vr: string;
  readonly value?: PlainValue | Encapsulated | readonly Attributes[];
  /** These bytes as they are, unpadded, in place of a value. */
  readonly bytes?: Uint8Array;
  /** A value that is never held whole. */
  readonly stream?: { readonly byteLength: number; chunks(): Iterable<Uint8Array> };
  /** Length written in the header, whatever the value's is: for broken files. */
  readonly declaredLength?: number;
  /** For sequences, encapsulated data (always), and, oddly, native pixel data: length FFFFFFFF and a delimiter. */
  readonly undefinedLength?: boolean;
}

export type AttributeValue = PlainValue | Encapsulated | readonly Attributes[] | Element;

/**
 * A data set: keywords of the dictionary, or tags as eight hexadecimal digits, with their values; undefined leaves one
 * out. Elements are written in ascending order of their tags.
 */
export interface Attributes {
  readonly [keywordOrTag: string]: AttributeValue | undefined;
}

export interface WriteOptions {
  /** Default Explicit VR Little Endian. All but implicit, big endian and deflated are written explicit little endian. */
  readonly transferSyntaxUid?: string | undefined;
  /** What the File Meta Information claims, where that should be wrong. */
  readonly declaredTransferSyntaxUid?: string;
  /** 128 zeros and "DICM" (default), bytes of your own and "DICM", or neither. */
  readonly preamble?: boolean | Uint8Array;
  readonly fileMeta?: boolean;
  readonly sequenceLength?: 'defined' | 'undefined';
  /** Write the retired group lengths (gggg,0000). */
  readonly groupLengths?: boolean;
  /** Bytes after the data set that belong to nothing. */
  readonly trailingBytes?: Uint8Array;
}

export declare function writeInstance(attributes: Attributes, options?: WriteOptions): Uint8Array<ArrayBuffer>;
export declare function instanceChunks(attributes: Attributes, options?: WriteOptions): Iterable<Uint8Array>;
export declare function writeInstanceFile(path: string, attributes: Attributes, options?: WriteOptions): number;

export declare const keywords: readonly string[];
export declare function lookUp(keywordOrTag: string): { readonly tag: number; readonly vr: string };
export declare function decimalString(value: number): string;

export interface EncapsulationOptions {
  /** Default 'basic'. */
  readonly offsetTable?: 'basic' | 'extended' | 'empty';
  /** Default 1. */
  readonly fragmentsPerFrame?: number;
}

export declare function encapsulate(
  frames: readonly Uint8Array[],
  options?: EncapsulationOptions,
): Encapsulated & {
  readonly ExtendedOffsetTable?: readonly bigint[];
  readonly ExtendedOffsetTableLengths?: readonly bigint[];
};
/** `{ PixelData, ExtendedOffsetTable?, ExtendedOffsetTableLengths? }`, to spread into attributes. */
export declare function encapsulatedPixelData(
  frames: readonly Uint8Array[],
  options?: EncapsulationOptions,
): Attributes;
/** `frame`: little endian stored values, colour by pixel. */
export declare function encodeRleFrame(
  frame: Uint8Array,
  options: { readonly columns: number; readonly bytesPerSample: number; readonly samplesPerPixel?: number },
): Uint8Array;

export declare function seededRandom(seed: number): () => number;
export declare function seededUid(seed: number | string, label: string): string;
export declare function seededUuid(seed: number | string, label: string): string;
export declare function shuffled<Item>(items: readonly Item[], random: () => number): Item[];
export declare function randomBytes(byteLength: number, random: () => number): Uint8Array<ArrayBuffer>;

export declare const transferSyntax: {
  readonly implicitLittleEndian: string;
  readonly explicitLittleEndian: string;
  readonly deflatedExplicitLittleEndian: string;
  readonly encapsulatedUncompressed: string;
  readonly explicitBigEndian: string;
  readonly jpegBaseline: string;
  readonly jpegExtended: string;
  readonly jpegLossless: string;
  readonly jpegLosslessSelectionValue1: string;
  readonly jpegLsLossless: string;
  readonly jpegLsNearLossless: string;
  readonly jpeg2000Lossless: string;
  readonly jpeg2000: string;
  readonly htj2kLossless: string;
  readonly htj2kLosslessRpcl: string;
  readonly htj2k: string;
  readonly jpegXlLossless: string;
  readonly rleLossless: string;
  readonly deflatedImageFrame: string;
};

export declare const sopClass: {
  readonly computedRadiography: string;
  readonly digitalXRayForPresentation: string;
  readonly mammographyForPresentation: string;
  readonly ct: string;
  readonly enhancedCt: string;
  readonly ultrasoundMultiFrame: string;
  readonly mr: string;
  readonly enhancedMr: string;
  readonly ultrasound: string;
  readonly secondaryCapture: string;
  readonly xRayAngiographic: string;
  readonly nuclearMedicine: string;
  readonly parametricMap: string;
  readonly segmentation: string;
  readonly wholeSlideMicroscopy: string;
  readonly basicTextSr: string;
  readonly pet: string;
  readonly rtDose: string;
  readonly rtStructureSet: string;
};

type Vector3 = readonly [number, number, number];
type Orientation = readonly [number, number, number, number, number, number];

export declare const orientations: {
  readonly axial: Orientation;
  readonly coronal: Orientation;
  readonly sagittal: Orientation;
};
/** Unit vector from the first slice in reading order to the last. */
export declare function readingDirection(orientation: Orientation): Vector3;

export interface StackOptions {
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  /** Pixel Spacing in mm, row then column. Default: 400 mm over rows and columns. */
  readonly spacing?: readonly [number, number] | undefined;
  /** mm between slices. Default 5. */
  readonly sliceSpacing?: number | undefined;
  /** Or the distances of the slices from the first one, in mm and reading order: for gaps and repeats. */
  readonly sliceOffsetsMm?: readonly number[] | undefined;
  /** Default 'axial'. */
  readonly orientation?: 'axial' | 'coronal' | 'sagittal' | Orientation | undefined;
  /** Of the whole stack, in patient coordinates. Default the origin. */
  readonly center?: Vector3 | undefined;
}

export interface SliceStack {
  readonly orientation: Orientation;
  readonly direction: Vector3;
  readonly spacing: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
  /** Image Position (Patient) of each slice, in reading order. */
  readonly positions: readonly Vector3[];
  readonly offsetsMm: readonly number[];
}

export declare function sliceStack(options: StackOptions): SliceStack;
export declare function createPhantom(
  stack: SliceStack,
  options?: { readonly seed?: number | undefined; readonly noise?: number | undefined },
): { hounsfield(slice: number): Int16Array };

export type StoredArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

export interface StoredOptions {
  readonly slope?: number;
  readonly intercept?: number;
  readonly bitsAllocated?: number;
  readonly bitsStored?: number;
  /** Default Bits Stored - 1. */
  readonly highBit?: number;
  readonly pixelRepresentation?: 0 | 1;
  readonly photometricInterpretation?: string;
}

export declare function toStoredValues(modalityValues: ArrayLike<number>, options?: StoredOptions): StoredArray;
export declare function greyPixelAttributes(
  options: StoredOptions & { readonly rows: number; readonly columns: number },
): Attributes;
export declare function seriesAttributes(options: {
  readonly seed?: number;
  readonly modality: string;
  readonly sopClassUid: string;
  readonly series?: string;
  readonly instance: number;
  readonly description?: string | undefined;
}): Attributes;
/** A private element of so many bytes; `group` is four odd hexadecimal digits, default '0029'. */
export declare function privateHeader(byteLength: number, group?: string): Attributes;

export interface WindowValues {
  readonly center: number;
  readonly width: number;
  readonly function?: string;
}
export declare function windowAttributes(windows: readonly WindowValues[]): Attributes;

export interface GeneratedInstance {
  /** The object's key within the series. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In reading order; volumes of one slice follow each other. */
  readonly index: number;
  readonly slice: number;
  readonly volume: number;
  readonly sopInstanceUid: string;
  readonly instanceNumber: number | undefined;
  readonly imagePositionPatient: Vector3;
  readonly storedValues: StoredArray;
}

export interface CtSeriesOptions extends Partial<Omit<StackOptions, 'slices'>> {
  /** Default 1. Everything, UIDs too, follows from it. */
  readonly seed?: number;
  /** Slices. Default 20. */
  readonly instances?: number;
  /** Default 64. */
  readonly rows?: number;
  /** Default as rows. */
  readonly columns?: number;
  /** Part of the Series Instance UID: other words, other series. */
  readonly series?: string;
  readonly description?: string;
  /** Keys in random order, `<uuid>.dcm`; default `IM00001.dcm` in reading order. */
  readonly shuffleKeys?: boolean;
  readonly key?: (index: number) => string;
  readonly transferSyntaxUid?: string;
  /** Needed for compressed transfer syntaxes other than RLE. */
  readonly encodeFrame?: (stored: StoredArray) => Uint8Array;
  readonly encapsulation?: EncapsulationOptions;
  readonly windows?: readonly WindowValues[] | ((index: number) => readonly WindowValues[]);
  readonly instanceNumbers?:
    | 'ascending'
    | 'descending'
    | 'shuffled'
    | 'repeated'
    | 'missing'
    | ((index: number) => number | undefined);
  /** What the headers say of the place: default 'full'; 'position' leaves out the orientation. */
  readonly geometry?: 'full' | 'position' | 'slice-location' | 'none';
  readonly stored?: StoredOptions;
  /** Stored value outside the circle of reconstruction, with Pixel Padding Value. */
  readonly pixelPaddingValue?: number;
  /** Standard deviation in HU. Default 12. */
  readonly noise?: number;
  /** Size of a private element before the pixel data. */
  readonly privateHeaderBytes?: number;
  readonly write?: WriteOptions;
  /** Last word on the attributes of an instance. */
  readonly attributes?: (attributes: Attributes, index: number) => Attributes;
}

export declare function ctInstances(options?: CtSeriesOptions): Generator<GeneratedInstance>;
export declare function ctSeries(options?: CtSeriesOptions): Map<string, Uint8Array<ArrayBuffer>>;

export interface MrSeriesOptions extends CtSeriesOptions {
  /** Instances at each position. Default 2. */
  readonly volumes?: number;
  /** What tells them apart. Default 'echo'. 'content': Content Time alone. */
  readonly repeated?: 'echo' | 'temporal' | 'trigger' | 'content';
  readonly windowsPerInstance?: boolean;
}
export declare function mrInstances(options?: MrSeriesOptions): Generator<GeneratedInstance>;
export declare function mrSeries(options?: MrSeriesOptions): Map<string, Uint8Array<ArrayBuffer>>;

export interface LocalizerOptions extends CtSeriesOptions {
  /** Default 3. */
  readonly perOrientation?: number;
}
export declare function localizerInstances(options?: LocalizerOptions): Generator<GeneratedInstance>;
export declare function localizerSeries(options?: LocalizerOptions): Map<string, Uint8Array<ArrayBuffer>>;
export declare function petInstances(options?: CtSeriesOptions): Generator<GeneratedInstance>;
export declare function petSeries(options?: CtSeriesOptions): Map<string, Uint8Array<ArrayBuffer>>;
/** By key, sorted by key. */
export declare function toSeries(
  instances: Iterable<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }>,
): Map<string, Uint8Array<ArrayBuffer>>;

interface ImageOptions {
  readonly seed?: number;
  readonly rows?: number;
  readonly columns?: number;
  readonly attributes?: Attributes;
  readonly write?: WriteOptions;
}

export interface RadiographOptions extends ImageOptions {
  readonly modality?: 'CR' | 'DX' | 'MG';
  /** Default 12. 8 or less: one byte a pixel. */
  readonly bitsStored?: number;
  /** Default 'MONOCHROME1'. */
  readonly photometricInterpretation?: 'MONOCHROME1' | 'MONOCHROME2';
  readonly pixelAspectRatio?: readonly [vertical: number, horizontal: number];
  /** A VOI LUT Sequence. Default true. */
  readonly voiTable?: boolean;
  /** Window Center and Width as well. Default false. */
  readonly windows?: boolean;
}
export declare function radiograph(options?: RadiographOptions): Uint8Array<ArrayBuffer>;

/** The colour test picture, interleaved RGB. */
export declare function rgbPicture(options: {
  readonly rows: number;
  readonly columns: number;
  readonly frame?: number;
}): Uint8Array<ArrayBuffer>;
export declare function rgbToYbrFull(rgb: Uint8Array): Uint8Array<ArrayBuffer>;
export interface SecondaryCaptureOptions extends ImageOptions {
  readonly photometricInterpretation?: 'RGB' | 'YBR_FULL' | 'YBR_FULL_422';
  readonly planarConfiguration?: 0 | 1;
  readonly frames?: number;
}
export declare function secondaryCapture(options?: SecondaryCaptureOptions): Uint8Array<ArrayBuffer>;
export interface PaletteUltrasoundOptions extends ImageOptions {
  readonly frames?: number;
  /** Of a palette entry. Default 16. */
  readonly bits?: 8 | 16;
}
export declare function paletteUltrasound(options?: PaletteUltrasoundOptions): Uint8Array<ArrayBuffer>;

export interface EnhancedOptions extends Partial<StackOptions> {
  readonly seed?: number;
  readonly noise?: number;
  readonly modality?: 'CT' | 'MR';
  /** Frames at each position. Default 1. */
  readonly volumes?: number;
  readonly shuffleFrames?: boolean;
  /** What tells the place of a frame: Plane Position (default), else the stack, or the dimensions alone. */
  readonly placedBy?: 'position' | 'stack' | 'dimensions';
  readonly windowsPerFrame?: boolean;
  /** Make no more different slices than this, to write large files fast. */
  readonly distinctSlices?: number;
  readonly privateHeaderBytes?: number;
  readonly transferSyntaxUid?: string;
  readonly encodeFrame?: (stored: StoredArray) => Uint8Array;
  readonly encapsulation?: EncapsulationOptions;
  readonly attributes?: Attributes;
  readonly write?: WriteOptions;
}
export declare function enhancedMultiFrame(options?: EnhancedOptions): Uint8Array<ArrayBuffer>;
/** Returns the number of bytes written. */
export declare function writeEnhancedMultiFrameFile(path: string, options?: EnhancedOptions): number;

/** A Siemens CSA header (private element (0029,1010)); version 1 has no mark. Default 2. */
export declare function csaHeader(
  elements: Readonly<Record<string, readonly string[]>>,
  version?: 1 | 2,
): Uint8Array<ArrayBuffer>;

export interface ManySlicesOptions extends Partial<StackOptions> {
  readonly seed?: number;
  /** The frame holds the slices against the reading order, and the slice normal says so. Default false. */
  readonly reversed?: boolean;
  readonly attributes?: Attributes;
  readonly write?: WriteOptions;
}
/** An instance of one frame with many slices in it. */
export interface ManySlices {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Image Position (Patient) of each slice, in the order they have in the frame. */
  readonly positions: readonly Vector3[];
  /** Stored values of each slice. */
  readonly slices: readonly StoredArray[];
}
export interface SiemensMosaicOptions extends ManySlicesOptions {
  readonly csaVersion?: 1 | 2;
  /** Whether the CSA header tells SliceNormalVector. Default true. */
  readonly sliceNormal?: boolean;
  /** Where the number of slices stands: in the CSA header (default), in (0019,100A), or nowhere. */
  readonly countIn?: 'csa' | 'element' | 'nowhere';
}
export declare function siemensMosaic(options?: SiemensMosaicOptions): ManySlices;
export declare function uihGrid(options?: ManySlicesOptions): ManySlices;

export interface SegmentationOptions extends ImageOptions {
  readonly slices?: number;
  readonly segments?: number;
}
export declare function segmentation(options?: SegmentationOptions): Uint8Array<ArrayBuffer>;
export interface DoseGridOptions extends ImageOptions {
  readonly slices?: number;
  readonly bitsAllocated?: 16 | 32;
  readonly sliceSpacing?: number;
}
export declare function doseGrid(options?: DoseGridOptions): Uint8Array<ArrayBuffer>;

export interface WholeSlideOptions {
  readonly seed?: number;
  readonly width?: number;
  readonly height?: number;
  readonly tileSize?: number;
  readonly levels?: number;
  readonly tiling?: 'full' | 'sparse';
  /** THUMBNAIL, LABEL and OVERVIEW besides the VOLUME levels. Default true. */
  readonly extraImages?: boolean;
  readonly photometricInterpretation?: string;
  readonly transferSyntaxUid?: string;
  readonly encodeFrame?: (rgb: Uint8Array, size: { readonly rows: number; readonly columns: number }) => Uint8Array;
  readonly encapsulation?: EncapsulationOptions;
  readonly write?: WriteOptions;
}
export declare function wholeSlideInstances(
  options?: WholeSlideOptions,
): Generator<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }>;
export declare function wholeSlideSeries(options?: WholeSlideOptions): Map<string, Uint8Array<ArrayBuffer>>;

export declare function writeSeriesFolder(
  folder: string,
  instances: Iterable<
    { readonly name: string; readonly bytes: Uint8Array } | readonly [name: string, bytes: Uint8Array]
  >,
): { readonly count: number; readonly byteLength: number };
