import { greyPixelAttributes, seriesAttributes, sopClass, toStoredValues } from './common.js';
import { sliceStack } from './geometry.js';
import { createPhantom } from './phantom.js';
import { writeInstance } from './writer.js';

/** @typedef {readonly [number, number, number]} Vector3 */

/**
 * A Siemens CSA header: names with their values as text. Version 2 begins with "SV10"; version 1 has no such mark and adds
 * the number of values of the first element to every length.
 *
 * @type {typeof import('./index.d.ts').csaHeader}
 */
export function csaHeader(elements, version = 2) {
  const entries = Object.entries(elements);
  const added = entries[0]?.[1].length ?? 0;
  const parts = [Buffer.from(version === 2 ? 'SV10\x04\x03\x02\x01' : '', 'latin1'), int32s(entries.length, 77)];
  for (const [name, values] of entries) {
    const label = Buffer.alloc(64, 0xcd);
    label.write(`${name}\0`, 'latin1');
    parts.push(label, int32s(values.length), Buffer.from('FD\0\0', 'latin1'), int32s(6, values.length, 77));
    for (const value of values) {
      const text = Buffer.from(`${value}\0`, 'latin1');
      const length = text.length;
      parts.push(version === 2 ? int32s(length, length, 77, length) : int32s(length + added, length, 77, length));
      parts.push(text, Buffer.alloc((4 - (length % 4)) % 4));
    }
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** @param {readonly number[]} values */
function int32s(...values) {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, index * 4);
  return bytes;
}

/**
 * Slices side by side, row by row, in one frame; the cells that are left over are 0.
 *
 * @param {readonly import('./index.d.ts').StoredArray[]} slices
 * @param {{rows: number, columns: number, gridColumns: number, gridRows: number}} layout
 */
function sideBySide(slices, { rows, columns, gridColumns, gridRows }) {
  const width = columns * gridColumns;
  const frame = new Uint16Array(width * rows * gridRows);
  for (const [index, slice] of slices.entries()) {
    const left = (index % gridColumns) * columns;
    const top = Math.floor(index / gridColumns) * rows;
    for (let row = 0; row < rows; row++) {
      frame.set(Uint16Array.from(slice.subarray(row * columns, (row + 1) * columns)), (top + row) * width + left);
    }
  }
  return frame;
}

/**
 * The slices of a stack and where they lie, in the order they have in the frame.
 *
 * @param {import('./index.d.ts').ManySlicesOptions} options
 */
function slicesOf(options) {
  const { seed = 1, slices = 7, rows = 24, columns = 20, sliceSpacing = 4 } = options;
  const stack = sliceStack({ ...options, rows, columns, slices, sliceSpacing });
  const phantom = createPhantom(stack, { seed, noise: 6 });
  const stored = { bitsAllocated: 16, bitsStored: 12, intercept: -1024 };
  const order = Array.from({ length: slices }, (_, index) => (options.reversed === true ? slices - 1 - index : index));
  return {
    stack,
    stored: order.map((slice) => toStoredValues(phantom.hounsfield(slice), stored)),
    positions: order.map((slice) => /** @type {Vector3} */ (stack.positions[slice])),
    pixelAttributes: { rows, columns, slices, sliceSpacing, ...stored },
  };
}

/**
 * A Siemens MR mosaic: a square grid of slices in one frame, placed by the CSA header's slice normal.
 *
 * @type {typeof import('./index.d.ts').siemensMosaic}
 */
export function siemensMosaic(options = {}) {
  const { seed = 1, csaVersion = 2, sliceNormal = true, countIn = 'csa' } = options;
  const { stack, stored, positions, pixelAttributes } = slicesOf(options);
  const { rows, columns, slices, sliceSpacing } = pixelAttributes;
  const side = Math.ceil(Math.sqrt(slices));
  const [rx, ry, rz, cx, cy, cz] = stack.orientation;
  const [first = /** @type {Vector3} */ ([0, 0, 0])] = positions;
  // As if one slice were as large as the mosaic, around the same centre (what the scanner writes).
  const [right, down] = [((side - 1) * columns * stack.spacing[1]) / 2, ((side - 1) * rows * stack.spacing[0]) / 2];
  const sign = options.reversed === true ? -1 : 1;
  const csa = {
    EchoLinePosition: ['32'],
    ...(countIn === 'csa' ? { NumberOfImagesInMosaic: [String(slices)] } : {}),
    ...(sliceNormal ? { SliceNormalVector: stack.direction.map((value) => (sign * value).toFixed(8)) } : {}),
  };
  const bytes = writeInstance(
    {
      ...seriesAttributes({ seed, modality: 'MR', sopClassUid: sopClass.mr, series: 'mosaic', instance: 0 }),
      ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND', 'MOSAIC'],
      InstanceNumber: 1,
      SliceThickness: sliceSpacing,
      SpacingBetweenSlices: sliceSpacing,
      ...(countIn === 'element' ? { '0019100a': { vr: 'US', value: slices } } : {}),
      ...greyPixelAttributes({ ...pixelAttributes, rows: rows * side, columns: columns * side }),
      PixelSpacing: [...stack.spacing],
      ImageOrientationPatient: [...stack.orientation],
      ImagePositionPatient: [
        first[0] - rx * right - cx * down,
        first[1] - ry * right - cy * down,
        first[2] - rz * right - cz * down,
      ],
      RescaleIntercept: -1024,
      RescaleSlope: 1,
      WindowCenter: 40,
      WindowWidth: 800,
      '00290010': { vr: 'LO', value: 'SIEMENS CSA HEADER' },
      '00291010': { vr: 'OB', value: csaHeader(csa, csaVersion) },
      PixelData: sideBySide(stored, { rows, columns, gridColumns: side, gridRows: side }),
      ...options.attributes,
    },
    options.write,
  );
  return { bytes, positions, slices: stored };
}

/**
 * A UIH grid (VFRAME): a grid of slices in one frame, each with its attributes in a private sequence (0065,1051).
 *
 * @type {typeof import('./index.d.ts').uihGrid}
 */
export function uihGrid(options = {}) {
  const { seed = 1 } = options;
  const { stack, stored, positions, pixelAttributes } = slicesOf(options);
  const { rows, columns, slices } = pixelAttributes;
  const gridColumns = Math.ceil(Math.sqrt(slices));
  const gridRows = Math.ceil(slices / gridColumns);
  const bytes = writeInstance(
    {
      ...seriesAttributes({ seed, modality: 'MR', sopClassUid: sopClass.mr, series: 'grid', instance: 0 }),
      ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'VFRAME'],
      Manufacturer: 'UIH',
      InstanceNumber: 1,
      ...greyPixelAttributes({ ...pixelAttributes, rows: rows * gridRows, columns: columns * gridColumns }),
      PixelSpacing: [...stack.spacing],
      ImageOrientationPatient: [...stack.orientation],
      RescaleIntercept: -1024,
      RescaleSlope: 1,
      WindowCenter: 40,
      WindowWidth: 800,
      '00650010': { vr: 'LO', value: 'Image Private Header' },
      '00651050': { vr: 'DS', value: String(slices) },
      '00651051': {
        vr: 'SQ',
        value: positions.map((position, index) => ({
          AcquisitionTime: `1015${String(index).padStart(2, '0')}.5`,
          ImagePositionPatient: [...position],
          ImageOrientationPatient: [...stack.orientation],
        })),
      },
      PixelData: sideBySide(stored, { rows, columns, gridColumns, gridRows }),
      ...options.attributes,
    },
    options.write,
  );
  return { bytes, positions, slices: stored };
}
