import { fileURLToPath } from 'node:url';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPreviewer, type Previewer } from '../../src/index.ts';
import { type ConnectedClient, connectClient } from '../support/mcp-client.ts';
import { sharedDicom, sharedSeries } from '../support/shared-data.ts';

/** The built program in a process of its own, as clients start it. */
const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const root = `${sharedDicom ?? ''}/series`;

describe.runIf(sharedDicom !== undefined).each(['legacy', 'auto'] as const)('on real series, protocol %s', (mode) => {
  let connected: ConnectedClient;
  let previewer: Previewer;

  beforeAll(async () => {
    const transport = new StdioClientTransport({
      ...{ command: process.execPath, args: [program, 'mcp', '--root', root, '--no-cache'], stderr: 'pipe' },
    });
    connected = await connectClient(transport, mode);
    previewer = createPreviewer({ root });
  });
  afterAll(async () => {
    await connected.client.close();
    await previewer.close();
  });

  it('lists all', async () => {
    const { text } = await connected.call('list_series', { limit: 200 });
    const listed = text['series'] as { instances: number }[];
    expect(listed).toHaveLength(sharedSeries().length);
    const { tools } = await connected.client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain('find_idc_series');
    expect(tools).toHaveLength(7);
  });

  it.each(sharedSeries())('shows %s as the report says it', async (name) => {
    const { call } = connected;
    const answer = await call('view_mosaic', { series: name, columns: 6 });
    const { report } = await previewer.createMosaic(name, { noCache: true, fit: true });
    const { width = 0, height = 0 } = await sharp(answer.image).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(1024);
    expect(answer.image?.length).toBeLessThanOrEqual(400_000);
    const { instances, frames, modality } = report.series;
    expect(answer.text).toMatchObject({ series: { instances, frames, modality }, size: { width, height } });
    const prefix = String(answer.text['sopInstanceUidsBeginWith']);
    const tiles = answer.text['tiles'] as Record<string, [rest: string, frame: number, mm: number | null]>;
    const told = Object.entries(tiles).map(([address, [rest, frame]]) => [address, `${prefix}${rest}`, frame]);
    expect(told).toEqual(report.tiles.map(({ address, sopInstanceUid, frame }) => [address, sopInstanceUid, frame]));
    const { grid } = report.output;
    const drawn = answer.text['grid'] as typeof grid;
    expect([drawn.columns, drawn.rows]).toEqual([grid.columns, grid.rows]);

    const last = report.tiles.at(-1);
    const image = await call('view_image', { tile: `${last?.address ?? ''} of ${String(answer.text['picture'])}` });
    const [[uid] = []] = Object.values(image.text['tiles'] as Record<string, [string]>);
    expect(uid).toBe(last?.sopInstanceUid);
    const info = await call('series_info', { series: name });
    expect(info.structuredContent).toMatchObject({ instances, frames, orientation: report.series.orientation });
    const headers = await call('read_headers', { series: name, limit: 5 });
    // Objects that repeat an instance have rows too.
    expect(headers.structuredContent?.['rowCount']).toBeGreaterThanOrEqual(frames);
    const contrasts = await call('view_contrasts', { series: name, contrasts: ['stored', 'auto'] });
    expect(contrasts.isError).toBe(false);
    const planes = await call('view_planes', { series: name });
    expect(planes.isError ? planes.text['error'] : planes.text['picture']).toEqual(
      planes.isError ? expect.objectContaining({ code: 'unsupported' }) : expect.stringMatching(/^planes \d+$/),
    );
  });
});
