import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlanes, type Orientation, type PlanesOptions, type Preview, type Vector3 } from '../../src/index.ts';
import {
  ctSeries,
  localizerSeries,
  mrSeries,
  radiograph,
  secondaryCapture,
  segmentation,
  writeSeriesFolder,
} from '../support/dicom/index.js';
import { serveRanges } from '../support/range-server.ts';
import { zipOf } from '../support/zip.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-planes-'));
  folders.push(folder);
  return folder;
}

function folderOf(series: Iterable<readonly [string, Uint8Array]>): string {
  const folder = newFolder();
  writeSeriesFolder(folder, series);
  return folder;
}

const dot = (a: Vector3, b: Vector3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const sum = (...parts: readonly (readonly [Vector3, number])[]): Vector3 => {
  const at = (axis: 0 | 1 | 2): number => parts.reduce((total, [vector, by]) => total + vector[axis] * by, 0);
  return [at(0), at(1), at(2)];
};

/** A block of slices whose values are a linear function of the place: linear interpolation must give it back exactly. */
interface Ramp {
  readonly orientation: Orientation;
  /** From slice to slice, in patient coordinates: not along the normal where the stack leans. */
  readonly step: Vector3;
  /** Where slices lie, in steps. */
  readonly places: readonly number[];
}

const rows = 20;
const columns = 24;
const spacing = [2, 1.5] as const;
const gradient: Vector3 = [1.1, -0.9, 0.7];
const valueAt = (place: Vector3): number => 128 + dot(gradient, place);

function firstCorner({ orientation, step, places }: Ramp, place: number): Vector3 {
  const [rx, ry, rz, cx, cy, cz] = orientation;
  const middle = ((places[0] ?? 0) + (places.at(-1) ?? 0)) / 2;
  return sum(
    [step, place - middle],
    [[rx, ry, rz], (-(columns - 1) * spacing[1]) / 2],
    [[cx, cy, cz], (-(rows - 1) * spacing[0]) / 2],
  );
}

function rampSeries(ramp: Ramp, windows = [{ center: 128, width: 256 }]): Map<string, Uint8Array<ArrayBuffer>> {
  const [rx, ry, rz, cx, cy, cz] = ramp.orientation;
  return ctSeries({
    ...{ instances: ramp.places.length, rows, columns, spacing, windows, shuffleKeys: true },
    stored: { slope: 1, intercept: 0, pixelRepresentation: 1 },
    attributes: (attributes, index) => {
      const corner = firstCorner(ramp, ramp.places[index] ?? 0);
      const values = Int16Array.from({ length: rows * columns }, (_, pixel) => {
        const right = (pixel % columns) * spacing[1];
        const down = Math.trunc(pixel / columns) * spacing[0];
        return Math.round(valueAt(sum([corner, 1], [[rx, ry, rz], right], [[cx, cy, cz], down])));
      });
      return {
        ...attributes,
        ImagePositionPatient: corner,
        ImageOrientationPatient: ramp.orientation,
        PixelData: values,
      };
    },
  });
}

async function greysOf({ bytes }: Preview): Promise<{ readonly data: Buffer; readonly width: number }> {
  const { data, info } = await sharp(bytes).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width };
}

const plain = { format: 'png', labels: false, gap: 0, imageWidth: 64 } as const;

/** What the standard's axes give for each plane: across, to the right, down. */
const shownAxes = {
  axial: { across: [0, 0, -1], right: [1, 0, 0], down: [0, 1, 0] },
  coronal: { across: [0, 1, 0], right: [1, 0, 0], down: [0, 0, -1] },
  sagittal: { across: [1, 0, 0], right: [0, 1, 0], down: [0, 0, -1] },
} as const satisfies Record<string, Record<string, Vector3>>;

/** The axis of the stack itself that is nearest to a direction, pointing the same way. */
function nearestAxis(ramp: Ramp, towards: Vector3): Vector3 {
  const [rx, ry, rz, cx, cy, cz] = ramp.orientation;
  const normal: Vector3 = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
  const axes: readonly Vector3[] = [[rx, ry, rz], [cx, cy, cz], normal];
  const nearest = axes.toSorted((a, b) => Math.abs(dot(b, towards)) - Math.abs(dot(a, towards)))[0] ?? towards;
  return sum([nearest, dot(nearest, towards) < 0 ? -1 : 1]);
}

/** The distance of the outermost pixels' centres along an axis. */
function lengthAlong(ramp: Ramp, axis: Vector3): number {
  const [rx, ry, rz, cx, cy, cz] = ramp.orientation;
  const corners = ramp.places.flatMap((place) => {
    const first = firstCorner(ramp, place);
    const last = sum([first, 1], [[rx, ry, rz], (columns - 1) * spacing[1]], [[cx, cy, cz], (rows - 1) * spacing[0]]);
    return [dot(first, axis), dot(last, axis)];
  });
  return Math.max(...corners) - Math.min(...corners);
}

/** The greatest difference between what planes show and the linear function, away from the edges. */
async function worstDifference(ramp: Ramp, preview: Preview): Promise<number> {
  const { data, width } = await greysOf(preview);
  const { shown = [], pixelMm = 1 } = preview.report.planes ?? {};
  let worst = 0;
  let compared = 0;
  for (const plane of shown) {
    const [across, right, down] = (['across', 'right', 'down'] as const).map((name) =>
      nearestAxis(ramp, shownAxes[plane.plane][name]),
    );
    if (across === undefined || right === undefined || down === undefined) throw new Error('Expected three axes.');
    // The block is centred on the origin.
    const origin = sum([across, (plane.position - 0.5) * lengthAlong(ramp, across)]);
    for (let y = 3; y < plane.height - 3; y++) {
      for (let x = 3; x < plane.width - 3; x++) {
        const place = sum(
          [origin, 1],
          [right, (x + 0.5 - plane.width / 2) * pixelMm],
          [down, (y + 0.5 - plane.height / 2) * pixelMm],
        );
        const pixel = (plane.top + y) * width + plane.left + x;
        const grey = data[pixel] ?? 0;
        // Beside a leaning stack there is nothing, and at its slanting edge no two slices to go between.
        if ([pixel - 3, pixel, pixel + 3].some((near) => data[near] === 0)) continue;
        worst = Math.max(worst, Math.abs(grey - (valueAt(place) * 255) / 256));
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(2000);
  return worst;
}

const even = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const tilt = (18 * Math.PI) / 180;
const ramps: readonly (readonly [name: string, ramp: Ramp])[] = [
  ['axial', { orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -3], places: even(15) }],
  ['prone, feet first', { orientation: [-1, 0, 0, 0, -1, 0], step: [0, 0, 3], places: even(15) }],
  ['coronal', { orientation: [1, 0, 0, 0, 0, -1], step: [0, 3, 0], places: even(15) }],
  ['sagittal', { orientation: [0, 1, 0, 0, 0, -1], step: [3, 0, 0], places: even(15) }],
  ['sagittal, rows up', { orientation: [0, -1, 0, 0, 0, 1], step: [-3, 0, 0], places: even(15) }],
  ['oblique', { orientation: [0.8, 0.6, 0, 0, 0, -1], step: [-1.8, 2.4, 0], places: even(15) }],
  [
    'with a tilted gantry',
    { orientation: [1, 0, 0, 0, Math.cos(tilt), Math.sin(tilt)], step: [0, 0, -3], places: even(15) },
  ],
  [
    'with thick slices above thin ones',
    { orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -2], places: [0, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17] },
  ],
];

describe('planes', () => {
  it.each(ramps)('are geometrically right: %s', async (_, ramp) => {
    const folder = folderOf(rampSeries(ramp));
    for (const at of [{}, { axial: 0.3, coronal: 0.7, sagittal: 0.25 }]) {
      const preview = await createPlanes(folder, { ...plain, at });
      expect(await worstDifference(ramp, preview)).toBeLessThan(2);
      expect(preview.report.warnings).toEqual([]);
      expect(preview.report.planes).toMatchObject({ gaps: [], slicesFailed: 0, projection: null });
    }
  });

  it('tell that they lie along an oblique stack, and which way its edges point', async () => {
    const letters = async (name: string): Promise<unknown> => {
      const ramp = ramps.find(([each]) => each === name)?.[1];
      const { report } = await createPlanes(
        folderOf(rampSeries(ramp ?? { orientation: [0, 0, 0, 0, 0, 0], step: [0, 0, 0], places: [] })),
        plain,
      );
      const shown = report.planes?.shown.map(({ plane, oblique, letters: { left, top } }) => [
        plane,
        oblique,
        left,
        top,
      ]);
      return { tilt: report.planes?.tiltDegrees, shown };
    };
    expect(await letters('prone, feet first')).toEqual({
      tilt: 0,
      shown: [
        ['axial', false, 'R', 'A'],
        ['coronal', false, 'R', 'H'],
        ['sagittal', false, 'A', 'H'],
      ],
    });
    expect(await letters('with a tilted gantry')).toEqual({
      tilt: 18,
      shown: [
        ['axial', true, 'R', 'AF'],
        ['coronal', true, 'R', 'HA'],
        ['sagittal', true, 'AF', 'HA'],
      ],
    });
  });

  it('draw missing slices as striped gaps, and nothing over them', async () => {
    const places = even(15).filter((place) => place < 6 || place > 8);
    const ramp: Ramp = { orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -3], places };
    const preview = await createPlanes(folderOf(rampSeries(ramp)), { ...plain, imageWidth: 'native' });
    const { report } = preview;
    expect(report.planes?.gaps).toEqual([{ afterMm: 15, widthMm: 12 }]);
    const { data, width } = await greysOf(preview);
    const coronal = report.planes?.shown[1];
    if (coronal === undefined) throw new Error('Expected a coronal plane.');
    const column = Array.from({ length: coronal.height }, (_, y) => {
      const greys = Array.from(
        { length: coronal.width },
        (_value, x) => data[(coronal.top + y) * width + coronal.left + x],
      );
      return greys.every((grey) => grey === 88 || grey === 40);
    });
    // 1.5 mm a pixel: slices reach 1.5 mm beyond their place, so 9 mm of the 12 are unknown.
    expect(column.filter((striped) => striped)).toHaveLength(6);
    expect(column.indexOf(true)).toBe(12);
  });

  it('join a slab, or everything, by the greatest value, the mean and the least', async () => {
    const ramp: Ramp = { orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -3], places: even(15) };
    const folder = folderOf(rampSeries(ramp));
    const centre = async (options: PlanesOptions): Promise<readonly (number | undefined)[]> => {
      const preview = await createPlanes(folder, { ...plain, imageWidth: 'native', ...options });
      const { data, width } = await greysOf(preview);
      return (preview.report.planes?.shown ?? []).map(
        ({ left, top, width: columnsOf, height }) => data[(top + (height >> 1)) * width + left + (columnsOf >> 1)],
      );
    };
    const mean = await centre({ projection: 'mean' });
    // Over the whole block the mean of a ramp is its middle; the greatest is half the extent further.
    const section = await centre({});
    const greatest = await centre({ projection: 'max' });
    const least = await centre({ projection: 'min' });
    const half = [0.7 * 21, 0.9 * 19, 1.1 * 17.25];
    for (const plane of [0, 1, 2]) {
      expect(Math.abs((mean[plane] ?? 0) - (section[plane] ?? 0))).toBeLessThanOrEqual(2);
      expect(Math.abs((greatest[plane] ?? 0) - (section[plane] ?? 0) - (half[plane] ?? 0))).toBeLessThanOrEqual(2.5);
      expect(Math.abs((section[plane] ?? 0) - (least[plane] ?? 0) - (half[plane] ?? 0))).toBeLessThanOrEqual(2.5);
    }
    const slab = await centre({ projection: 'max', slab: 6.5 });
    expect(Math.abs((slab[0] ?? 0) - (section[0] ?? 0) - 0.7 * 3)).toBeLessThanOrEqual(1.5);
    expect((await createPlanes(folder, { ...plain, slab: 5 })).report.planes).toMatchObject({
      projection: 'mean',
      slabMm: 5,
    });
  });

  it('share one window: the stored one, or the median of different ones', async () => {
    const ramp: Ramp = { orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -3], places: even(7) };
    const one = await createPlanes(folderOf(rampSeries(ramp)), plain);
    expect(one.report.planes?.window).toMatchObject({ center: 128, width: 256, source: 'instance' });
    const asked = await createPlanes(folderOf(rampSeries(ramp)), { ...plain, contrast: 'bone' });
    expect(asked.report.planes?.window).toMatchObject({ width: 2000, source: 'preset' });
    const folder = folderOf(
      ctSeries({ instances: 7, rows: 16, windows: (index) => [{ center: 40 + index, width: 400 }] }),
    );
    const { report } = await createPlanes(folder, plain);
    expect(report.planes?.window).toMatchObject({ center: 43, width: 400, source: 'series-median' });
  });

  it('name the image that one of them shows, and no others', async () => {
    const ramp: Ramp = { orientation: [1, 0, 0, 0, 0, -1], step: [0, 3, 0], places: even(9) };
    const { report } = await createPlanes(folderOf(rampSeries(ramp)), { ...plain, at: { coronal: 0.25 } });
    expect(report.planes?.shown.map(({ plane, image }) => [plane, image?.index])).toEqual([
      ['axial', undefined],
      ['coronal', 2],
      ['sagittal', undefined],
    ]);
    expect(report.tiles).toEqual([]);
    expect(report.series).toMatchObject({ instances: 9, orientation: 'coronal' });
  });

  it('show the first of several volumes, and the largest of several stacks', async () => {
    const volumes = await createPlanes(folderOf(mrSeries({ instances: 6, rows: 16, volumes: 3 })), plain);
    expect(volumes.report.warnings).toEqual([expect.stringMatching(/^18 images lie at 6 places: /)]);
    expect(volumes.report.planes).toMatchObject({ slices: 6, slicesRead: 6 });
    const localizer = await createPlanes(folderOf(localizerSeries({ rows: 16, perOrientation: 7 })), plain);
    expect(localizer.report.warnings).toEqual([expect.stringMatching(/^The series has 3 orientations: /)]);
  });

  it('leave a gap where a slice cannot be read, and say so', async () => {
    const series = rampSeries({ orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -3], places: even(9) });
    const [, second] = [...series.keys()].sort();
    const bytes = series.get(second ?? '');
    series.set(second ?? '', bytes?.slice(0, bytes.length - 300) ?? new Uint8Array());
    const { report } = await createPlanes(folderOf(series), plain);
    expect(report.planes).toMatchObject({ slices: 9, slicesRead: 9, slicesFailed: 1 });
    expect(report.warnings.join()).toContain('A slice is not shown');
  });

  it('read of a store that is no local disk only as many slices as the picture has pixels for', async () => {
    const ramp: Ramp = { orientation: [1, 0, 0, 0, 1, 0], step: [0, 0, -0.25], places: even(120) };
    const server = await serveRanges('series.zip', zipOf(rampSeries(ramp)));
    const path = server.url;
    const few = await createPlanes(path, { ...plain, imageWidth: 48 });
    expect(few.report.planes).toMatchObject({ slices: 120, slicesRead: 37, gaps: [] });
    expect(few.report.warnings).toEqual([expect.stringMatching(/^37 of 120 slices were read/)]);
    expect(await worstDifference(ramp, few)).toBeLessThan(2);
    const all = await createPlanes(path, { ...plain, imageWidth: 48, full: true });
    expect([all.report.planes?.slicesRead, all.report.warnings]).toEqual([120, []]);
    await server.close();
  });

  it.each([
    ['few slices', () => ctSeries({ instances: 4, rows: 16 }), /at least 5 parallel images/],
    ['no orientation', () => ctSeries({ instances: 9, rows: 16, geometry: 'position' }), /at least 5 parallel images/],
    ['a radiograph', () => new Map([['one.dcm', radiograph()]]), /of 1 image at most 0 are so/],
    ['a picture in colour', () => new Map([['one.dcm', secondaryCapture()]]), /at least 5 parallel images/],
    ['a segmentation', () => new Map([['one.dcm', segmentation()]]), /whose values are names/],
  ])('refuse %s with a clear error', async (_, series, message) => {
    await expect(createPlanes(folderOf(series()), plain)).rejects.toThrow(message);
  });

  it.each([
    [{ at: { axial: 2 } }, /from 0 \(first image\) to 1/],
    [{ at: { axia: 0.5 } }, /Did you mean 'axial'/],
    [{ projection: 'mip' }, /max, mean, min/],
    [{ slab: 0 }, /thickness in millimetres/],
    [{ imageWidth: 8 }, /16 or more/],
    [{ crop: true }, /no option 'crop'/],
  ])('refuse the options %j', async (options, message) => {
    // As a caller without types would.
    const given: object = options;
    await expect(createPlanes('./none', given)).rejects.toThrow(message);
  });
});
