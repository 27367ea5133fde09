import { greyPixelAttributes, instanceUid, privateHeader, seriesAttributes, toStoredValues } from './common.js';
import { encapsulatedPixelData } from './encapsulated.js';
import { sliceStack } from './geometry.js';
import { createPhantom } from './phantom.js';
import { seededRandom, seededUuid, shuffled } from './random.js';
import { encodeRleFrame } from './rle.js';
import { typedArrayBytes } from './values.js';
import { transferSyntax, writeInstance } from './writer.js';

/** @typedef {import('./index.d.ts').CtSeriesOptions} CtSeriesOptions */

/** @type {Set<string>} */
const NATIVE = new Set([
  transferSyntax.implicitLittleEndian,
  transferSyntax.explicitLittleEndian,
  transferSyntax.explicitBigEndian,
  transferSyntax.deflatedExplicitLittleEndian,
]);

/**
 * Pixel data of one frame, as the transfer syntax asks: native, RLE by the generator's own encoder, or by `encodeFrame`.
 *
 * @param {import('./index.d.ts').StoredArray} stored
 * @param {CtSeriesOptions & {rows: number, columns: number}} options
 * @returns {import('./index.d.ts').Attributes}
 */
function pixelData(stored, options) {
  const uid = options.transferSyntaxUid ?? transferSyntax.explicitLittleEndian;
  if (NATIVE.has(uid))
    return { PixelData: stored.BYTES_PER_ELEMENT === 1 ? { vr: 'OB', value: stored } : { vr: 'OW', value: stored } };
  const frame = typedArrayBytes(stored, true);
  if (options.encodeFrame !== undefined)
    return encapsulatedPixelData([options.encodeFrame(stored)], options.encapsulation);
  if (uid === transferSyntax.rleLossless) {
    const encoded = encodeRleFrame(frame, { columns: options.columns, bytesPerSample: stored.BYTES_PER_ELEMENT });
    return encapsulatedPixelData([encoded], options.encapsulation);
  }
  if (uid === transferSyntax.encapsulatedUncompressed) return encapsulatedPixelData([frame], options.encapsulation);
  throw new RangeError(
    `Expected encodeFrame for transfer syntax ${uid}: the generator itself writes native and RLE only.`,
  );
}

/**
 * Instance Numbers of the instances in reading order; undefined where there is none.
 *
 * @param {CtSeriesOptions['instanceNumbers']} rule
 * @param {number} count
 * @param {number} seed
 * @returns {readonly (number | undefined)[]}
 */
function instanceNumbers(rule = 'ascending', count, seed) {
  const ascending = Array.from({ length: count }, (_, index) => index + 1);
  if (typeof rule === 'function') return ascending.map((_, index) => rule(index));
  if (rule === 'descending') return ascending.reverse();
  if (rule === 'shuffled') return shuffled(ascending, seededRandom(seed + 17));
  if (rule === 'repeated') return ascending.map((number) => Math.ceil(number / 2));
  return rule === 'missing' ? ascending.map(() => undefined) : ascending;
}

/**
 * The attributes that say where a slice lies, as far as `geometry` lets them.
 *
 * @param {import('./index.d.ts').SliceStack} stack
 * @param {number} slice
 * @param {CtSeriesOptions} options
 * @returns {import('./index.d.ts').Attributes}
 */
function geometryAttributes(stack, slice, { geometry = 'full', sliceSpacing = 5 }) {
  const spacing = { PixelSpacing: [...stack.spacing], SliceThickness: sliceSpacing };
  const position = stack.positions[slice] ?? [0, 0, 0];
  const [x, y, z] = stack.direction;
  const location = position[0] * x + position[1] * y + position[2] * z;
  // Slice Location by the convention of most scanners: in axial series it grows towards the head.
  const sliceLocation = { SliceLocation: Math.abs(z) >= Math.max(Math.abs(x), Math.abs(y)) ? -location : location };
  if (geometry === 'none') return spacing;
  if (geometry === 'slice-location') return { ...spacing, ...sliceLocation };
  const placed = { ...spacing, ImagePositionPatient: [...position], ...sliceLocation };
  return geometry === 'position' ? placed : { ...placed, ImageOrientationPatient: [...stack.orientation] };
}

/**
 * Window Center and Width, and VOI LUT Function where one is named.
 *
 * @type {typeof import('./index.d.ts').windowAttributes}
 */
export function windowAttributes(windows) {
  const [first] = windows;
  if (first === undefined) return {};
  return {
    WindowCenter: windows.map((window) => window.center),
    WindowWidth: windows.map((window) => window.width),
    ...(first.function === undefined ? {} : { VOILUTFunction: first.function }),
  };
}

/**
 * Keys of the objects in reading order.
 *
 * @param {CtSeriesOptions} options
 * @param {number} count
 * @param {string} label
 * @returns {readonly string[]}
 */
function keys({ seed = 1, shuffleKeys = false, key }, count, label) {
  return Array.from({ length: count }, (_, index) => {
    if (key !== undefined) return key(index);
    return shuffleKeys
      ? `${seededUuid(seed, `${label}/key/${index}`)}.dcm`
      : `IM${String(index + 1).padStart(5, '0')}.dcm`;
  });
}

/**
 * Instances of a stack of slices, one a slice and volume, in reading order; `volumes` of them at each position.
 *
 * @param {CtSeriesOptions} options
 * @param {object} kind
 * @param {string} kind.modality
 * @param {string} kind.sopClassUid
 * @param {number} [kind.volumes]
 * @param {Partial<import('./index.d.ts').StoredOptions>} kind.stored
 * @param {(hounsfield: Int16Array, slice: number, volume: number) => ArrayLike<number>} [kind.modalityValues]
 * @param {(slice: number, volume: number) => import('./index.d.ts').Attributes} [kind.attributes]
 * @param {(slice: number, volume: number) => number} [kind.slope] Rescale Slope of an instance
 * @param {readonly import('./index.d.ts').WindowValues[]} [kind.windows]
 * @returns {Generator<import('./index.d.ts').GeneratedInstance>}
 */
export function* sliceInstances(options, kind) {
  const { seed = 1, instances = 20, rows = 64, columns = rows } = options;
  const volumes = kind.volumes ?? 1;
  const stack = sliceStack({ ...options, rows, columns, slices: instances });
  const phantom = createPhantom(stack, options);
  const series = options.series ?? 'series';
  const names = keys(options, instances * volumes, `${kind.modality}/${series}`);
  const numbers = instanceNumbers(options.instanceNumbers, instances * volumes, seed);
  const stored = { ...kind.stored, ...options.stored };
  const padding = options.pixelPaddingValue;
  const inCommon = seriesAttributes({ seed, series, ...kind, instance: 0, description: options.description });
  for (let slice = 0; slice < instances; slice++) {
    const hounsfield = phantom.hounsfield(slice);
    for (let volume = 0; volume < volumes; volume++) {
      const index = slice * volumes + volume;
      const slope = kind.slope?.(slice, volume) ?? stored.slope ?? 1;
      const values = toStoredValues(kind.modalityValues?.(hounsfield, slice, volume) ?? hounsfield, {
        ...stored,
        slope,
      });
      if (padding !== undefined) padOutsideCircle(values, rows, columns, padding);
      const windows =
        typeof options.windows === 'function' ? options.windows(index) : (options.windows ?? kind.windows ?? []);
      /** @type {import('./index.d.ts').Attributes} */
      const attributes = {
        ...inCommon,
        SOPInstanceUID: instanceUid({ seed, series, modality: kind.modality, instance: index }),
        InstanceNumber: numbers[index],
        ...geometryAttributes(stack, slice, options),
        ...greyPixelAttributes({ rows, columns, ...stored }),
        ...windowAttributes(windows),
        RescaleIntercept: stored.intercept ?? 0,
        RescaleSlope: slope,
        ...(padding === undefined ? {} : { PixelPaddingValue: padding }),
        ...(options.privateHeaderBytes === undefined ? {} : privateHeader(options.privateHeaderBytes)),
        ...kind.attributes?.(slice, volume),
        ...pixelData(values, { ...options, rows, columns }),
      };
      const final = options.attributes === undefined ? attributes : options.attributes(attributes, index);
      yield {
        name: names[index] ?? '',
        bytes: writeInstance(final, { transferSyntaxUid: options.transferSyntaxUid, ...options.write }),
        index,
        slice,
        volume,
        sopInstanceUid: String(final.SOPInstanceUID),
        instanceNumber: numbers[index],
        imagePositionPatient: stack.positions[slice] ?? [0, 0, 0],
        storedValues: values,
      };
    }
  }
}

/**
 * @param {import('./index.d.ts').StoredArray} values
 * @param {number} rows
 * @param {number} columns
 * @param {number} padding
 */
function padOutsideCircle(values, rows, columns, padding) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const distance = Math.hypot((2 * row + 1) / rows - 1, (2 * column + 1) / columns - 1);
      if (distance > 1) values[row * columns + column] = padding;
    }
  }
}

/**
 * Instances by key, in the order of the keys (as a listing gives them).
 *
 * @type {typeof import('./index.d.ts').toSeries}
 */
export function toSeries(instances) {
  const entries = [...instances].map(
    ({ name, bytes }) => /** @type {[string, Uint8Array<ArrayBuffer>]} */ ([name, bytes]),
  );
  return new Map(entries.sort(([first], [second]) => (first < second ? -1 : 1)));
}
