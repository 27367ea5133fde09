import { afterAll, describe, expect, it } from 'vitest';
import {
  type Attributes,
  ctSeries,
  localizerSeries,
  mrSeries,
  sopClass,
  transferSyntax,
} from '../support/dicom/index.js';
import { runWithLibrary } from '../support/run-with-library.ts';
import { seriesFolders } from '../support/series-folders.ts';

const { write, remove } = seriesFolders('info');
afterAll(remove);

async function infoOf(folder: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out } = await runWithLibrary(['info', folder, '--json', '--no-cache', ...args]);
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe('info', () => {
  it('tells people what a series is, without the patient', async () => {
    const folder = write('echoes', mrSeries({ instances: 4, rows: 8, volumes: 2, windowsPerInstance: true }));
    const { code, out, err } = await runWithLibrary(['info', folder, '--no-cache']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Modality +MR$/m);
    expect(out).toMatch(/^Images +8 x 8$/m);
    expect(out).toMatch(/^Made by +PHANTOM/m);
    expect(out).toMatch(/^Flags +few-instances, several-volumes$/m);
    expect(out).toMatch(/^axial +8 +4 +2 /m);
    expect(out).toMatch(/^2 +4 +35 ms$/m);
    expect(out).not.toMatch(/PHANTOM[\^-]|^Date/m);
    expect(err).toMatch(/note: 4 places x 2 volumes \(echo 15, 35 ms\)/);
  });

  it.each(['info', 'list'])('tells that nobody got what it printed: %s', async (command) => {
    const folder = write(`full-${command}`, ctSeries({ instances: 2, rows: 8 }));
    const { code, err } = await runWithLibrary([command, folder, '--no-cache', '--quiet'], new Error('write ENOSPC'));
    expect([code, err]).toEqual([1, 'error: Standard output could not be written (write ENOSPC).\n']);
  });

  it('tells programs all of it', async () => {
    const folder = write('ct', ctSeries({ instances: 12, rows: 8, windows: [{ center: 40, width: 400 }] }));
    expect(await infoOf(folder)).toMatchObject({
      modality: 'CT',
      manufacturer: 'PHANTOM',
      instances: 12,
      flags: [],
      windows: [{ center: 40, width: 400, images: 12 }],
      differentWindows: 1,
      unknownWindows: 0,
      frameRate: null,
    });
  });

  it.each([
    [
      'two distances',
      ctSeries({ instances: 10, rows: 8, sliceOffsetsMm: [0, 4, 8, 12, 16, 23, 30, 37, 44, 51] }),
      ['irregular-spacing'],
    ],
    ['gaps', ctSeries({ instances: 6, rows: 8, sliceOffsetsMm: [0, 5, 10, 15, 60, 65] }), ['few-instances', 'gaps']],
    [
      'irregular',
      ctSeries({ instances: 6, rows: 8, sliceOffsetsMm: [0, 5, 11, 16, 21, 26] }),
      ['few-instances', 'irregular-spacing'],
    ],
    ['localizer', localizerSeries({ rows: 8 }), ['few-instances', 'localizer', 'mixed-orientation']],
    [
      'lossy',
      ctSeries({
        instances: 10,
        rows: 8,
        attributes: (all) => ({
          ...all,
          '00282110': { vr: 'CS', value: '01' },
          '00282112': { vr: 'DS', value: '8.5\\10' },
          '00280301': { vr: 'CS', value: 'YES' },
        }),
      }),
      ['lossy-compression', 'lossy-twice', 'burned-in-annotation'],
    ],
    [
      'repeated',
      [...mrSeries({ instances: 12, rows: 8, volumes: 2 })].filter((_, index) => index % 2 === 0 || index === 3),
      ['repeated-places'],
    ],
    [
      'mixed',
      new Map(
        [transferSyntax.explicitLittleEndian, transferSyntax.implicitLittleEndian].flatMap((transferSyntaxUid, index) =>
          [...ctSeries({ instances: 12, rows: 8, transferSyntaxUid })].filter((_, at) => at % 2 === index),
        ),
      ),
      ['mixed-transfer-syntaxes'],
    ],
    [
      'missing',
      new Map([...mrSeries({ instances: 6, rows: 8, volumes: 2 })].filter((_, index) => index !== 3)),
      ['several-volumes', 'missing-places'],
    ],
    [
      'unplaced',
      ctSeries({
        instances: 10,
        rows: 8,
        geometry: 'none',
        attributes: (all) => ({ ...all, SOPClassUID: sopClass.ct }),
      }),
      ['no-position'],
    ],
  ] as const)('flags what to look at: %s', async (name, series, flags) => {
    expect(await infoOf(write(name, series))).toMatchObject({ flags });
  });

  it('tells the date on demand', async () => {
    const attributes = (all: Attributes): Attributes => ({ ...all, SeriesDate: '20200131' });
    const folder = write('dated', ctSeries({ instances: 2, rows: 8, attributes }));
    expect(await infoOf(folder)).not.toHaveProperty('seriesDate');
    expect(await infoOf(folder, '--include-patient')).toHaveProperty('seriesDate', '20200131');
  });
});
