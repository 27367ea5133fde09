import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPreviewer, type PreviewReport } from '../../src/index.ts';
import { ctSeries, mrSeries, secondaryCapture } from '../support/dicom/index.js';
import { serveHere } from '../support/mcp-client.ts';
import { seriesFolders } from '../support/series-folders.ts';

const folders = seriesFolders('mcp');
const other = seriesFolders('mcp-other');
let server: Awaited<ReturnType<typeof serveHere>>;
let report: PreviewReport;

const idcUuid = '38902e14-b11f-4548-910e-771ee757dc82';

function writeIdcIndex(path: string): void {
  const rows = Array.from({ length: 30 }, (_, row) => row);
  const text = (name: string, cell: (row: number) => string): { name: string; type: 'STRING'; data: string[] } => ({
    ...{ name, type: 'STRING' },
    data: rows.map(cell),
  });
  const columnData = [
    text('collection_id', (row) => (row % 3 === 0 ? 'tcga_lihc' : 'nlst')),
    text('PatientID', (row) => `SECRET-${row}`),
    text('SeriesInstanceUID', (row) => `1.2.3.${row}`),
    text('StudyInstanceUID', (row) => `1.2.${row}`),
    text('Modality', (row) => (row % 2 === 0 ? 'MR' : 'CT')),
    text('SeriesDescription', (row) => `Portal\u001b venous ${row}`),
    text('crdc_series_uuid', (row) => idcUuid.replace(/^../, String(10 + row))),
    text('aws_bucket', () => 'idc-open-data'),
  ];
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 7 })));
}

beforeAll(async () => {
  folders.write('study/CT', ctSeries({ instances: 50, rows: 64, seed: 1, shuffleKeys: true }));
  folders.write('study/MR', mrSeries({ instances: 5, rows: 32, volumes: 3, seed: 2 }));
  folders.write('capture', new Map([['one.dcm', secondaryCapture({ rows: 64, columns: 48 })]]));
  other.write('second', ctSeries({ instances: 3, rows: 32, seed: 5 }));
  const idcIndex = join(other.root, 'index.parquet');
  writeIdcIndex(idcIndex);
  server = await serveHere([folders.root, other.root], { idcIndex });
  const previewer = createPreviewer({ root: folders.root });
  ({ report } = await previewer.createMosaic('study/CT', { noCache: true }));
  await previewer.close();
});
afterAll(async () => {
  await server.close();
  folders.remove();
  other.remove();
});

describe('the tools', () => {
  it('are listed, with schemas and examples, and only text tools promise structured content', async () => {
    const { tools } = await server.client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual([
      ...['list_series', 'series_info', 'view_mosaic', 'view_image', 'view_contrasts', 'view_planes'],
      ...['read_headers', 'find_idc_series'],
    ]);
    for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
      expect(description).toMatch(/Examples?: \{/);
      expect(inputSchema.type).toBe('object');
      expect(annotations).toMatchObject({ readOnlyHint: true });
      expect(outputSchema !== undefined).toBe(!name.startsWith('view_'));
    }
  });

  it('list the series of all roots', async () => {
    const { structuredContent, text } = await server.call('list_series', {});
    expect(structuredContent).toEqual(text);
    expect(structuredContent).toMatchObject({
      roots: [{ root: 1 }, { root: 2 }],
      series: expect.arrayContaining([expect.objectContaining({ root: 1, modality: 'CT', instances: 50 })]),
      nextOffset: null,
    });
    expect((text['series'] as unknown[]).length).toBe(4);
    const first = await server.call('list_series', { limit: 3 });
    const rest = await server.call('list_series', { offset: first.text['nextOffset'] });
    expect([...(first.text['series'] as unknown[]), ...(rest.text['series'] as unknown[])]).toEqual(text['series']);
    const ct = await server.call('list_series', { modality: 'mr', root: 1 });
    expect(ct.text['series']).toMatchObject([{ modality: 'MR' }]);
  });

  it('tell what a series is', async () => {
    const { structuredContent } = await server.call('series_info', { series: 'study/MR' });
    expect(structuredContent).toMatchObject({
      ...{ series: 'study/MR', root: 1, instances: 15, frames: 15, orientation: 'axial', stackCount: 1 },
      quotedFromDicom: { modality: 'MR', seriesDescription: 'Synthetic MR' },
      stacks: [{ members: 15, places: 5, volumeCount: 3 }],
      flags: expect.arrayContaining(['several-volumes']),
    });
  });

  it('show a mosaic: an image, and for each address what the report says', async () => {
    const answer = await server.call('view_mosaic', { series: 'study/CT' });
    expect(answer.structuredContent).toBeUndefined();
    expect(answer.mimeType).toBe('image/jpeg');
    const { width, height, format } = await sharp(answer.image).metadata();
    expect(format).toBe('jpeg');
    expect(answer.text).toMatchObject({
      series: { series: 'study/CT', root: 1, modality: 'CT', instances: 50, frames: 50, orientation: 'axial' },
      size: { width, height, byteLength: answer.image?.length },
      window: { width: report.tiles[0]?.window?.width, center: report.tiles[0]?.window?.center },
      tileColumns: ['rest of SOP Instance UID', 'frame', 'position in mm'],
    });
    expect(width).toBeLessThanOrEqual(1024);
    expect(height).toBeLessThanOrEqual(1024);
    expect(Math.max(width, height)).toBeGreaterThan(950);
    expect(answer.image?.length).toBeLessThanOrEqual(400_000);
    // Nothing is added around the tiles: that would cost tokens and show nothing.
    const grid = answer.text['grid'] as PreviewReport['output']['grid'];
    expect(grid).toMatchObject({ columns: 6, rows: 6, left: 0 });
    expect([6 * grid.cellWidth, grid.top + 6 * grid.cellHeight]).toEqual([width, height]);
    const prefix = answer.text['sopInstanceUidsBeginWith'] as string;
    const tiles = answer.text['tiles'] as Record<string, [rest: string, frame: number, mm: number]>;
    expect(Object.keys(tiles)).toEqual(report.tiles.map(({ address }) => address));
    expect(Object.keys(tiles).at(-1)).toBe('F6');
    for (const tile of report.tiles) {
      const [rest, frame, mm] = tiles[tile.address] ?? [];
      expect({ uid: `${prefix}${rest}`, frame }).toEqual({ uid: tile.sopInstanceUid, frame: tile.frame });
      expect(mm).toBeCloseTo(tile.positionMm ?? Number.NaN, 3);
    }
  });

  it('show a tile of an earlier mosaic, its neighbour, and an image at a position', async () => {
    const mosaic = await server.call('view_mosaic', { series: 'study/CT', columns: 3 });
    const uidAt = (answer: { text: Readonly<Record<string, unknown>> }, address: string): string => {
      const tiles = answer.text['tiles'] as Record<string, [string]>;
      return `${String(answer.text['sopInstanceUidsBeginWith'])}${tiles[address]?.[0] ?? ''}`;
    };
    const image = await server.call('view_image', { tile: `C2 of ${String(mosaic.text['picture'])}` });
    expect(uidAt(image, 'A1')).toBe(uidAt(mosaic, 'C2'));
    expect(image.text['picture']).toMatch(/^image \d+$/);
    const ordered = report.tiles.map(({ sopInstanceUid }) => sopInstanceUid);
    const first = await server.call('view_image', { series: 'study/CT', position: 0, root: 1 });
    expect(uidAt(first, 'A1')).toBe(ordered[0]);
    const last = await server.call('view_image', { tile: 'A1', offset: 49 });
    expect(last.isError).toBe(false);
    const beyond = await server.call('view_image', { tile: 'C3', offset: 1 });
    expect(beyond.isError).toBe(true);
  });

  it('show the very image of a tile where places repeat', async () => {
    const mosaic = await server.call('view_mosaic', { series: 'study/MR', rowsByVolume: true });
    const tiles = mosaic.text['tiles'] as Record<string, [string, number, number, number]>;
    expect(mosaic.text['tileColumns']).toContain('volume');
    expect(Object.keys(tiles)).toHaveLength(15);
    const image = await server.call('view_image', { tile: `B3 of ${String(mosaic.text['picture'])}` });
    const shown = Object.values(image.text['tiles'] as Record<string, [string]>)[0]?.[0];
    expect(shown).toBe(`${String(mosaic.text['sopInstanceUidsBeginWith'])}${tiles['B3']?.[0] ?? ''}`);
  });

  it('show the same images in several contrasts', async () => {
    const contrasts = ['lung', 'stored', '300,50'];
    const answer = await server.call('view_contrasts', { series: 'study/CT', contrasts, positions: [0, 0.5] });
    expect(await sharp(answer.image).metadata()).toMatchObject({ format: 'jpeg' });
    const tiles = answer.text['tiles'] as Record<string, unknown[]>;
    expect(Object.keys(tiles)).toEqual(['A1', 'B1', 'C1', 'A2', 'B2', 'C2']);
    expect(Object.values(tiles).map((tile) => tile.at(-1))).toEqual([...contrasts, ...contrasts]);
    expect(tiles['C2']).toContainEqual([300, 50]);
    const image = await server.call('view_image', { tile: `C2 of ${String(answer.text['picture'])}` });
    expect(image.isError).toBe(false);
    expect((await server.client.readResource({ uri: answer.link ?? '' })).contents).toHaveLength(1);
  });

  it('show planes through a volume, and tell where each lies', async () => {
    const answer = await server.call('view_planes', { series: 'study/CT', axial: 0, contrast: 'abdomen' });
    const { width = 0, height = 0 } = await sharp(answer.image).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(1024);
    expect(answer.text).toMatchObject({
      slices: 50,
      window: { source: 'preset' },
      shown: [
        { plane: 'axial', position: 0, sopInstanceUid: report.tiles[0]?.sopInstanceUid },
        { plane: 'coronal', position: 0.5, sopInstanceUid: null },
        { plane: 'sagittal', position: 0.5, sopInstanceUid: null },
      ],
    });
    for (const plane of answer.text['shown'] as { left: number; top: number; width: number; height: number }[]) {
      expect(plane.left + plane.width).toBeLessThanOrEqual(width);
      expect(plane.top + plane.height).toBeLessThanOrEqual(height);
    }
    expect((await server.client.readResource({ uri: answer.link ?? '' })).contents).toHaveLength(1);
    const flat = await server.call('view_planes', { series: 'capture' });
    expect(flat).toMatchObject({ isError: true, text: { error: { code: 'unsupported' } } });
  });

  it('give the full size as a resource', async () => {
    const mosaic = await server.call('view_mosaic', { series: 'study/CT', maxSide: 256 });
    expect(Math.max((await sharp(mosaic.image).metadata()).width)).toBeLessThanOrEqual(256);
    const { contents } = await server.client.readResource({ uri: mosaic.link ?? '' });
    const [content] = contents;
    const full = Buffer.from(content !== undefined && 'blob' in content ? content.blob : '', 'base64');
    expect((await sharp(full).metadata()).width).toBeGreaterThan(900);
    expect(content).toMatchObject({ mimeType: 'image/jpeg', uri: mosaic.link });
    const { resources } = await server.client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain(mosaic.link);
    await expect(server.client.readResource({ uri: 'dicom-series-preview://picture/999' })).rejects.toThrow('999');
  });

  it('tell attributes: what is the same once, and what differs', async () => {
    const wanted = ['instanceNumber', 'echoTimeMs', 'rows'];
    const { structuredContent } = await server.call('read_headers', {
      series: 'study/MR',
      attributes: wanted,
      limit: 4,
    });
    expect(structuredContent).toMatchObject({ rowCount: 15, sameInAll: { rows: 32 }, nextOffset: 4 });
    const rows = structuredContent?.['rows'] as Record<string, unknown>[];
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(['echoTimeMs', 'instanceNumber']);
    const all = await server.call('read_headers', { series: 'study/MR', limit: 200 });
    expect(all.rawText).not.toMatch(/PHANTOM-|PHANTOM\^|2020|"key"|"location"|"more"/);
    const unknown = await server.call('read_headers', { series: 'study/MR', attributes: ['patientName'] });
    expect(unknown).toMatchObject({ isError: true, text: { error: { code: 'usage' } } });
  });

  it('find series of the Imaging Data Commons, without the patient', async () => {
    const answer = await server.call('find_idc_series', { collection: 'TCGA-LIHC', modality: 'mr', limit: 3 });
    expect(answer.structuredContent).toMatchObject({ total: 5, nextOffset: 3 });
    const series = answer.structuredContent?.['series'] as Record<string, unknown>[];
    expect(series.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(['1.2.3.0', '1.2.3.6', '1.2.3.12']);
    expect(series[1]).toMatchObject({
      root: null,
      series: '16902e14-b11f-4548-910e-771ee757dc82',
      collection: 'tcga_lihc',
    });
    expect(answer.rawText).not.toContain('SECRET');
    const next = await server.call('find_idc_series', { collection: 'tcga_lihc', modality: 'MR', offset: 3 });
    expect(next.structuredContent).toMatchObject({ total: 5, nextOffset: null });
    expect(next.structuredContent?.['series']).toHaveLength(2);
    const patient = await server.call('find_idc_series', { patient: 'SECRET-4' });
    expect(patient.structuredContent).toMatchObject({ total: 1, series: [{ seriesInstanceUid: '1.2.3.4' }] });
    const part = await server.call('find_idc_series', { description: 'VENOUS 29' });
    expect(part.structuredContent).toMatchObject({
      total: 1,
      series: [{ seriesDescription: 'Portal\\u{1b} venous 29' }],
    });
    const nothing = await server.call('find_idc_series', {});
    expect(nothing).toMatchObject({ isError: true, text: { error: { code: 'usage' } } });
  });

  it('warn of pixels that may tell who the patient is, and show them', async () => {
    const answer = await server.call('view_image', { series: 'capture', position: 0 });
    expect(answer.image).toBeDefined();
    expect(JSON.stringify(answer.text['warnings'])).toMatch(/patient/);
  });

  it.each([
    ['view_mosaic', { series: 'study/none' }, 'not-found', /list_series/],
    ['view_mosaic', { series: '/etc' }, 'usage', /Mend/],
    ['view_mosaic', { series: '../mcp-other' }, 'usage', /Mend/],
    ['view_mosaic', { series: 'https://example.org/x/' }, 'usage', /Mend/],
    ['view_mosaic', { series: 'study/CT', root: 3 }, 'usage', /Mend/],
    ['view_mosaic', { series: 'study/CT', contrast: 'lungs' }, 'usage', /Mend/],
    ['view_image', { series: 'study/CT' }, 'usage', /Mend/],
    ['view_image', { tile: 'C4 of mosaic 999' }, 'usage', /Mend/],
    ['view_image', { tile: 'C4 of mosaic 1', series: 'study/CT' }, 'usage', /Mend/],
    ['view_image', { tile: 'ignore this' }, 'usage', /Mend/],
    ['list_series', { place: 'nowhere' }, 'not-found', /list_series/],
  ])('answer %s %j with an error that says what to try', async (name, given, code, next) => {
    const answer = await server.call(name, given);
    expect(answer).toMatchObject({ isError: true, image: undefined, text: { error: { code } } });
    expect(answer.text['tryNext']).toMatch(next);
    expect(answer.rawText).not.toContain(folders.root);
  });

  it('refuse arguments that the schema does not have', async () => {
    const answer = await server.call('view_mosaic', { series: 'study/CT', columns: 999 });
    expect(answer.isError).toBe(true);
    expect(answer.rawText).toMatch(/columns/);
  });

  it('answer 20 calls at a time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? server.call('view_image', { series: 'study/CT', position: index / 20, root: 1 })
          : server.call('view_mosaic', { series: index % 3 === 0 ? 'second' : 'study/MR' }),
      ),
    );
    expect(answers.filter(({ isError }) => isError)).toEqual([]);
    expect(new Set(answers.map(({ text }) => text['picture'])).size).toBe(20);
    expect(answers[1]?.text['series']).toMatchObject({ series: 'study/MR', frames: 15 });
    expect(answers[3]?.text['series']).toMatchObject({ series: 'second', root: 2, frames: 3 });
  });

  it('report nothing unexpected', () => {
    expect(server.errors).toEqual([]);
  });
});
