import { seriesAttributes, sopClass } from './common.js';
import { encapsulatedPixelData } from './encapsulated.js';
import { seededRandom, seededUid } from './random.js';
import { writeInstance } from './writer.js';

/**
 * Colour of the slide at a point (0..1): white glass, a pink tissue blob, purple cells; the upper left corner is green.
 *
 * @param {number} x
 * @param {number} y
 * @param {readonly (readonly [number, number])[]} cells
 * @returns {readonly [number, number, number]}
 */
function stain(x, y, cells) {
  if (x < 0.08 && y < 0.08) return [20, 180, 60];
  const tissue = Math.hypot((x - 0.55) * 1.2, y - 0.5) + 0.05 * Math.sin(9 * Math.atan2(y - 0.5, x - 0.55)) < 0.38;
  if (!tissue) return [243, 241, 244];
  for (const [cellX, cellY] of cells) {
    // Most cells are too far away in x alone, which is found sooner than a distance.
    if (Math.abs(x - cellX) < 0.018 && Math.hypot(x - cellX, y - cellY) < 0.018) return [96, 52, 140];
  }
  return [226, 150, 188];
}

/**
 * The instances of a slide series: VOLUME levels, tiled full or sparse, and THUMBNAIL, LABEL and OVERVIEW images.
 *
 * @type {typeof import('./index.d.ts').wholeSlideInstances}
 */
export function* wholeSlideInstances(options = {}) {
  const {
    seed = 1,
    width = 256,
    height = 192,
    tileSize = 64,
    levels = 3,
    tiling = 'full',
    extraImages = true,
  } = options;
  const random = seededRandom(seed);
  const cells = Array.from({ length: 60 }, () => /** @type {const} */ ([0.2 + 0.7 * random(), 0.15 + 0.7 * random()]));
  for (let level = 0; level < levels; level++) {
    const [columns, rows] = [Math.ceil(width / 2 ** level), Math.ceil(height / 2 ** level)];
    const imageType = [level === 0 ? 'ORIGINAL' : 'DERIVED', 'PRIMARY', 'VOLUME', level === 0 ? 'NONE' : 'RESAMPLED'];
    yield instance(`level-${level}.dcm`, { columns, rows, tileSize, tiling, imageType });
  }
  if (!extraImages) return;
  const whole = { tileSize: undefined, tiling: /** @type {const} */ ('full') };
  const small = { columns: Math.ceil(width / 8), rows: Math.ceil(height / 8), ...whole };
  yield instance('thumbnail.dcm', { ...small, imageType: ['DERIVED', 'PRIMARY', 'THUMBNAIL', 'RESAMPLED'] });
  yield instance('label.dcm', { columns: 48, rows: 40, ...whole, imageType: ['ORIGINAL', 'PRIMARY', 'LABEL', 'NONE'] });
  yield instance('overview.dcm', {
    columns: 96,
    rows: 40,
    ...whole,
    imageType: ['ORIGINAL', 'PRIMARY', 'OVERVIEW', 'NONE'],
  });

  /**
   * @param {string} name
   * @param {{columns: number, rows: number, tileSize: number | undefined, tiling: 'full' | 'sparse', imageType: string[]}} image
   */
  function instance(name, image) {
    const [tileColumns, tileRows] = [image.tileSize ?? image.columns, image.tileSize ?? image.rows];
    const places = [];
    for (let top = 0; top < image.rows; top += tileRows) {
      for (let left = 0; left < image.columns; left += tileColumns) places.push({ left, top });
    }
    // A sparse level leaves out what is glass alone, and begins with its last tile.
    const kept =
      image.tiling === 'full'
        ? places
        : places.filter(({ left, top }) => left + top > 0 || places.length === 1).reverse();
    const frames = kept.map(({ left, top }) => tile(left, top, tileColumns, tileRows, image));
    const spacing = (0.0005 * width) / image.columns;
    const { encodeFrame } = options;
    const bytes = writeInstance(
      {
        ...seriesAttributes({ seed, modality: 'SM', sopClassUid: sopClass.wholeSlideMicroscopy, instance: 0 }),
        SOPInstanceUID: seededUid(seed, `slide/${name}`),
        ImageType: image.imageType,
        InstanceNumber: 1,
        SamplesPerPixel: 3,
        PhotometricInterpretation: options.photometricInterpretation ?? 'RGB',
        PlanarConfiguration: 0,
        NumberOfFrames: frames.length,
        Rows: tileRows,
        Columns: tileColumns,
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
        PixelRepresentation: 0,
        BurnedInAnnotation: image.imageType[2] === 'LABEL' ? 'YES' : 'NO',
        ImagedVolumeWidth: 0.0005 * width,
        ImagedVolumeHeight: 0.0005 * height,
        TotalPixelMatrixColumns: image.columns,
        TotalPixelMatrixRows: image.rows,
        TotalPixelMatrixOriginSequence: [{ XOffsetInSlideCoordinateSystem: 20, YOffsetInSlideCoordinateSystem: 40 }],
        ImageOrientationSlide: [0, -1, 0, -1, 0, 0],
        DimensionOrganizationType: image.tiling === 'full' ? 'TILED_FULL' : 'TILED_SPARSE',
        SharedFunctionalGroupsSequence: [
          { PixelMeasuresSequence: [{ PixelSpacing: [spacing, spacing], SliceThickness: 0.001 }] },
        ],
        ...(image.tiling === 'full' ? {} : { PerFrameFunctionalGroupsSequence: kept.map(placeGroups) }),
        ...(encodeFrame === undefined
          ? { PixelData: { vr: 'OB', value: Buffer.concat(frames) } }
          : encapsulatedPixelData(
              frames.map((frame) => encodeFrame(frame, { rows: tileRows, columns: tileColumns })),
              options.encapsulation,
            )),
      },
      { transferSyntaxUid: options.transferSyntaxUid, ...options.write },
    );
    return { name, bytes };
  }

  /**
   * @param {number} left
   * @param {number} top
   * @param {number} columns
   * @param {number} rows
   * @param {{columns: number, rows: number}} image
   */
  function tile(left, top, columns, rows, image) {
    const out = new Uint8Array(columns * rows * 3).fill(255);
    for (let row = 0; row < Math.min(rows, image.rows - top); row++) {
      for (let column = 0; column < Math.min(columns, image.columns - left); column++) {
        const rgb = stain((left + column + 0.5) / image.columns, (top + row + 0.5) / image.rows, cells);
        out.set(rgb, (row * columns + column) * 3);
      }
    }
    return out;
  }
}

/** The place of a tile in the total pixel matrix, counted from 1 (PS3.3 C.8.12.6.1). */
function placeGroups(/** @type {{left: number, top: number}} */ { left, top }) {
  return {
    PlanePositionSlideSequence: [
      { ColumnPositionInTotalImagePixelMatrix: left + 1, RowPositionInTotalImagePixelMatrix: top + 1 },
    ],
  };
}

/** @type {typeof import('./index.d.ts').wholeSlideSeries} */
export const wholeSlideSeries = (options) =>
  new Map([...wholeSlideInstances(options)].map(({ name, bytes }) => [name, bytes]));
