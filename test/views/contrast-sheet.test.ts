import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createContrastSheet, createMosaic, type Preview } from '../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-sheet-'));
writeSeriesFolder(folder, ctSeries({ instances: 9, rows: 32, windows: [{ center: 40, width: 400 }] }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A column of the picture's cells, as bytes. */
async function columnOf({ bytes, report }: Preview, column: number): Promise<Buffer> {
  const { grid, height } = report.output;
  const region = { left: column * (grid.cellWidth + grid.gap), top: 0, width: grid.cellWidth, height };
  return await sharp(bytes).extract(region).toColourspace('b-w').raw().toBuffer();
}

describe('a contrast sheet', () => {
  const plain = { imageWidth: 32, format: 'png', labels: false } as const;

  it('has in each column what a mosaic in that contrast shows', async () => {
    const contrasts = ['lung', 'stored', '100,50'];
    const sheet = await createContrastSheet(folder, { ...plain, contrasts, samples: 3 });
    expect(sheet.report.output.grid).toMatchObject({ columns: 3, rows: 3, gap: 2 });
    for (const [column, contrast] of contrasts.entries()) {
      const mosaic = await createMosaic(folder, {
        ...{ ...plain, columns: 1, rows: 3, gap: 2 },
        contrast: contrast === 'stored' ? undefined : contrast,
      });
      expect(await columnOf(sheet, column)).toEqual(await columnOf(mosaic, 0));
    }
  });

  it('reports each cell with its window, and reads each image once', async () => {
    const sheet = await createContrastSheet(folder, { ...plain, contrasts: ['lung', 'bone'], samples: 2 });
    const cells = sheet.report.tiles.map(({ index, row, column, contrast, window }) => {
      return [index, row, column, contrast, window?.width, window?.source];
    });
    expect(cells).toEqual([
      [0, 0, 0, 'lung', 1500, 'preset'],
      [0, 0, 1, 'bone', 2000, 'preset'],
      [8, 1, 0, 'lung', 1500, 'preset'],
      [8, 1, 1, 'bone', 2000, 'preset'],
    ]);
    const mosaic = await createMosaic(folder, { ...plain, columns: 1, rows: 2 });
    expect(sheet.report.io).toEqual(mosaic.report.io);
  });

  it('shows the images nearest to the asked positions, in that order', async () => {
    const { report } = await createContrastSheet(folder, { ...plain, contrasts: ['auto'], positions: [1, 0.5, 0] });
    expect(report.tiles.map(({ index }) => index)).toEqual([8, 4, 0]);
    expect(report.output.grid).toMatchObject({ columns: 1, rows: 3 });
  });

  it('writes the contrasts on the picture unless labels are off', async () => {
    const options = { ...plain, contrasts: ['lung', 'bone'], samples: 1, imageWidth: 128 };
    const without = await createContrastSheet(folder, options);
    const labelled = await createContrastSheet(folder, { ...options, labels: undefined });
    expect(labelled.report.output.height).toBeGreaterThan(without.report.output.height);
  });

  it.each([
    [{ contrasts: [] }, /1 to 16 values for contrasts/],
    [{ contrasts: ['lnug'] }, /Did you mean 'lung'/],
    [{ contrasts: ['lung'], positions: [0.5], samples: 3 }, /either positions or samples/],
    [{ contrasts: ['lung'], positions: [] }, /1 to 1000 values for positions/],
    [{ contrasts: ['lung'], contrast: 'bone' }, /no option 'contrast'/],
  ])('refuses %j', async (options, message) => {
    await expect(createContrastSheet(folder, options)).rejects.toThrow(message);
  });
});
