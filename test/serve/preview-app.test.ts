import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Previewer } from '../../src/index.ts';
import { createGate, type Gate, type GateOptions } from '../../src/serve/gate.ts';
import { createPreviewApp } from '../../src/serve/preview-app.ts';
import { ctSeries, seededUid, writeSeriesFolder } from '../support/dicom/index.js';

const root = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
const instances = ctSeries({ seed: 5, instances: 12, rows: 32 });
writeSeriesFolder(join(root, 'a/series'), instances);
const opened: Previewer[] = [];
afterAll(async () => {
  for (const previewer of opened) await previewer.close();
  rmSync(root, { recursive: true, force: true });
});

function open(options: Partial<GateOptions> = {}, maxWaiting = 32): Gate {
  const gate = createGate({ host: '127.0.0.1', ...options });
  opened.push(createPreviewApp(gate, { root, storage: { noCache: true }, maxWaiting }));
  return gate;
}

const ask = async (gate: Gate, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  gate.app.request(path, { headers: { host: 'localhost', ...headers } });

interface Listed {
  readonly series: readonly { readonly seriesInstanceUid: string; readonly instances: number }[];
  readonly isMore: boolean;
}

async function listOf(gate: Gate): Promise<Listed> {
  return JSON.parse(await (await ask(gate, '/list')).text());
}

async function uidOf(gate: Gate): Promise<string> {
  return (await listOf(gate)).series[0]?.seriesInstanceUid ?? '';
}

it('lists series, and tells about one', async () => {
  const gate = open();
  const { series, isMore } = await listOf(gate);
  expect([series.length, isMore, series[0]?.instances]).toEqual([1, false, 12]);
  const info: unknown = await (await ask(gate, `/series/${await uidOf(gate)}/info`)).json();
  expect(info).toMatchObject({ modality: 'CT', instances: 12 });
  expect(JSON.stringify([series, info])).not.toContain(root);
});

it('makes mosaics and images, which a client need not fetch twice', async () => {
  const gate = open();
  const uid = await uidOf(gate);
  const mosaic = await ask(gate, `/series/${uid}/mosaic.png?columns=3&width=32&contrast=lung`);
  expect([mosaic.status, mosaic.headers.get('content-type')]).toEqual([200, 'image/png']);
  const bytes = Buffer.from(await mosaic.arrayBuffer());
  // PNG, IHDR: width and height.
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([96, 96]);
  const etag = mosaic.headers.get('etag') ?? '';
  const again = await ask(gate, `/series/${uid}/mosaic.png?columns=3&width=32&contrast=lung`, {
    'if-none-match': etag,
  });
  expect(again.status).toBe(304);
  const image = await ask(gate, `/series/${uid}/image.jpg?position=0.2`);
  expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
});

it.each([
  ['mosaic.webp?kolumns=3', 400, 'kolumns'],
  ['mosaic.webp?columns=13', 400, '1 to 12'],
  ['mosaic.webp?columns=3&columns=4', 400, 'once'],
  ['mosaic.webp?columns=12&width=1024', 400, '4096'],
  ['mosaic.webp?width=1e9', 400, 'width'],
  ['mosaic.webp?headers=x', 400, 'headers'],
  ['image.webp?position=2', 400, 'position'],
  ['mosaic.bmp', 400, 'bmp'],
])('refuses %s', async (path, status, said) => {
  const gate = open();
  const response = await ask(gate, `/series/${await uidOf(gate)}/${path}`);
  expect([response.status, await response.json()]).toEqual([
    status,
    { error: { code: 'usage', message: expect.stringContaining(said) } },
  ]);
});

it('knows no series outside its root, and no other names than UIDs', async () => {
  const gate = open();
  expect((await ask(gate, `/series/${seededUid(77, 'other')}/mosaic.webp`)).status).toBe(404);
  for (const name of ['a%2fseries', '..', 'a', '~', 'file:%2f%2f%2fetc', '1*', 'http:%2f%2fhost']) {
    expect([name, (await ask(gate, `/series/${name}/mosaic.webp`)).status]).toEqual([name, 404]);
  }
});

it('tells clients to come back when there is too much to do', async () => {
  const gate = open({}, 2);
  const uid = await uidOf(gate);
  const replies = await Promise.all(Array.from({ length: 5 }, () => ask(gate, `/series/${uid}/mosaic.webp`)));
  const statuses = replies.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 429, 429, 429]);
  const busy = replies.find(({ status }) => status === 429);
  expect(Number(busy?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  // There is room again.
  expect((await ask(gate, `/series/${uid}/mosaic.webp`)).status).toBe(200);
});

it('writes no UID into the log or the metrics unless asked', async () => {
  const lines: string[] = [];
  const gate = open({ onLog: (line) => lines.push(line) });
  const uid = await uidOf(gate);
  await ask(gate, `/series/${uid}/image.webp?position=0.5`);
  await ask(gate, `/series/${uid}`);
  const metrics = await (await ask(gate, '/metrics')).text();
  expect(lines.join('\n')).toContain('GET /series/:uid/image.webp 200');
  expect(lines.join('\n') + metrics).not.toContain(uid);
  expect(metrics).toContain('dicom_series_preview_requests_total{route="image",status="200"} 1');
  const told: string[] = [];
  const open2 = open({ onLog: (line) => told.push(line), logUids: true });
  await ask(open2, `/series/${uid}/info`);
  expect(told.join('')).toContain(uid);
});
