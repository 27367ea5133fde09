// The decoded frames of a series as numbers: the mean of each frame, and all of them as one array for NumPy.
//
//   node examples/frames-to-arrays.js SERIES [VOLUME.npy]
//   node examples/frames-to-arrays.js ./CT ct.npy
//   python3 -c 'import numpy; print(numpy.load("ct.npy").shape)'
//
// The values are modality values (Hounsfield units for CT), the frames in spatial order. One frame after the other is read,
// decoded and written, so that memory does not grow with the series.
import { open } from 'node:fs/promises';
import { createPreviewer, UnsupportedError } from 'dicom-series-preview';

/** @typedef {import('dicom-series-preview').SeriesFrame} SeriesFrame */

const [name, output] = process.argv.slice(2);
if (name === undefined) {
  console.error('Usage: node examples/frames-to-arrays.js SERIES [VOLUME.npy]');
  process.exitCode = 2;
} else await readFrames(name, output);

/**
 * @param {string} name of the series
 * @param {string | undefined} output the file, where one is wanted
 */
async function readFrames(name, output) {
  const previewer = createPreviewer();
  const volume = output === undefined ? undefined : await createVolume(output);
  try {
    const series = await previewer.openSeries(name);
    const { modality, orientation, frames } = series.info;
    console.log(`${modality}, ${orientation}, ${frames} frames`);
    for await (const frame of series.frames()) {
      const place = frame.positionMm === null ? `frame ${frame.index + 1}` : `${frame.positionMm.toFixed(1)} mm`;
      console.log(`${place}: mean ${meanOf(frame).toFixed(2)} ${frame.unit ?? ''}`.trimEnd());
      await volume?.add(frame);
    }
    await series.close();
  } finally {
    await volume?.close();
    await previewer.close();
  }
}

/**
 * The mean of all values that are not padding.
 *
 * @param {SeriesFrame} frame
 */
function meanOf({ values, padding }) {
  const [low, high] = padding ?? [Number.NaN, Number.NaN];
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value >= low && value <= high) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/**
 * A file of NumPy's format (version 1.0): little endian numbers of 32 bits, frames x rows x columns.
 *
 * @param {string} path
 */
async function createVolume(path) {
  const headerLength = 128;
  const file = await open(path, 'w');
  let shape = [0, 0, 0];
  let offset = headerLength;
  return {
    /** @param {SeriesFrame} frame */
    async add({ rows, columns, channels, values }) {
      const [frames = 0, knownRows, knownColumns] = shape;
      if (channels !== 1 || (frames > 0 && (rows !== knownRows || columns !== knownColumns))) {
        throw new UnsupportedError('Expected grey frames of one size, but the series holds others.');
      }
      const bytes = new DataView(new ArrayBuffer(values.length * 4));
      for (const [index, value] of values.entries()) bytes.setFloat32(index * 4, value, true);
      await file.write(bytes, 0, bytes.byteLength, offset);
      offset += bytes.byteLength;
      shape = [frames + 1, rows, columns];
    },
    /** The header comes last: only now the number of frames is known. */
    async close() {
      const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
      const header = Buffer.alloc(headerLength, ' ');
      header.write('\x93NUMPY\x01\x00', 'latin1');
      header.writeUInt16LE(headerLength - 10, 8);
      header.write(description, 10, 'latin1');
      header.write('\n', headerLength - 1, 'latin1');
      await file.write(header, 0, headerLength, 0);
      await file.close();
    },
  };
}
