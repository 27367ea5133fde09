import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { run } from '../../src/cli/run.ts';
import { ctInstances } from '../support/dicom/index.js';
import { zipOf } from '../support/zip.ts';

/** Every credential below holds this word, so that whatever comes of it (a part, an encoding) can be searched for. */
const SECRET = 'TopSecret';
const objects = new Map([...ctInstances({ instances: 9, rows: 16 })].map(({ name, bytes }) => [name, bytes]));
const archive = zipOf(objects);

/** How the server answers: rightly, or with a failure that repeats the request, as careless servers do. */
type Mode = 'right' | 401 | 403 | 404 | 500 | 'garbage' | 'drop';
let mode: Mode = 'right';
/** Credentials arrived. */
let arrived = 0;

const server: Server = createServer((request, response) => answer(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const origin = `http://127.0.0.1:${port}`;
const work = mkdtempSync(join(tmpdir(), 'dicom-series-preview-secrets-'));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(work, { recursive: true, force: true });
});
beforeEach(() => {
  arrived = 0;
});
afterEach(() => vi.unstubAllEnvs());

function answer(request: IncomingMessage, response: ServerResponse): void {
  const told = `${request.url ?? ''} ${JSON.stringify(request.headers)}`;
  const decoded = Buffer.from(/Basic (\S+?)"/.exec(told)?.[1] ?? '', 'base64').toString();
  if (told.includes(SECRET) || decoded.includes(SECRET) || /SharedKey|AWS4-HMAC/.test(told)) arrived += 1;
  const echo = `<?xml version="1.0"?><Error><Code>${mode}</Code><Message>${told} ${decoded}</Message></Error>`;
  if (mode === 'drop') {
    request.socket.destroy();
    return;
  }
  if (mode === 'garbage') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${told} ${decoded}`);
    return;
  }
  if (mode !== 'right') {
    response.writeHead(mode, { 'content-type': 'application/xml', 'x-told': told.slice(0, 1000) }).end(echo);
    return;
  }
  const url = new URL(request.url ?? '', origin);
  const name = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  const bytes = name === 'series.zip' ? archive : objects.get(name);
  if (bytes !== undefined) serve(bytes, request, response);
  else if (url.searchParams.has('list-type') || url.searchParams.has('comp')) list(url, response);
  else if (url.pathname.endsWith('/')) {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end([...objects.keys()].map((key) => `<a href="${key}">${key}</a>`).join('\n'));
  } else response.writeHead(404).end(echo);
}

function list(url: URL, response: ServerResponse): void {
  const prefix = url.searchParams.get('prefix') ?? '';
  response.writeHead(200, { 'content-type': 'application/xml' });
  const isAzure = url.searchParams.has('comp');
  const contents = [...objects].map(([key, bytes]) =>
    isAzure
      ? `<Blob><Name>${prefix}${key}</Name><Properties><Content-Length>${bytes.length}</Content-Length></Properties></Blob>`
      : `<Contents><Key>${prefix}${key}</Key><Size>${bytes.length}</Size></Contents>`,
  );
  response.end(
    isAzure
      ? `<EnumerationResults><Blobs>${contents.join('')}</Blobs><NextMarker/></EnumerationResults>`
      : `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
  );
}

function serve(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(first);
  const end = Math.min(bytes.length, last === '' ? bytes.length : Number(last) + 1);
  if (start >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(206, {
    'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
    'content-length': end - start,
  });
  response.end(bytes.subarray(start, end));
}

interface Ended {
  readonly code: number;
  /** All that was said and written: both streams, the report, the cache. */
  readonly said: string;
}

/** Runs the program with everything that makes it talk. */
async function mosaic(series: string, ...args: string[]): Promise<Ended> {
  const folder = mkdtempSync(join(work, 'run-'));
  let said = '';
  const stream = {
    isTTY: true,
    columns: 80,
    write: (chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean => {
      said += Buffer.from(chunk as Uint8Array).toString('latin1');
      done?.();
      return true;
    },
  };
  const context: Context = {
    loadLibrary: () => import('../../src/index.ts'),
    stdout: stream,
    stderr: stream,
    signal: new AbortController().signal,
    programName: 'dicom-series-preview',
  };
  const cache = join(folder, 'cache');
  const output = join(folder, 'a.webp');
  const report = join(folder, 'a.json');
  const fixed = ['--tile-width', '2', '-v', '--json', report, '--retries', '0', '--cache-dir', cache];
  const code = await run(['mosaic', series, output, ...fixed, ...args], context);
  for (const path of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    said += `\n${path.name}\n`;
    if (path.isFile()) said += readFileSync(join(path.parentPath, path.name)).toString('latin1');
  }
  return { code, said };
}

function expectNoSecret(said: string, known: readonly string[] = []): void {
  const forms = [SECRET, ...known].flatMap((text) => [
    text,
    Buffer.from(text).toString('hex'),
    encodeURIComponent(text),
    // The middle of its Base64, whatever stands before it.
    ...[0, 1, 2].map((before) =>
      Buffer.from('x'.repeat(before) + text)
        .toString('base64')
        .slice(4, -4),
    ),
  ]);
  for (const form of forms) expect(said.includes(form), form).toBe(false);
  expect(said).not.toMatch(/SharedKey|AWS4-HMAC|Signature=|sig=|Bearer |Basic /);
}

const sas = `sv=2020-12-06&sp=rl&sig=${SECRET}%2Babc%3D`;
const azureEndpoint = ['--endpoint-url', origin];
const key = Buffer.from(`${SECRET}-key`).toString('base64');

interface Case {
  readonly what: string;
  readonly series: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Credentials go out with the first request, not after a refusal. */
  readonly isEager: boolean;
}

const cases: readonly Case[] = [
  { what: 'a password in the URL', series: `http://ann:${SECRET}@127.0.0.1:${port}/series/`, isEager: true },
  { what: 'a signature in the URL', series: `${origin}/series/?X-Amz-Signature=${SECRET}`, isEager: true },
  { what: 'a signed archive', series: `${origin}/series.zip?sig=${SECRET}`, isEager: true },
  { what: 'a header', series: `${origin}/series/`, args: ['--header', `X-Api-Key: ${SECRET}`], isEager: true },
  {
    what: 'a password in the environment',
    series: `${origin}/series/`,
    environment: { DICOM_SERIES_PREVIEW_HTTP_USER: 'ann', DICOM_SERIES_PREVIEW_HTTP_PASSWORD: SECRET },
    isEager: true,
  },
  {
    what: 'a token in the environment',
    series: `${origin}/series/`,
    environment: { DICOM_SERIES_PREVIEW_TOKEN: SECRET },
    isEager: true,
  },
  {
    what: 'a signature for Azure in the URL',
    series: `az://account/cont/s?${sas}`,
    args: azureEndpoint,
    isEager: true,
  },
  {
    what: 'a signature for Azure in the environment',
    series: 'az://account/cont/s',
    args: azureEndpoint,
    environment: { AZURE_STORAGE_SAS_TOKEN: sas },
    isEager: true,
  },
  {
    what: 'a key for Azure',
    series: 'az://account/cont/s',
    environment: {
      AZURE_STORAGE_CONNECTION_STRING: `AccountName=account;AccountKey=${key};BlobEndpoint=${origin}/account`,
    },
    isEager: true,
  },
  {
    what: "a token for Google's store",
    series: 'gs://bucket/s',
    args: azureEndpoint,
    environment: { CLOUDSDK_AUTH_ACCESS_TOKEN: SECRET },
    isEager: false,
  },
  {
    what: 'keys for S3',
    series: 's3://bucket/s',
    args: azureEndpoint,
    environment: {
      AWS_ACCESS_KEY_ID: `${SECRET}Id`,
      AWS_SECRET_ACCESS_KEY: `${SECRET}Key`,
      AWS_SESSION_TOKEN: `${SECRET}Token`,
    },
    isEager: true,
  },
  {
    what: 'a token for DICOMweb',
    series: `dicomweb+${origin}/dicom-web/studies/1.2/series/1.3`,
    environment: { DICOM_SERIES_PREVIEW_TOKEN: SECRET },
    isEager: true,
  },
];

describe.each(cases)('$what', ({ series, args = [], environment = {}, isEager }) => {
  const modes: readonly Mode[] = ['right', 401, 403, 404, 500, 'garbage', 'drop'];
  it.each(modes)('is used and told nobody: %s', async (how) => {
    mode = how;
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const { code, said } = await mosaic(series, ...args);
    if (how === 'right' && !series.startsWith('dicomweb'))
      expect([code, said.slice(0, 500)]).toEqual([0, expect.anything()]);
    else expect(code).not.toBe(0);
    if (isEager || how === 401) expect(arrived).toBeGreaterThan(0);
    expectNoSecret(said, [key]);
  });
});

describe('what cannot be used', () => {
  it.each([
    ['az://account?sig=TopSecret'],
    ['az://ACCOUNT/c?sig=TopSecret'],
    ['https://ann:TopSecret@account.blob.core.windows.net/container'],
    ['http://ann:TopSecret@'],
    ['dicomweb+http://ann:TopSecret@/x'],
    ['ftp://ann:TopSecret@host/x'],
  ])('is refused without being repeated: %s', async (series) => {
    const { code, said } = await mosaic(series);
    expect(code).toBe(2);
    expectNoSecret(said);
  });

  it.each([
    ['--header', 'TopSecret'],
    ['--header', 'Host: TopSecret'],
    ['--header', 'X-A: x\nX-B: TopSecret'],
    ['--endpoint-url', 'http://ann:TopSecret@host'],
    ['--endpoint-url', 'TopSecret'],
  ])('nor as an option: %s %s', async (option, value) => {
    for (const series of ['http://127.0.0.1:9/x/', 's3://bucket/x', 'gs://bucket/x', 'az://account/cont/x']) {
      if (option === '--endpoint-url' && series.startsWith('http')) continue;
      if (option === '--header' && !series.startsWith('http')) continue;
      const { code, said } = await mosaic(series, option, value);
      expect(code).toBe(2);
      expectNoSecret(said);
    }
  });
});
