import { closeSync, openSync, writeSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { encodeDataSet, encodeWithGroupLengths } from './data-set.js';
import { seededUid } from './random.js';

/** Transfer Syntax UIDs by the names the generator's options and tests use (PS3.6 Annex A). */
export const transferSyntax = Object.freeze({
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  deflatedExplicitLittleEndian: '1.2.840.10008.1.2.1.99',
  encapsulatedUncompressed: '1.2.840.10008.1.2.1.98',
  explicitBigEndian: '1.2.840.10008.1.2.2',
  jpegBaseline: '1.2.840.10008.1.2.4.50',
  jpegExtended: '1.2.840.10008.1.2.4.51',
  jpegLossless: '1.2.840.10008.1.2.4.57',
  jpegLosslessSelectionValue1: '1.2.840.10008.1.2.4.70',
  jpegLsLossless: '1.2.840.10008.1.2.4.80',
  jpegLsNearLossless: '1.2.840.10008.1.2.4.81',
  jpeg2000Lossless: '1.2.840.10008.1.2.4.90',
  jpeg2000: '1.2.840.10008.1.2.4.91',
  htj2kLossless: '1.2.840.10008.1.2.4.201',
  htj2kLosslessRpcl: '1.2.840.10008.1.2.4.202',
  htj2k: '1.2.840.10008.1.2.4.203',
  jpegXlLossless: '1.2.840.10008.1.2.4.110',
  rleLossless: '1.2.840.10008.1.2.5',
  deflatedImageFrame: '1.2.840.10008.1.2.8.1',
});

const implementationClassUid = seededUid('dicom-series-preview', 'implementation');

/**
 * Preamble, prefix and File Meta Information (PS3.10 7.1).
 *
 * @param {import('./index.d.ts').Attributes} attributes
 * @param {string} transferSyntaxUid
 * @param {import('./index.d.ts').WriteOptions} options
 * @returns {Uint8Array[]}
 */
function fileHeader(attributes, transferSyntaxUid, options) {
  const { preamble = true, fileMeta = true } = options;
  const before =
    preamble === false ? [] : [preamble === true ? new Uint8Array(128) : preamble, Buffer.from('DICM', 'latin1')];
  if (!fileMeta) return before;
  /** @type {import('./index.d.ts').Attributes} */
  const group = {
    '00020001': { vr: 'OB', value: [0, 1] },
    '00020002': { vr: 'UI', value: text(attributes.SOPClassUID) },
    '00020003': { vr: 'UI', value: text(attributes.SOPInstanceUID) },
    '00020010': { vr: 'UI', value: options.declaredTransferSyntaxUid ?? transferSyntaxUid },
    '00020012': { vr: 'UI', value: implementationClassUid },
    '00020013': { vr: 'SH', value: 'PHANTOM' },
  };
  const encoding = { explicit: true, littleEndian: true, utf8: false, signed: false, sequenceLength: 'defined' };
  return [...before, ...encodeWithGroupLengths(group, /** @type {import('./data-set.js').Encoding} */ (encoding))];
}

/** @type {(value: unknown) => string} */
const text = (value) => (typeof value === 'string' ? value : '');

/**
 * The bytes of a DICOM Part 10 file, chunk by chunk, so that pixel data given as a stream are never held.
 *
 * @type {typeof import('./index.d.ts').instanceChunks}
 */
export function* instanceChunks(attributes, options = {}) {
  const uid = options.transferSyntaxUid ?? transferSyntax.explicitLittleEndian;
  /** @type {import('./data-set.js').Encoding} */
  const encoding = {
    explicit: uid !== transferSyntax.implicitLittleEndian,
    littleEndian: uid !== transferSyntax.explicitBigEndian,
    utf8: attributes.SpecificCharacterSet === 'ISO_IR 192',
    signed: false,
    sequenceLength: options.sequenceLength ?? 'defined',
  };
  yield* fileHeader(attributes, uid, options);
  const dataSet = options.groupLengths === true ? encodeWithGroupLengths : encodeDataSet;
  const chunks = dataSet(attributes, encoding);
  if (uid === transferSyntax.deflatedExplicitLittleEndian) {
    const deflated = deflateRawSync(Buffer.concat([...chunks]));
    yield deflated;
    if (deflated.byteLength % 2 === 1) yield Uint8Array.of(0);
  } else yield* chunks;
  if (options.trailingBytes !== undefined) yield options.trailingBytes;
}

/**
 * A DICOM Part 10 file (PS3.10) of the attributes given by keyword or tag.
 *
 * @type {typeof import('./index.d.ts').writeInstance}
 */
export function writeInstance(attributes, options) {
  // A buffer of its own: pooled memory would show foreign bytes to whoever looks at `.buffer`.
  const chunks = [...instanceChunks(attributes, options)];
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    out.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return out;
}

/**
 * The same, into a file and without ever holding it whole. Returns the number of bytes written.
 *
 * @type {typeof import('./index.d.ts').writeInstanceFile}
 */
export function writeInstanceFile(path, attributes, options) {
  const file = openSync(path, 'w');
  try {
    let total = 0;
    for (const chunk of instanceChunks(attributes, options)) {
      for (let done = 0; done < chunk.byteLength; ) done += writeSync(file, chunk, done);
      total += chunk.byteLength;
    }
    return total;
  } finally {
    closeSync(file);
  }
}
