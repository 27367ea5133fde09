import { seededUid } from './random.js';

/** SOP Class UIDs by name (PS3.4 B.5). */
export const sopClass = Object.freeze({
  computedRadiography: '1.2.840.10008.5.1.4.1.1.1',
  digitalXRayForPresentation: '1.2.840.10008.5.1.4.1.1.1.1',
  mammographyForPresentation: '1.2.840.10008.5.1.4.1.1.1.2',
  ct: '1.2.840.10008.5.1.4.1.1.2',
  enhancedCt: '1.2.840.10008.5.1.4.1.1.2.1',
  ultrasoundMultiFrame: '1.2.840.10008.5.1.4.1.1.3.1',
  mr: '1.2.840.10008.5.1.4.1.1.4',
  enhancedMr: '1.2.840.10008.5.1.4.1.1.4.1',
  ultrasound: '1.2.840.10008.5.1.4.1.1.6.1',
  secondaryCapture: '1.2.840.10008.5.1.4.1.1.7',
  xRayAngiographic: '1.2.840.10008.5.1.4.1.1.12.1',
  nuclearMedicine: '1.2.840.10008.5.1.4.1.1.20',
  parametricMap: '1.2.840.10008.5.1.4.1.1.30',
  segmentation: '1.2.840.10008.5.1.4.1.1.66.4',
  wholeSlideMicroscopy: '1.2.840.10008.5.1.4.1.1.77.1.6',
  basicTextSr: '1.2.840.10008.5.1.4.1.1.88.11',
  pet: '1.2.840.10008.5.1.4.1.1.128',
  rtDose: '1.2.840.10008.5.1.4.1.1.481.2',
  rtStructureSet: '1.2.840.10008.5.1.4.1.1.481.3',
});

/**
 * The UID of an instance of a series.
 *
 * @param {{seed: number, modality: string, series: string, instance: number | string}} instance
 */
export function instanceUid({ seed, modality, series, instance }) {
  return seededUid(seed, `${modality}/${series}/${instance}`);
}

/**
 * Patient, study and series of a synthetic instance. The patient is always a PHANTOM.
 *
 * @type {typeof import('./index.d.ts').seriesAttributes}
 */
export function seriesAttributes({ seed = 1, modality, sopClassUid, series = 'series', instance, description }) {
  return {
    SpecificCharacterSet: 'ISO_IR 100',
    ImageType: ['ORIGINAL', 'PRIMARY'],
    SOPClassUID: sopClassUid,
    SOPInstanceUID: instanceUid({ seed, modality, series, instance }),
    StudyDate: '20200102',
    SeriesDate: '20200102',
    StudyTime: '101500',
    AccessionNumber: '',
    Modality: modality,
    Manufacturer: 'PHANTOM',
    ReferringPhysicianName: '',
    StudyDescription: 'Synthetic study',
    SeriesDescription: description ?? `Synthetic ${modality}`,
    PatientName: `PHANTOM^${modality}`,
    PatientID: `PHANTOM-${seed}`,
    PatientBirthDate: '',
    PatientSex: '',
    StudyInstanceUID: seededUid(seed, 'study'),
    SeriesInstanceUID: seededUid(seed, `${modality}/${series}`),
    StudyID: '1',
    SeriesNumber: 1,
    FrameOfReferenceUID: seededUid(seed, 'frame-of-reference'),
  };
}

/**
 * The Image Pixel attributes of a grey image.
 *
 * @type {typeof import('./index.d.ts').greyPixelAttributes}
 */
export function greyPixelAttributes({ rows, columns, bitsAllocated = 16, bitsStored = bitsAllocated, ...rest }) {
  return {
    SamplesPerPixel: 1,
    PhotometricInterpretation: rest.photometricInterpretation ?? 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    BitsAllocated: bitsAllocated,
    BitsStored: bitsStored,
    HighBit: rest.highBit ?? bitsStored - 1,
    PixelRepresentation: rest.pixelRepresentation ?? 0,
  };
}

/**
 * Modality values as stored ones: rescale undone, clamped to Bits Stored, shifted up to High Bit.
 *
 * @type {typeof import('./index.d.ts').toStoredValues}
 */
export function toStoredValues(modalityValues, options = {}) {
  const { slope = 1, intercept = 0, bitsAllocated = 16, bitsStored = bitsAllocated, pixelRepresentation = 0 } = options;
  const low = pixelRepresentation === 1 ? -(2 ** (bitsStored - 1)) : 0;
  const high = low + 2 ** bitsStored - 1;
  const factor = 2 ** ((options.highBit ?? bitsStored - 1) + 1 - bitsStored);
  const mask = 2 ** bitsStored - 1;
  const out = storedArray(modalityValues.length, bitsAllocated, pixelRepresentation, factor > 1);
  for (let index = 0; index < out.length; index++) {
    const stored = Math.min(high, Math.max(low, Math.round(((modalityValues[index] ?? 0) - intercept) / slope)));
    // Shifted values keep nothing but their own bits: sign extension would spill over the unused ones.
    out[index] = factor > 1 ? (stored & mask) * factor : stored;
  }
  return out;
}

/**
 * @param {number} length
 * @param {number} bitsAllocated
 * @param {0 | 1} pixelRepresentation
 * @param {boolean} shifted
 */
function storedArray(length, bitsAllocated, pixelRepresentation, shifted) {
  const signed = pixelRepresentation === 1 && !shifted;
  if (bitsAllocated === 8) return signed ? new Int8Array(length) : new Uint8Array(length);
  if (bitsAllocated === 32) return signed ? new Int32Array(length) : new Uint32Array(length);
  return signed ? new Int16Array(length) : new Uint16Array(length);
}

/**
 * An element as large as scanners' private headers are, made of unstructured bytes (OB, group 0029).
 *
 * @type {typeof import('./index.d.ts').privateHeader}
 */
export function privateHeader(byteLength, group = '0029') {
  const bytes = new Uint8Array(byteLength);
  for (let index = 0; index < byteLength; index++) bytes[index] = (index * 131 + (index >>> 8)) & 0xff;
  return {
    [`${group}0010`]: { vr: 'LO', value: 'PHANTOM CSA HEADER' },
    [`${group}1010`]: { vr: 'OB', value: bytes },
  };
}
