import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createMosaic, type MosaicOptions, mosaicFormatOf } from '../../src/index.ts';
import { ctSeries, secondaryCapture, writeSeriesFolder } from '../support/dicom/index.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folderOf(series: Iterable<readonly [string, Uint8Array]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-page-'));
  folders.push(folder);
  writeSeriesFolder(folder, series);
  return folder;
}

async function pageOf(folder: string, options: MosaicOptions = {}): Promise<string> {
  const given = { columns: 2, rows: 2, imageWidth: 32, ...options, format: 'html' } as const;
  return new TextDecoder().decode((await createMosaic(folder, given)).bytes);
}

const windows = [{ center: 40, width: 400 }];

describe('a mosaic page', () => {
  it('holds each image in each window, as a mosaic in that window shows it', async () => {
    const folder = folderOf(ctSeries({ instances: 4, rows: 32, windows }));
    const page = await pageOf(folder, { quality: 100 });
    const names = Array.from(page.matchAll(/<input type="radio"[^>]*> ([\w-]+) /g), ([, name = '']) => name);
    expect(names).toEqual(['stored', 'lung', 'mediastinum', 'bone', 'brain']);
    const images = [...page.matchAll(/<img data-window="(\d)"[^>]*base64,([^"]+)">/g)];
    expect(images).toHaveLength(4 * names.length);
    for (const [index, name] of names.entries()) {
      const contrast = name === 'stored' ? undefined : name;
      const options = { columns: 1, rows: 4, imageWidth: 32, format: 'png', contrast } as const;
      const mosaic = await sharp((await createMosaic(folder, options)).bytes)
        .toColourspace('b-w')
        .raw()
        .toBuffer();
      const shown = images.filter(([, window]) => Number(window) === index);
      for (const [tile, [, , base64 = '']] of shown.entries()) {
        const image = await sharp(Buffer.from(base64, 'base64')).extractChannel(0).raw().toBuffer();
        const total = image.reduce((sum, grey, at) => sum + Math.abs(grey - (mosaic[tile * 1024 + at] ?? 0)), 0);
        expect(total / 1024, name).toBeLessThan(3);
      }
    }
  });

  it('forbids everything but what it holds: the policy names its one style and script', async () => {
    const page = await pageOf(folderOf(ctSeries({ instances: 2, rows: 32 })));
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hashes = [/<style>([\s\S]*?)<\/style>/, /<script>([\s\S]*?)<\/script>/].map((part) => {
      const [, text = ''] = part.exec(page) ?? [];
      return `sha256-${createHash('sha256').update(text).digest('base64')}`;
    });
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; img-src data:; style-src '${hashes[0]}'; script-src '${hashes[1]}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/https?:|\sstyle=|\son\w+=/);
  });

  it('escapes what headers and names hold', async () => {
    const description = '"><img src=x onerror=alert(1)>&amp;\'';
    const series = ctSeries({ instances: 2, rows: 32, description, key: (index) => `a<b>"'&${index}.dcm` });
    const page = await pageOf(folderOf(series));
    expect(page).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;&#39;');
    expect(page).toContain('a&lt;b&gt;&quot;&#39;&amp;0.dcm');
    expect(page).not.toContain('<img src=x');
  });

  it('is reported as a page, with the tiles of a mosaic', async () => {
    const folder = folderOf(ctSeries({ instances: 4, rows: 32, windows }));
    const options = { columns: 2, rows: 2, imageWidth: 32 } as const;
    const { bytes, report } = await createMosaic(folder, { ...options, format: 'html' });
    const mosaic = await createMosaic(folder, options);
    expect(report.tiles).toEqual(mosaic.report.tiles);
    expect(report.output).toMatchObject({ format: 'html', byteLength: bytes.length, width: 64, height: 64 });
    expect(report.io).toEqual(mosaic.report.io);
  });

  it('has one window for colour, the asked one first, and says what is missing', async () => {
    const colour = await pageOf(folderOf([['one.dcm', secondaryCapture({ rows: 16, columns: 16 })]]));
    expect(colour).not.toContain('type="radio"');
    const series = ctSeries({ instances: 4, rows: 32, windows });
    series.set('IM00002.dcm', series.get('IM00002.dcm')?.slice(0, -2100) ?? new Uint8Array());
    const page = await pageOf(folderOf(series), { contrast: 'bone' });
    expect(page).toMatch(/value="0" checked> bone /);
    expect(page.match(/> bone /g)).toHaveLength(1);
    expect(page).toContain('<ul class="warnings">');
  });

  it('is what .html and .htm stand for', () => {
    expect([mosaicFormatOf('a.HTML'), mosaicFormatOf('a.htm'), mosaicFormatOf('a.tif')]).toEqual([
      'html',
      'html',
      'tiff',
    ]);
    expect(() => mosaicFormatOf('a.gif')).toThrow('.tiff or .html');
  });
});
