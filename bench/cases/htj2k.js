import { ctInstances, transferSyntax, writeSeriesFolder } from '../../test/support/dicom/index.js';
import { keyOf } from './series.js';

/** @typedef {import('../../test/support/dicom/index.js').StoredArray} StoredArray */

/**
 * The series of 300 in HTJ2K, encoded by OpenJPH. Returns its folder, or undefined where OpenJPH is not installed.
 *
 * @param {import('../bench.d.ts').Context} context
 * @param {NodeJS.Require} require
 */
export async function htj2kSeries(context, require) {
  let load;
  try {
    load = require('@cornerstonejs/codec-openjph/wasmjs');
  } catch {
    return undefined;
  }
  const library = await load({ print: () => undefined, printErr: () => undefined });
  const size = 512;
  const encodeFrame = (/** @type {StoredArray} */ stored) => {
    const encoder = new library.HTJ2KEncoder();
    try {
      const description = {
        width: size,
        height: size,
        bitsPerSample: 12,
        componentCount: 1,
        isSigned: false,
        isUsingColorTransform: false,
      };
      encoder.getDecodedBuffer(description).set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
      encoder.setQuality(true, 0);
      encoder.encode();
      return Uint8Array.from(encoder.getEncodedBuffer());
    } finally {
      encoder.delete();
    }
  };
  return context.input('ct-300-htj2k', (path) => {
    const instances = {
      seed: 5,
      key: keyOf,
      instances: 300,
      rows: size,
      sliceSpacing: 2,
      spacing: /** @type {const} */ ([0.8, 0.8]),
    };
    writeSeriesFolder(
      path,
      ctInstances({ ...instances, transferSyntaxUid: transferSyntax.htj2kLossless, encodeFrame }),
    );
  });
}
