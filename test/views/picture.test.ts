import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic, planMosaic } from '../../src/index.ts';
import {
  ctInstances,
  ctSeries,
  encodeRleFrame,
  enhancedMultiFrame,
  localizerSeries,
  mrSeries,
  paletteUltrasound,
  petSeries,
  radiograph,
  secondaryCapture,
  sopClass,
  transferSyntax,
  writeInstance,
  writeSeriesFolder,
} from '../support/dicom/index.js';

const folders: string[] = [];

function folderOf(series: Iterable<readonly [string, Uint8Array]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
  folders.push(folder);
  writeSeriesFolder(folder, series);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The picture's samples as they are in the file: grey files have one channel. */
async function pixelsOf(
  bytes: Uint8Array,
): Promise<{ data: Uint8Array; width: number; height: number; channels: number }> {
  const { channels = 0 } = await sharp(bytes).metadata();
  const image = channels === 1 ? sharp(bytes).toColourspace('b-w') : sharp(bytes);
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels };
}

/** LINEAR (PS3.3 C.11.2.1.2.1) of one value, written out. */
function linear(value: number, center: number, width: number): number {
  const fraction = (value - (center - 0.5)) / (width - 1) + 0.5;
  return Math.min(1, Math.max(0, fraction)) * 255;
}

describe('createMosaic', () => {
  it('shows each tile where the report says it is from, in grey levels that the formulas give', async () => {
    const options = { seed: 21, instances: 9, rows: 32, shuffleKeys: true, windows: [{ center: 40, width: 400 }] };
    const instances = [...ctInstances(options)];
    const folder = folderOf(ctSeries(options));
    const preview = await createMosaic(folder, { tileWidth: 3, imageWidth: 'native', format: 'png' });
    const { report } = preview;
    const picture = await pixelsOf(preview.bytes);
    expect(picture).toMatchObject({ width: 96, height: 96, channels: 1 });
    expect(report.output).toMatchObject({ width: 96, height: 96, format: 'png', byteLength: preview.bytes.length });
    expect(report.warnings).toEqual([]);
    expect(report.tiles).toHaveLength(9);
    for (const tile of report.tiles) {
      const source = instances.find(({ name }) => name === tile.key);
      expect(source?.index).toBe(tile.index);
      expect(source?.sopInstanceUid).toBe(tile.sopInstanceUid);
      expect(tile.window).toEqual({ center: 40, width: 400, function: 'LINEAR', source: 'instance' });
      let greatest = 0;
      for (let row = 0; row < 32; row++) {
        for (let column = 0; column < 32; column++) {
          const shown = picture.data[(tile.row * 32 + row) * 96 + tile.column * 32 + column] ?? Number.NaN;
          // The generator's default stored values are Hounsfield units + 1024.
          const stored = source?.storedValues[row * 32 + column] ?? Number.NaN;
          greatest = Math.max(greatest, Math.abs(shown - linear(Number(stored) - 1024, 40, 400)));
        }
      }
      expect(greatest).toBeLessThanOrEqual(1);
    }
  });

  it('reads a short series in one pass and a long one in two', async () => {
    const short = await createMosaic(folderOf(ctSeries({ instances: 4, rows: 16 })), { tileWidth: 2 });
    expect(short.report.io).toMatchObject({ requests: 4, headerBytes: 0 });
    const long = await createMosaic(folderOf(ctSeries({ instances: 20, rows: 64 })), { tileWidth: 2 });
    expect(long.report.io.requests).toBe(20 + 4);
    expect(long.report.io.pixelBytes).toBe(4 * 64 * 64 * 2);
    expect(long.report.tiles.map(({ index }) => index)).toEqual([0, 6, 13, 19]);
  });

  it('gives the same bytes whatever the transfer syntax of the series', async () => {
    const base = { seed: 5, instances: 6, rows: 24, windows: [{ center: 40, width: 400 }] } as const;
    const pictures = new Set<string>();
    for (const transferSyntaxUid of [
      transferSyntax.explicitLittleEndian,
      transferSyntax.implicitLittleEndian,
      transferSyntax.explicitBigEndian,
      transferSyntax.deflatedExplicitLittleEndian,
      transferSyntax.rleLossless,
    ]) {
      const encodeFrame = (stored: ArrayBufferView): Uint8Array =>
        encodeRleFrame(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), {
          columns: 24,
          bytesPerSample: 2,
        });
      const folder = folderOf(ctSeries({ ...base, transferSyntaxUid, encodeFrame }));
      for (const tileWidth of [2, 3]) {
        const { bytes } = await createMosaic(folder, { tileWidth, tileHeight: 1, format: 'png' });
        pictures.add(`${tileWidth} ${Buffer.from(bytes).toString('base64')}`);
      }
    }
    expect(pictures.size).toBe(2);
  });

  it('marks what cannot be shown and shows the rest', async () => {
    const series = ctSeries({ instances: 3, rows: 16, key: (index) => `${index}.dcm` });
    const whole = series.get('1.dcm') ?? new Uint8Array(0);
    series.set('1.dcm', whole.subarray(0, whole.length - 100));
    const { report, bytes } = await createMosaic(folderOf(series), { tileWidth: 3, tileHeight: 1, format: 'png' });
    expect(report.tiles.map(({ error }) => error?.code)).toEqual([undefined, 'decode', undefined]);
    expect(report.warnings.join()).toMatch(/Image 2 of 3 is shown in part/);
    const { data } = await pixelsOf(bytes);
    expect(data.length).toBe(384 * 128);
  });

  it('marks an image whose pixel spacing would make the picture too large, and shows the rest', async () => {
    const withSpacing = (absurd: readonly number[], spacing: readonly [number, number]) =>
      folderOf(
        ctSeries({
          instances: 3,
          rows: 16,
          key: (index) => `${index}.dcm`,
          attributes: (attributes, index) =>
            absurd.includes(index) ? { ...attributes, PixelSpacing: spacing } : attributes,
        }),
      );
    const native = { tileWidth: 3, tileHeight: 1, imageWidth: 'native', format: 'png' } as const;
    for (const spacing of [[1e-9, 1] as const, [1, 1e-9] as const]) {
      const { report, bytes } = await createMosaic(withSpacing([0], spacing), native);
      expect(report.tiles.map(({ error }) => error?.code)).toEqual(['invalid-dicom', undefined, undefined]);
      expect(report.warnings).toEqual([expect.stringMatching(/^Image 1 of 3 is not shown: .* pixels 1.00e\+9 times/)]);
      expect((await pixelsOf(bytes)).data.length).toBe(48 * 16);
    }
    await expect(createMosaic(withSpacing([0, 1, 2], [1e-9, 1]), native)).rejects.toMatchObject({ code: 'usage' });
    const drawn = await createMosaic(withSpacing([1], [1e-9, 1]), { ...native, imageWidth: 64 });
    expect(drawn.report.warnings).toEqual([
      expect.stringMatching(/^Image 2 of 3 \('1.dcm'\) is drawn with pixels 1.00e\+9/),
    ]);
  });

  it('fails where nothing can be shown, and says why', async () => {
    const report = writeInstance({
      SOPClassUID: sopClass.basicTextSr,
      SOPInstanceUID: '2.25.7',
      SeriesInstanceUID: '2.25.8',
    });
    await expect(createMosaic(folderOf([['sr.dcm', report]]))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('structured report'),
    });
    await expect(createMosaic(folderOf([['a.txt', Buffer.from('text')]]))).rejects.toMatchObject({ code: 'not-dicom' });
    await expect(createMosaic(folderOf([]))).rejects.toMatchObject({ code: 'not-found' });
    await expect(createMosaic('./no/such/folder')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is grey for grey and colour for colour, and keeps non-square pixels in shape', async () => {
    const grey = await createMosaic(folderOf([['a.dcm', radiograph({ rows: 16, columns: 24 })]]), {
      tileWidth: 1,
      format: 'png',
    });
    expect((await pixelsOf(grey.bytes)).channels).toBe(1);
    for (const bytes of [secondaryCapture({ rows: 16, columns: 24 }), paletteUltrasound({ rows: 16, columns: 24 })]) {
      const colour = await createMosaic(folderOf([['a.dcm', bytes]]), { tileWidth: 1, format: 'png' });
      expect((await pixelsOf(colour.bytes)).channels).toBe(3);
      expect(colour.report.tiles[0]?.window).toBeNull();
    }
    const tall = folderOf(ctSeries({ instances: 1, rows: 20, columns: 20, spacing: [2, 1] }));
    const { report } = await createMosaic(tall, { tileWidth: 1, imageWidth: 100, format: 'png' });
    expect(report.output).toMatchObject({ width: 100, height: 200 });
  });

  it('takes frames, mixed orientations, PET slopes and repeated positions as they come', async () => {
    const enhanced = await createMosaic(
      folderOf([['e.dcm', enhancedMultiFrame({ slices: 50, rows: 16, columns: 16 })]]),
      { tileWidth: 3 },
    );
    expect(enhanced.report.series).toMatchObject({ instances: 1, frames: 50, orderedBy: 'position-along-normal' });
    expect(enhanced.report.tiles.map(({ index }) => index)).toEqual([0, 6, 12, 18, 25, 31, 37, 43, 49]);
    const localizer = await createMosaic(folderOf(localizerSeries({ rows: 16 })), { tileWidth: 3 });
    expect(localizer.report.series.orientation).toBe('mixed');
    const pet = await createMosaic(folderOf(petSeries({ instances: 4, rows: 16 })), { tileWidth: 2 });
    expect(pet.report.series.modality).toBe('PT');
    const repeated = await createMosaic(folderOf(mrSeries({ instances: 4, rows: 16, volumes: 2 })), { tileWidth: 3 });
    expect(repeated.report.tiles.map(({ positionMm }) => positionMm)).toEqual([0, 0, 5, 5, 10, 10, 15, 15]);
  });

  it('chooses one series of several by its UID', async () => {
    const both = folderOf([
      ...ctSeries({ instances: 2, rows: 16, series: 'one', key: (index) => `a${index}` }),
      ...ctSeries({ instances: 3, rows: 16, series: 'two', key: (index) => `b${index}` }),
    ]);
    await expect(createMosaic(both)).rejects.toMatchObject({ code: 'ambiguous', count: 2 });
    const single = await createMosaic(join(both, 'b0'), {});
    expect(single.report.series.instances).toBe(1);
    const chosen = await createMosaic(single.report.series.seriesInstanceUid, { root: both });
    expect(chosen.report.series.instances).toBe(3);
  });

  it('stops at once when aborted', async () => {
    const controller = new AbortController();
    controller.abort();
    const folder = folderOf(ctSeries({ instances: 3, rows: 16 }));
    await expect(createMosaic(folder, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each([
    [{ tileWidth: 0 }, /tileWidth/],
    [{ start: 0.5, end: 0.5 }, /start to be less than end/],
    [{ end: 1.5 }, /from 0 .* to 1/],
    [{ contrast: 'lungs' }, /Did you mean 'lung'/],
    [{ quality: 101 }, /quality/],
    [{ imageWidth: 3.5 }, /imageWidth/],
  ] as const)('refuses %o', async (options, message) => {
    await expect(createMosaic('./x', options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it('tells no patient attribute', async () => {
    const folder = folderOf(ctSeries({ instances: 3, rows: 16 }));
    const { report } = await createMosaic(folder);
    expect(JSON.stringify(report)).not.toMatch(/PHANTOM/i);
  });
});

describe('a mosaic of so many images at most', () => {
  const folder = folderOf(ctSeries({ seed: 22, instances: 5, rows: 16 }));

  it.each([
    [{ samples: 3 }, { columns: 2, rows: 2 }, 3],
    [{ samples: 5 }, { columns: 3, rows: 2 }, 5],
    [{ samples: 10_000, imageWidth: 512 }, { columns: 3, rows: 2 }, 5],
    [{ samples: 10, columns: 4 }, { columns: 4, rows: 3 }, 5],
    [{ samples: 10, rows: 1 }, { columns: 10, rows: 1 }, 5],
    [{ tileWidth: 4 }, { columns: 4, rows: 4 }, 5],
  ])(
    'has a grid for the images that there are, unless rows or columns are asked for: %o',
    async (asked, grid, tiles) => {
      const { report } = await createMosaic(folder, { imageWidth: 16, ...asked, format: 'png' });
      expect(report.output).toMatchObject({
        grid,
        width: grid.columns * ('imageWidth' in asked ? asked.imageWidth : 16),
      });
      expect(report.tiles).toHaveLength(tiles);
      const plan = await planMosaic(folder, { imageWidth: 16, ...asked });
      expect(plan.tiles.map(({ address }) => address)).toEqual(report.tiles.map(({ address }) => address));
    },
  );
});

describe('createImage', () => {
  it('shows the instance nearest to a position, and others from there', async () => {
    const folder = folderOf(ctSeries({ instances: 11, rows: 16 }));
    const at = async (options: Parameters<typeof createImage>[1]): Promise<number | undefined> =>
      (await createImage(folder, options)).report.tiles[0]?.index;
    expect(await at({ position: 0 })).toBe(0);
    expect(await at({ position: 0.52 })).toBe(5);
    expect(await at({ position: 1, sliceOffset: -3 })).toBe(7);
    await expect(createImage(folder, { position: 1, sliceOffset: 1 })).rejects.toMatchObject({ code: 'usage' });
  });

  it('shows a frame by its number', async () => {
    const folder = folderOf([['e.dcm', enhancedMultiFrame({ slices: 7, rows: 16, columns: 16, shuffleFrames: true })]]);
    const { report } = await createImage(folder, { position: 0, frame: 5 });
    expect(report.tiles[0]?.frame).toBe(5);
    await expect(createImage(folder, { position: 0, frame: 8 })).rejects.toMatchObject({ code: 'usage' });
  });

  it('refuses a local file name that leads out of the root', async () => {
    writeFileSync(join(folderOf([]), 'x'), '');
    await expect(createImage('a/../../x', { position: 0 })).rejects.toMatchObject({ code: 'usage' });
  });
});
