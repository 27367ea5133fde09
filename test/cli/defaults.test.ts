import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configPath } from '../../src/cli/config-file.ts';
import { run } from '../../src/cli/run.ts';
import { type FakeContext, fakeContext } from './fake-library.ts';

const mosaic = ['mosaic', 'u', 'a.webp'];
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-config-'));
  file = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A run with these variables, and what the file of defaults holds. */
async function ran(
  args: readonly string[],
  { variables = {}, config }: { readonly variables?: Record<string, string>; readonly config?: unknown },
): Promise<FakeContext & { readonly code: number }> {
  if (config !== undefined) writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  const named = config === undefined ? '' : file;
  const environment = { NO_COLOR: '1', DICOM_SERIES_PREVIEW_CONFIG: named, ...variables };
  const context = { ...fakeContext(), environment };
  return { ...context, code: await run(args, context) };
}

describe('defaults', () => {
  it('come from the command line, then the environment, then the file, then what is built in', async () => {
    const config = { quality: 40, contrast: 'bone', tileWidth: 3 };
    const variables = { DICOM_SERIES_PREVIEW_QUALITY: '50', DICOM_SERIES_PREVIEW_CONTRAST: 'lung' };
    const all = await ran([...mosaic, '--quality', '60'], { variables, config });
    expect(all.calls[0]?.options).toMatchObject({ quality: 60, contrast: 'lung', tileWidth: 3, start: 0 });
    const less = await ran(mosaic, { config });
    expect(less.calls[0]?.options).toMatchObject({ quality: 40, contrast: 'bone' });
    const none = await ran(mosaic, {});
    expect(none.calls[0]?.options).toMatchObject({ contrast: undefined });
    const empty = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_QUALITY: '' } });
    expect(empty.calls[0]?.options).toMatchObject({ quality: undefined });
  });

  it('know both names of rows and columns', async () => {
    const config = { columns: 3, mosaic: { rows: 2 } };
    expect((await ran(mosaic, { config })).calls[0]?.options).toMatchObject({ columns: 3, rows: 2 });
    const variables = { DICOM_SERIES_PREVIEW_COLUMNS: '5', DICOM_SERIES_PREVIEW_TILE_HEIGHT: '4' };
    expect((await ran(mosaic, { variables, config })).calls[0]?.options).toMatchObject({
      ...{ columns: 5, rows: undefined, tileHeight: 4 },
    });
    const wrong = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_ROWS: 'junk' } });
    expect([wrong.code, wrong.err()]).toEqual([2, expect.stringContaining('--rows')]);
  });

  it('for a command come before those for all, and go to commands that have the option', async () => {
    const config = { contrast: 'bone', tileWidth: 4, mosaic: { contrast: 'lung' }, 'index build': { cacheDir: '/c' } };
    expect((await ran(mosaic, { config })).calls[0]?.options).toMatchObject({ contrast: 'lung', tileWidth: 4 });
    const image = await ran(['get-image', 'u', 'a.webp', '--position', '0'], { config });
    expect(image.calls[0]?.options).toMatchObject({ contrast: 'bone' });
    expect((await ran(['index', 'build', 'u'], { config })).indexCalls[0]?.options).toMatchObject({ cacheDir: '/c' });
  });

  it('turn options without a value on, and off, and take several values of one option', async () => {
    const config = { noCache: true, labels: true, overlays: false, safetyLimit: { frames: 7 }, budget: ['5MB', '2s'] };
    expect((await ran(mosaic, { config })).calls[0]?.options).toMatchObject({
      ...{ noCache: true, labels: true, overlays: undefined, limits: { frames: 7 } },
      budget: { byteLength: 5e6, timeMs: 2000 },
    });
    const variables = {
      DICOM_SERIES_PREVIEW_NO_CACHE: 'true',
      DICOM_SERIES_PREVIEW_FIT: '0',
      DICOM_SERIES_PREVIEW_SAFETY_LIMIT: 'frames=7\nframePixels=9',
      DICOM_SERIES_PREVIEW_HEADER: 'X-Api-Key: k',
    };
    expect((await ran(mosaic, { variables })).calls[0]?.options).toMatchObject({
      ...{ noCache: true, fit: undefined, limits: { frames: 7, framePixels: 9 }, headers: { 'X-Api-Key': 'k' } },
    });
    const over = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_FIT: 'false' }, config: { fit: true } });
    expect(over.calls[0]?.options).toMatchObject({ fit: undefined });
  });

  it('give way to an option that they contradict', async () => {
    const config = { imageWidth: 200, tileWidth: 3, quiet: true };
    const wide = await ran([...mosaic, '--width', '900', '--columns', '5', '-v'], { config });
    expect(wide.code).toBe(0);
    expect(wide.calls[0]?.options).toMatchObject({ imageWidth: undefined, width: 900, tileWidth: undefined });
    const variables = { DICOM_SERIES_PREVIEW_WIDTH: '800' };
    expect((await ran(mosaic, { config, variables })).calls[0]?.options).toMatchObject({ width: 800 });
    expect((await ran(mosaic, { config: { quiet: true, verbose: true } })).code).toBe(2);
  });

  it('lie where --config says, else in the folder of the platform', async () => {
    writeFileSync(file, '{"quality": 33}');
    const named = await ran([...mosaic, '--config', file], {});
    expect(named.calls[0]?.options).toMatchObject({ quality: 33 });
    const missing = await ran([...mosaic, '--config', join(folder, 'none.json')], {});
    expect([missing.code, missing.err()]).toEqual([2, expect.stringContaining('none.json')]);
    mkdirSync(join(folder, 'dicom-series-preview'));
    writeFileSync(join(folder, 'dicom-series-preview', 'config.json'), '{"quality": 34}');
    const own = { ...fakeContext(), environment: { XDG_CONFIG_HOME: folder } };
    expect(await run(mosaic, own)).toBe(0);
    expect(own.calls[0]?.options).toMatchObject({ quality: 34 });
    const nowhere = { ...fakeContext(), environment: { XDG_CONFIG_HOME: join(folder, 'none') } };
    expect(await run(mosaic, nowhere)).toBe(0);
    const end = join('dicom-series-preview', 'config.json');
    expect(configPath({ HOME: '/h', XDG_CONFIG_HOME: 'relative' }, 'linux')).toBe(join('/h/.config', end));
    expect(configPath({ HOME: '/h' }, 'darwin')).toBe(join('/h/Library/Application Support', end));
    expect(configPath({ APPDATA: '/a' }, 'win32')).toBe(join('/a', end));
    expect(configPath({ HOME: '' }, 'linux')).toBeUndefined();
  });
});

describe('a file of defaults', () => {
  it.each([
    [{ tileWidht: 3 }, "Did you mean 'tileWidth'?"],
    [{ mosaik: { tileWidth: 3 } }, "Did you mean 'mosaic'?"],
    [{ mosaic: { position: 3 } }, "no option 'position'"],
    [{ 'tile-width': 3 }, "Did you mean 'tileWidth'?"],
    [{ qqqqqqqqqq: 3 }, 'tileWidth for --tile-width'],
    [{ header: 'Authorization: s3cret' }, 'DICOM_SERIES_PREVIEW_TOKEN'],
    [{ root: 'https://me:s3cret@host/' }, 'Use the variables'],
    [{ root: 'az://a/c?sig=s3cret' }, 'Use the variables'],
    [{ json: 'x' }, 'each call'],
    [{ includePatient: true }, 'asked for each time'],
    [{ mosaic: { includeLabel: true } }, 'asked for each time'],
    [{ color: 'always' }, 'DICOM_SERIES_PREVIEW_COLOR'],
    [{ tileWidth: null }, 'Expected a text'],
    [{ tileWidth: [1, 2] }, 'Expected one text'],
    [{ tileWidth: true }, 'Expected one text'],
    [{ labels: 'yes' }, 'Expected true or false'],
    [{ filter: 'best' }, "'filter' in "],
    [{ mosaic: 3 }, 'Expected an object'],
    ['[]', 'Expected an object'],
    ['{"a', 'Expected JSON'],
  ])('is refused with %j', async (config, told) => {
    const { code, err, calls } = await ran(mosaic, { config });
    expect([code, calls]).toEqual([2, []]);
    expect(err()).toContain(told);
    expect(err()).not.toContain('s3cret');
  });
});

describe('what the environment says', () => {
  it('is named in errors about it', async () => {
    const quality = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_QUALITY: 'best' } });
    expect([quality.code, quality.err()]).toEqual([
      2,
      expect.stringContaining('--quality was set by DICOM_SERIES_PREVIEW_QUALITY.'),
    ]);
    const limit = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_SAFETY_LIMIT: 'x' } });
    expect(limit.err()).toContain('DICOM_SERIES_PREVIEW_SAFETY_LIMIT');
    const flag = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_FIT: 'maybe' } });
    expect([flag.code, flag.err()]).toEqual([2, expect.stringContaining('DICOM_SERIES_PREVIEW_FIT')]);
  });

  it('gets a warning where it has no meaning, and does what must be asked for each time never', async () => {
    const variables = { DICOM_SERIES_PREVIEW_QUALTIY: '3', DICOM_SERIES_PREVIEW_TOKEN: 't' };
    const { code, err } = await ran(mosaic, { variables });
    expect(code).toBe(0);
    expect(err()).toContain('warning: The variable DICOM_SERIES_PREVIEW_QUALTIY has no meaning.');
    expect(err()).toContain('Did you mean DICOM_SERIES_PREVIEW_QUALITY?');
    expect(err()).not.toContain('TOKEN');
    expect((await ran([...mosaic, '--quiet'], { variables })).err()).toBe('');
    const patient = await ran(mosaic, { variables: { DICOM_SERIES_PREVIEW_INCLUDE_PATIENT: 'true' } });
    expect(patient.calls[0]?.options).toMatchObject({ includePatient: undefined });
    const clear = await ran(['index', 'clear'], { variables: { DICOM_SERIES_PREVIEW_ALL: 'true' } });
    expect([clear.code, clear.indexCalls]).toEqual([2, []]);
  });
});
