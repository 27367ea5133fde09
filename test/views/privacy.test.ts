// Warnings of patient data in pixels, from header to report, and what strict privacy refuses.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMosaic, createPreviewer, type PrivacyError } from '../../src/index.ts';
import {
  type Attributes,
  ctSeries,
  paletteUltrasound,
  radiograph,
  secondaryCapture,
  sopClass,
  wholeSlideSeries,
  writeSeriesFolder,
} from '../support/dicom/index.js';
import { runHere } from '../support/run-here.ts';

let work = '';
let folder = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'privacy-'));
  folder = join(work, 'series');
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

const small = { imageWidth: 16, noCache: true } as const;
const sentence = 'The picture may tell who the patient is: ';

function ct(changes: Attributes = {}, options: { readonly instances?: number } = {}): Map<string, Uint8Array> {
  return ctSeries({ instances: 3, rows: 16, ...options, attributes: (attributes) => ({ ...attributes, ...changes }) });
}

function one(bytes: Uint8Array): Map<string, Uint8Array> {
  return new Map([['0.dcm', bytes]]);
}

const tiny = { rows: 16, columns: 16 };
const cases: readonly (readonly [name: string, series: () => Map<string, Uint8Array>, kinds: readonly string[]])[] = [
  ['Burned In Annotation YES', () => ct({ BurnedInAnnotation: 'YES' }), ['burned-in-annotation']],
  ['the same in lower case', () => ct({ BurnedInAnnotation: 'yes' }), ['burned-in-annotation']],
  ['Burned In Annotation NO', () => ct({ BurnedInAnnotation: 'NO' }), []],
  ['Recognizable Visual Features YES', () => ct({ '00280302': { vr: 'CS', value: 'YES' } }), ['recognizable-features']],
  [
    'both',
    () => ct({ BurnedInAnnotation: 'YES', '00280302': { vr: 'CS', value: 'YES' } }),
    ['burned-in-annotation', 'recognizable-features'],
  ],
  ['a plain CT', () => ct(), []],
  ['a screen save of a CT', () => ct({ ImageType: ['DERIVED', 'SECONDARY', 'SCREEN SAVE'] }), ['screen-capture']],
  ['modality OT', () => ct({ Modality: 'OT' }), ['screen-capture']],
  ['modality XC', () => ct({ Modality: 'XC' }), ['photograph']],
  ['a radiograph', () => one(radiograph(tiny)), []],
  ['a secondary capture', () => one(secondaryCapture(tiny)), ['secondary-capture']],
  ['ultrasound', () => one(paletteUltrasound(tiny)), ['ultrasound']],
];

it.each(cases)('%s', async (_, series, kinds) => {
  writeSeriesFolder(folder, series());
  const { report } = await createMosaic(folder, small);
  expect((report.privacy ?? []).map(({ kind }) => kind)).toEqual(kinds);
  expect(report.warnings.filter((each) => each.startsWith(sentence))).toHaveLength(kinds.length === 0 ? 0 : 1);
  const strict = createMosaic(folder, { ...small, strictPrivacy: true });
  if (kinds.length === 0) await expect(strict).resolves.toMatchObject({ report: { warnings: report.warnings } });
  else await expect(strict).rejects.toMatchObject({ code: 'privacy', risks: report.privacy });
});

describe('one instance of many', () => {
  const instances = 60;
  // So long that the header pass does not reach group 0028.
  const long: Attributes = { '00211010': { vr: 'OB', value: new Uint8Array(40_000) } };

  function write(marked: number): void {
    const plain = ct(long, { instances });
    const said = ct({ ...long, BurnedInAnnotation: 'YES' }, { instances });
    const key = [...plain.keys()][marked] ?? '';
    writeSeriesFolder(folder, new Map([...plain, [key, said.get(key) ?? new Uint8Array()]]));
  }

  it('is counted where it is shown, though the header pass did not read so far', async () => {
    write(0);
    const options = { ...small, tileWidth: 2 };
    const { report } = await createMosaic(folder, options);
    expect(report.privacy).toEqual([{ kind: 'burned-in-annotation', instances: 1 }]);
    expect(report.warnings).toContain(
      `${sentence}Burned In Annotation is YES (1 of 60 instances). Look at it before you share it (docs/privacy.md).`,
    );
    await expect(createMosaic(folder, { ...options, strictPrivacy: true })).rejects.toMatchObject({ code: 'privacy' });
  });

  it('is known to a warm header index', async () => {
    write(0);
    const options = { imageWidth: 16, tileWidth: 2, cacheDir: join(work, 'cache') } as const;
    const cold = await createMosaic(folder, options);
    const warm = await createMosaic(folder, options);
    expect(warm.report.index?.recalled).toBe(instances);
    expect(warm.report.privacy).toEqual(cold.report.privacy);
    expect(warm.report.warnings).toEqual(cold.report.warnings);
    await expect(createMosaic(folder, { ...options, strictPrivacy: true })).rejects.toMatchObject({ code: 'privacy' });
  });

  it('is noticed by a draft that shows it', async () => {
    write(0);
    await expect(
      createMosaic(folder, { ...small, tileWidth: 8, draft: true, strictPrivacy: true }),
    ).rejects.toMatchObject({ code: 'privacy' });
  });
});

describe('a slide', () => {
  it('is refused for its labels only where they would be shown', async () => {
    writeSeriesFolder(folder, wholeSlideSeries());
    const { report } = await createMosaic(folder, { ...small, strictPrivacy: true });
    expect(report).not.toHaveProperty('privacy');
    const labelled = await createMosaic(folder, { ...small, includeLabel: true });
    expect(labelled.report.privacy).toContainEqual({ kind: 'slide-label', instances: 2 });
    await expect(createMosaic(folder, { ...small, includeLabel: true, strictPrivacy: true })).rejects.toMatchObject({
      code: 'privacy',
    });
  });

  it('may say that its label is in an image', async () => {
    writeSeriesFolder(folder, ct({ '00480010': { vr: 'CS', value: 'YES' }, SOPClassUID: sopClass.ct }));
    const { report } = await createMosaic(folder, small);
    expect(report.privacy).toEqual([{ kind: 'slide-label', instances: 3 }]);
  });
});

it('an open series tells the risks before a pixel is read, and its views refuse', async () => {
  writeSeriesFolder(folder, one(paletteUltrasound(tiny)));
  await using previewer = createPreviewer();
  await using series = await previewer.openSeries(folder, { noCache: true });
  expect(series.info.privacy).toEqual([{ kind: 'ultrasound', instances: 1 }]);
  await expect(series.image({ position: 0, strictPrivacy: true })).rejects.toMatchObject({ code: 'privacy' });
  await expect(series.image({ position: 0 })).resolves.toHaveProperty('report.privacy');
});

describe('the program', () => {
  it('warns once on standard error', async () => {
    writeSeriesFolder(folder, one(paletteUltrasound({ ...tiny, frames: 4 })));
    const { status, err } = await runHere('mosaic', folder, join(work, 'a.png'), '--image-width', '16');
    expect(status).toBe(0);
    expect(err.split('\n').filter((line) => line.includes('patient'))).toEqual([
      `warning: ${sentence}ultrasound images often hold text. Look at it before you share it (docs/privacy.md).`,
    ]);
  });

  it('ends with 7 under --strict-privacy, says so in JSON, and leaves the old picture', async () => {
    writeSeriesFolder(folder, one(secondaryCapture(tiny)));
    const [output, json] = [join(work, 'a.png'), join(work, 'a.json')];
    writeFileSync(output, 'old');
    const { status, err } = await runHere('mosaic', folder, output, '--strict-privacy', '--json', json);
    expect(status).toBe(7);
    expect(err).toMatch(/^error: .*secondary captures often hold text/m);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ error: { code: 'privacy' } });
    expect(readFileSync(output, 'utf8')).toBe('old');
    expect(readdirSync(work).sort()).toEqual(['a.json', 'a.png', 'series']);
  });
});

it('says which instances it is about', async () => {
  writeSeriesFolder(folder, one(secondaryCapture(tiny)));
  const error: PrivacyError = await createMosaic(folder, { ...small, strictPrivacy: true }).catch((thrown) => thrown);
  expect(error.risks).toEqual([{ kind: 'secondary-capture', instances: 1 }]);
});
