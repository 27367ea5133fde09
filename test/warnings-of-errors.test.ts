import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex, createMosaic, createPreviewer, getIndex, type PreviewError } from '../src/index.ts';
import {
  ctInstances,
  encapsulatedPixelData,
  greyPixelAttributes,
  seriesAttributes,
  sopClass,
  transferSyntax,
  writeInstance,
  writeSeriesFolder,
} from './support/dicom/index.js';
import { encodeJpegDct } from './support/encoders/jpeg-dct.ts';
import { makeZip } from './support/zip.ts';

/** What nothing decodes. */
const jpip = '1.2.840.10008.1.2.4.94';
const leftOut = "'notes.txt' is not DICOM and left out.";
let folder = '';
let undecodable = '';
let twoSeries = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warnings-of-errors-'));
  undecodable = join(folder, 'undecodable');
  twoSeries = join(folder, 'two');
  writeSeriesFolder(undecodable, ctInstances({ instances: 3, rows: 16, write: { declaredTransferSyntaxUid: jpip } }));
  writeSeriesFolder(twoSeries, ctInstances({ instances: 2, rows: 16, seed: 1 }));
  writeSeriesFolder(join(twoSeries, 'b'), ctInstances({ instances: 2, rows: 16, seed: 2 }));
  for (const path of [undecodable, twoSeries]) writeFileSync(join(path, 'notes.txt'), 'no DICOM'.repeat(100));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function errorOf(work: Promise<unknown>): Promise<PreviewError> {
  return work.then(
    () => expect.unreachable('expected an error'),
    (error: unknown) => error as PreviewError,
  );
}

const noCache = { noCache: true };

describe('warnings before an error', () => {
  it('come with an error of drawing', async () => {
    expect(await errorOf(createMosaic(undecodable, noCache))).toMatchObject({
      code: 'unsupported',
      warnings: [leftOut],
    });
  });

  it('come with an error of opening', async () => {
    expect(await errorOf(createMosaic(twoSeries, noCache))).toMatchObject({ code: 'ambiguous', warnings: [leftOut] });
  });

  it('come with the errors of an open series, once each', async () => {
    await using previewer = createPreviewer();
    const series = await previewer.openSeries(undecodable, noCache);
    expect(await errorOf(series.mosaic())).toMatchObject({ warnings: [leftOut] });
    expect(await errorOf(series.image({ position: 0 }))).toMatchObject({ warnings: [leftOut] });
    expect(await errorOf(series.frames()[Symbol.asyncIterator]().next())).toMatchObject({ warnings: [leftOut] });
    for await (const { error } of previewer.mosaics([undecodable], noCache)) {
      expect(error).toMatchObject({ warnings: [leftOut] });
    }
  });

  it('come with errors about kept headers', async () => {
    const missing = join(folder, 'missing');
    expect(await errorOf(getIndex([undecodable, missing], { ...noCache, format: 'json' }))).toMatchObject({
      code: 'not-found',
      warnings: [leftOut],
    });
    writeFileSync(join(folder, 'file'), '');
    expect(await errorOf(buildIndex(undecodable, { cacheDir: join(folder, 'file', 'cache') }))).toMatchObject({
      code: 'output',
      warnings: [leftOut],
    });
  });

  describe('of pixel data that claim too much', () => {
    const broken = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0);
    const objectOf = (name: string, frames: number, fragments: readonly Uint8Array[], end?: Uint8Array): string => {
      const path = join(folder, name);
      const whole = writeInstance(
        {
          ...seriesAttributes({ modality: 'CT', sopClassUid: sopClass.ct, instance: 1 }),
          ...greyPixelAttributes({ rows: 16, columns: 16, bitsAllocated: 8, bitsStored: 8 }),
          NumberOfFrames: frames,
          ...encapsulatedPixelData(fragments, { offsetTable: 'empty' }),
        },
        { transferSyntaxUid: transferSyntax.jpegBaseline },
      );
      writeFileSync(path, end === undefined ? whole : Buffer.concat([whole.subarray(0, whole.length - 8), end]));
      return path;
    };
    const told = async (path: string): Promise<readonly string[]> => {
      const { code, warnings } = await errorOf(createMosaic(path, noCache));
      expect(code).toMatch(/decode|invalid-dicom/);
      await using previewer = createPreviewer();
      const series = await previewer.openSeries(path, noCache);
      const frames = errorOf(series.frames()[Symbol.asyncIterator]().next());
      expect((await frames).warnings).toEqual(warnings);
      return warnings;
    };

    it('come with an error of decoding: the frames that are missing', async () => {
      expect(await told(objectOf('few.dcm', 1_000_000, [broken]))).toEqual([
        expect.stringMatching(/'few.dcm': Number of Frames is 1000000 but the object can hold \d+ at most/),
        expect.stringMatching(/'few.dcm': Number of Frames \(0028,0008\) is \d+ but the pixel data hold 1/),
      ]);
    });

    it('come with an error of decoding: junk behind the frame', async () => {
      const junk = Uint8Array.of(0x17, 0x2a, 0x33, 0x41, 0x99, 1, 2, 3);
      expect(await told(objectOf('junk.dcm', 1, [broken], junk))).toEqual([
        expect.stringMatching(/'junk.dcm': After the last fragment/),
      ]);
    });

    it('come with an error of reading', async () => {
      expect(await told(objectOf('none.dcm', 1_000_000, []))).toEqual([
        expect.stringMatching(/'none.dcm': Number of Frames is 1000000/),
        expect.stringMatching(/'none.dcm': Number of Frames \(0028,0008\) is \d+ but the pixel data hold 0/),
      ]);
    });

    it('stand beside the tiles that are shown', async () => {
      const frame = encodeJpegDct(new Uint8Array(256), { rows: 16, columns: 16, precision: 8 });
      const path = objectOf('one-good.dcm', 3, [frame, broken]);
      const { report } = await createMosaic(path, { ...noCache, tileWidth: 3, format: 'png' });
      expect(report.warnings.filter((warning) => warning.includes('hold 2'))).toHaveLength(1);
    });
  });

  it('are none where there was nothing to warn of', async () => {
    expect(await errorOf(createMosaic(join(folder, 'missing'), noCache))).toMatchObject({ warnings: [] });
  });
});

describe('packed files where DICOM was expected', () => {
  it.each([
    ['a zip archive', makeZip([{ name: 'a.dcm', bytes: new Uint8Array(500) }])],
    ['a gzip file', gzipSync(new Uint8Array(500))],
  ])('are named: %s', async (what, bytes) => {
    const outer = join(folder, 'outer.zip');
    writeFileSync(outer, makeZip([{ name: 'inner', bytes, stored: true }]));
    expect(await errorOf(createMosaic(outer, noCache))).toMatchObject({
      code: 'not-dicom',
      message: expect.stringMatching(new RegExp(`found ${what}: unpack it first\\.$`)),
    });
  });

  it.each([
    ['packed.zip', /found a zip archive: unpack it first\. Or name 'packed\.zip' alone as the series\.$/],
    ['packed.dcm', /found a zip archive: unpack it first\.$/],
  ])('can be named alone where their name says what they are: %s', async (name, message) => {
    const place = join(folder, `${name}-alone`);
    mkdirSync(place);
    writeFileSync(join(place, name), makeZip([{ name: 'a.dcm', bytes: new Uint8Array(500) }]));
    expect(await errorOf(createMosaic(place, noCache))).toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('an error about a lone file', () => {
  it('names the file', async () => {
    const text = join(undecodable, 'notes.txt');
    for (const work of [() => createMosaic(text, noCache), () => getIndex([text], { ...noCache, format: 'json' })]) {
      const { code, message } = await errorOf(work());
      expect([code, message]).toEqual(['not-dicom', expect.stringContaining("only object, 'notes.txt', is none.")]);
    }
  });
});
