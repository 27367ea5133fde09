import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createFilm, createMosaic, filmFormatOf } from '../../src/index.ts';
import { ctSeries, mrSeries, paletteUltrasound, writeSeriesFolder } from '../support/dicom/index.js';
import { hasProgram } from '../support/shared-data.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-film-'));
  folders.push(folder);
  return folder;
}

function folderOf(series: Iterable<readonly [string, Uint8Array]>): string {
  const folder = newFolder();
  writeSeriesFolder(folder, series);
  return folder;
}

const windows = [{ center: 40, width: 400 }];
const ct = folderOf(ctSeries({ instances: 12, rows: 32, windows }));

async function pageOf(bytes: Uint8Array, page: number): Promise<Buffer> {
  return await sharp(bytes, { page }).toColourspace('b-w').extractChannel(0).raw().toBuffer();
}

describe('a film', () => {
  it('shows the images of a mosaic one after the other', async () => {
    const film = await createFilm(ct, { imageWidth: 32, format: 'gif', samples: 4, fps: 8 });
    const { pages, delay, loop, width, pageHeight } = await sharp(film.bytes, { pages: -1 }).metadata();
    expect({ pages, delay, loop, width, pageHeight }).toEqual({
      ...{ pages: 4, loop: 0, width: 32, pageHeight: 32 },
      // Hundredths of a second; 500 ms together.
      delay: [130, 120, 130, 120],
    });
    const mosaic = await createMosaic(ct, { columns: 1, rows: 4, imageWidth: 32, format: 'png' });
    const tiles = await sharp(mosaic.bytes).toColourspace('b-w').raw().toBuffer();
    for (let page = 0; page < 4; page++) {
      const shown = await pageOf(film.bytes, page);
      const total = shown.reduce((sum, grey, at) => sum + Math.abs(grey - (tiles[page * 1024 + at] ?? 0)), 0);
      expect(total / 1024).toBeLessThan(2);
    }
    expect(film.report.tiles.map(({ index, address, window }) => [index, address, window?.width])).toEqual(
      mosaic.report.tiles.map(({ index, window }) => [index, 'A1', window?.width]),
    );
    expect(film.report.film).toEqual({ along: 'space', frames: 4, framesPerSecond: 8, loop: true, bounce: false });
    expect(film.report.output).toMatchObject({ format: 'gif', width: 32, height: 32, byteLength: film.bytes.length });
  });

  it('bounces, stops at its end, and has labels', async () => {
    const { bytes, report } = await createFilm(ct, {
      samples: 5,
      bounce: true,
      loop: false,
      labels: true,
      imageWidth: 96,
    });
    const { pages, loop, delay } = await sharp(bytes, { pages: -1 }).metadata();
    expect([pages, loop, delay?.[0]]).toEqual([8, 1, 100]);
    expect(report.film).toMatchObject({ frames: 8, framesPerSecond: 10 });
    expect(report.output.height).toBeGreaterThan(96);
    const [one, other] = [await pageOf(bytes, 1), await pageOf(bytes, 7)];
    const total = one.reduce((sum, grey, at) => sum + Math.abs(grey - (other[at] ?? 0)), 0);
    expect(total / one.length).toBeLessThan(8);
  });

  it('runs along time where images at one place differ in time', async () => {
    const folder = folderOf(mrSeries({ instances: 5, rows: 16, volumes: 4, repeated: 'temporal' }));
    const { report } = await createFilm(folder, { imageWidth: 16 });
    expect(report.film).toMatchObject({ along: 'time', frames: 4 });
    expect(new Set(report.tiles.map(({ positionMm }) => positionMm)).size).toBe(1);
    const space = await createFilm(folder, { imageWidth: 16, along: 'space' });
    expect(space.report.film).toMatchObject({ along: 'space', frames: 5 });
    expect(new Set(space.report.tiles.map(({ positionMm }) => positionMm)).size).toBe(5);
  });

  it('runs along the frames of an instance, as fast as that says', async () => {
    const attributes = { '00082144': { vr: 'IS', value: 20 } };
    const bytes = paletteUltrasound({ frames: 10, rows: 16, columns: 16, attributes });
    const folder = folderOf([['one.dcm', bytes]]);
    const { report } = await createFilm(folder, { imageWidth: 16 });
    expect(report.film).toMatchObject({ along: 'frames', frames: 10, framesPerSecond: 20 });
    expect(report.tiles.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // Half of the frames: each stays twice as long.
    expect((await createFilm(folder, { imageWidth: 16, samples: 5 })).report.film?.framesPerSecond).toBe(10);
    const slow = { '00181063': { vr: 'DS', value: 250 } };
    const other = folderOf([['one.dcm', paletteUltrasound({ frames: 10, rows: 16, columns: 16, attributes: slow })]]);
    expect((await createFilm(other, { imageWidth: 16 })).report.film?.framesPerSecond).toBe(4);
  });

  it('is of one size, whatever the images are, and of one kind', async () => {
    const wide = { Rows: 10, Columns: 40, PixelData: new Uint16Array(400) };
    const series = ctSeries({
      ...{ instances: 6, rows: 16, windows, geometry: 'none' },
      attributes: (attributes, index) => (index === 2 ? { ...attributes, ...wide } : attributes),
    });
    const { bytes, report } = await createFilm(folderOf(series), { imageWidth: 48, along: 'space' });
    const { pages, pageHeight, width } = await sharp(bytes, { pages: -1 }).metadata();
    expect([pages, pageHeight, width]).toEqual([report.tiles.length, 48, 48]);
  });

  it('leaves out a frame that cannot be read, and says so', async () => {
    const series = ctSeries({ instances: 6, rows: 16, windows });
    const key = 'IM00003.dcm';
    series.set(key, series.get(key)?.slice(0, -700) ?? new Uint8Array());
    const { report } = await createFilm(folderOf(series), { imageWidth: 16 });
    expect(report.tiles.filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(report.warnings.length).toBeGreaterThan(0);
  });

  it.each([
    [{ fps: 0 }, /0.1 to 60/],
    [{ format: 'avi' }, /webp, gif, mp4, webm/],
    [{ along: 'depth' }, /space, time, frames/],
    [{ samples: 5000 }, /1 to 2000/],
    [{ crop: true }, /no option 'crop'/],
    [{ along: 'time' }, /several times at one place/],
    [{ along: 'frames' }, /several frames in one instance/],
    [{ limits: { outputPixels: 1000 } }, /limits: \{ outputPixels|--limit outputPixels|outputPixels/],
  ])('refuses %j', async (options, message) => {
    // As a caller without types would.
    const given: object = options;
    await expect(createFilm(ct, { imageWidth: 32, ...given })).rejects.toThrow(message);
  });

  it('knows its formats by the name of the file', () => {
    expect([filmFormatOf('a.GIF'), filmFormatOf('-', 'MP4'), filmFormatOf('b/c.webm')]).toEqual(['gif', 'mp4', 'webm']);
    expect(() => filmFormatOf('a.png')).toThrow('ends in .webp, .gif, .mp4 or .webm');
  });
});

describe('MP4 and WebM', () => {
  it.skipIf(!hasProgram('ffmpeg', '-version'))('are encoded by ffmpeg', async () => {
    const mp4 = await createFilm(ct, { imageWidth: 33, format: 'mp4' });
    expect(Buffer.from(mp4.bytes).toString('latin1', 4, 8)).toBe('ftyp');
    const webm = await createFilm(ct, { imageWidth: 32, format: 'webm', samples: 3 });
    expect(Buffer.from(webm.bytes.subarray(0, 4)).toString('hex')).toBe('1a45dfa3');
    expect(webm.report.output.format).toBe('webm');
  });

  it('say before anything is read that ffmpeg is missing', async () => {
    vi.stubEnv('PATH', newFolder());
    const seen: string[] = [];
    const onProgress = ({ stage }: { readonly stage: string }): number => seen.push(stage);
    await expect(createFilm(ct, { format: 'mp4', onProgress })).rejects.toMatchObject({
      code: 'missing-component',
      component: 'ffmpeg',
    });
    expect(seen).not.toContain('pixels');
  });

  it.skipIf(process.platform === 'win32')('leave no ffmpeg behind when they are aborted', async () => {
    const folder = newFolder();
    const script = `#!/bin/sh\n[ "$1" = -version ] && exit 0\necho $$ > '${folder}/pid'\nexec /bin/sleep 60\n`;
    writeFileSync(join(folder, 'ffmpeg'), script, { mode: 0o755 });
    vi.stubEnv('PATH', folder);
    const controller = new AbortController();
    const making = createFilm(ct, { format: 'mp4', imageWidth: 32, signal: controller.signal });
    making.catch(() => undefined);
    while (!existsSync(join(folder, 'pid')) || readFileSync(join(folder, 'pid')).length === 0) await setTimeout(5);
    controller.abort();
    await expect(making).rejects.toMatchObject({ code: 'aborted' });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it.skipIf(process.platform === 'win32')('say which encoder an ffmpeg lacks', async () => {
    const folder = newFolder();
    const script = `#!/bin/sh\n[ "$1" = -version ] && exit 0\necho "Unknown encoder 'libx264'" >&2\nexit 1\n`;
    writeFileSync(join(folder, 'ffmpeg'), script, { mode: 0o755 });
    vi.stubEnv('PATH', folder);
    await expect(createFilm(ct, { format: 'mp4', imageWidth: 32 })).rejects.toThrow(/it lacks libx264/);
  });
});
