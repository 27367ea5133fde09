/** How a data set's bytes are laid out under a transfer syntax (PS3.5 section 10, Annex A). */
export interface DataSetEncoding {
  readonly implicitVr: boolean;
  readonly bigEndian: boolean;
  /** The data set after the meta information is a raw deflate stream (PS3.5 A.5). */
  readonly deflated: boolean;
}

const explicitLittleEndian: DataSetEncoding = { implicitVr: false, bigEndian: false, deflated: false };

const exceptions: ReadonlyMap<string, DataSetEncoding> = new Map([
  ['1.2.840.10008.1.2', { implicitVr: true, bigEndian: false, deflated: false }],
  ['1.2.840.10008.1.2.2', { implicitVr: false, bigEndian: true, deflated: false }],
  ['1.2.840.10008.1.2.1.99', { implicitVr: false, bigEndian: false, deflated: true }],
  ['1.2.840.10008.1.2.4.95', { implicitVr: false, bigEndian: false, deflated: true }],
  ['1.2.840.10008.1.2.4.205', { implicitVr: false, bigEndian: false, deflated: true }],
  // GE private: the data set is implicit little endian, the pixel data are big endian.
  ['1.2.840.113619.5.2', { implicitVr: true, bigEndian: false, deflated: false }],
]);

/** The layout of the data set under a Transfer Syntax UID: Explicit VR Little Endian for all but a few. */
export function dataSetEncodingOf(transferSyntaxUid: string): DataSetEncoding {
  return exceptions.get(transferSyntaxUid) ?? explicitLittleEndian;
}

/** Whether native pixel data lie in big endian order under this transfer syntax. */
export function hasBigEndianPixels(transferSyntaxUid: string): boolean {
  return transferSyntaxUid === '1.2.840.10008.1.2.2' || transferSyntaxUid === '1.2.840.113619.5.2';
}

/** UIDs of the transfer syntaxes that code has to name, by their keyword in PS3.6 Table A-1 (in camel case). */
export const transferSyntaxUids = {
  explicitVrLittleEndian: '1.2.840.10008.1.2.1',
  rleLossless: '1.2.840.10008.1.2.5',
  jpegBaseline8Bit: '1.2.840.10008.1.2.4.50',
  jpegExtended12Bit: '1.2.840.10008.1.2.4.51',
  jpegFullProgressionNonHierarchical1012: '1.2.840.10008.1.2.4.55',
  jpegLosslessSv1: '1.2.840.10008.1.2.4.70',
  jpegLsLossless: '1.2.840.10008.1.2.4.80',
  jpeg2000Lossless: '1.2.840.10008.1.2.4.90',
  jpeg2000: '1.2.840.10008.1.2.4.91',
  jpeg2000McLossless: '1.2.840.10008.1.2.4.92',
  mpeg2Mpml: '1.2.840.10008.1.2.4.100',
  mpeg4Hp41: '1.2.840.10008.1.2.4.102',
  hevcMp51: '1.2.840.10008.1.2.4.107',
  jpegXlLossless: '1.2.840.10008.1.2.4.110',
  htj2kLossless: '1.2.840.10008.1.2.4.201',
  htj2k: '1.2.840.10008.1.2.4.203',
} as const;
