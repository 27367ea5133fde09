import { afterEach, describe, expect, it } from 'vitest';
import {
  AccessDeniedError,
  AmbiguousError,
  NotFoundError,
  StorageError,
  TimeoutError,
  UsageError,
} from '../../../src/base/errors.ts';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { openStore } from '../../../src/storage/open-store.ts';
import type { OpenStoreOptions } from '../../../src/storage/open-store-options.ts';
import type { FrameSource, Store } from '../../../src/types/storage.ts';
import { ctSeries, paletteUltrasound, radiograph, transferSyntax } from '../../support/dicom/index.js';
import { type JsonInstance, takeApart } from '../../support/dicom-json.ts';
import { type DicomwebServer, type DicomwebServerOptions, startDicomwebServer } from '../../support/dicomweb-server.ts';

const ct = [...ctSeries({ instances: 5, rows: 16, series: 'first' }).values()];
const other = [...ctSeries({ instances: 2, rows: 16, series: 'second' }).values()];

const uidOf = (bytes: Uint8Array, tag: string): string => String(takeApart(bytes).json[tag]?.Value?.[0]);
const seriesOf = (bytes: Uint8Array | undefined): string => uidOf(bytes ?? new Uint8Array(0), '0020000E');
const studyOf = (bytes: Uint8Array | undefined): string => uidOf(bytes ?? new Uint8Array(0), '0020000D');
const series = seriesOf(ct[0]);
const study = studyOf(ct[0]);
const uids = ct.map((bytes) => uidOf(bytes, '00080018')).sort();

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface Service {
  readonly server: DicomwebServer;
  readonly store: Store;
  readonly frames: FrameSource;
  readonly warnings: string[];
}

/** Starts a service and opens it, or what `below` names in it. */
async function serve(
  options: Partial<DicomwebServerOptions> = {},
  below = '',
  storeOptions: OpenStoreOptions = {},
): Promise<Service> {
  const server = await startDicomwebServer({ instances: ct, ...options });
  open.push({ close: () => server.stop() });
  const warnings: string[] = [];
  const onWarning = (message: string): void => {
    warnings.push(message);
  };
  const store = await openStore(`${server.root}${below}`, { retries: 0, onWarning, ...storeOptions });
  open.push(store);
  const { frames } = store;
  if (frames === undefined) throw new Error('a DICOMweb store answers frames');
  return { server, store, frames, warnings };
}

const caught = async (promise: Promise<unknown>): Promise<Error> => {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
};

const keyOf = (bytes: Uint8Array | undefined): string =>
  `${seriesOf(bytes)}/${uidOf(bytes ?? new Uint8Array(0), '00080018')}`;

describe('listing', () => {
  it('finds a series by search and lists it by its metadata, which are the headers as well', async () => {
    const { store, frames, server } = await serve({ instances: [...other, ...ct] });
    const objects = await store.list(series);
    expect(objects.map(({ key }) => key)).toEqual(uids.map((uid) => `${series}/${uid}`));
    const headers = await frames.readHeaders(series);
    expect([...headers.keys()].sort()).toEqual(objects.map(({ key }) => key));
    expect(server.paths).toEqual([
      `series?SeriesInstanceUID=${series}&limit=200`,
      `studies/${study}/series/${series}/metadata`,
    ]);
    expect(server.requests.map(({ headers: { accept } }) => accept)).toEqual([
      'application/dicom+json',
      'application/dicom+json',
    ]);
    for (const bytes of ct) {
      const { header } = parseHeader(headers.get(keyOf(bytes)) ?? new Uint8Array(0), { complete: true });
      const expected = parseHeader(bytes, { complete: true }).header;
      expect({ ...header, pixelData: undefined }).toEqual({ ...expected, pixelData: undefined });
    }
  });

  it('asks for metadata alone where the root names study and series', async () => {
    const { store, frames, server } = await serve({}, `/studies/${study}/series/${series}`);
    expect((await store.list('')).map(({ key }) => key)).toEqual(uids);
    expect([...(await frames.readHeaders('')).keys()].sort()).toEqual(uids);
    expect(server.paths).toEqual([`studies/${study}/series/${series}/metadata`]);
    expect(await store.list(series)).toHaveLength(5);
    await expect(store.list('1.2.3')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('opens a study, a series without its study, and one instance', async () => {
    const ofStudy = await serve({}, `/studies/${study}`);
    expect(await ofStudy.store.list('')).toHaveLength(5);
    const ofSeries = await serve({}, `/series/${series}/`);
    expect(await ofSeries.store.list('')).toHaveLength(5);
    const ofInstance = await serve({}, `/studies/${study}/series/${series}/instances/${uids[2]}`);
    expect((await ofInstance.store.list('')).map(({ key }) => key)).toEqual([uids[2]]);
    expect([...(await ofInstance.frames.readHeaders('')).keys()]).toEqual([uids[2]]);
  });

  it('lists series as folders, page by page, whatever the server gives at a time', async () => {
    const many = Array.from({ length: 45 }, (_, index) => [
      ...ctSeries({ instances: 1, rows: 2, series: `s${index}` }).values(),
    ]);
    const instances = many.flat();
    const all = instances.map(seriesOf).sort();
    for (const options of [{}, { pageLength: 20 }, { ignoresOffset: true }]) {
      const { store } = await serve({ instances, ...options });
      expect(await store.listFolders('', '')).toEqual(all);
      expect(await store.listFolders('', (all[7] ?? '').slice(0, -3))).toContain(all[7]);
      expect(await store.listFolders('', 'x')).toEqual([]);
      expect(await store.listFolders('1.2', '')).toEqual([]);
    }
  });

  it('finds the series on servers that ignore filters', async () => {
    const { store } = await serve({ instances: [...other, ...ct], ignoresFilter: true });
    expect(await store.list(series)).toHaveLength(5);
    await expect(store.list('1.2.3')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('says so where there is no such series, or several', async () => {
    const { store } = await serve({ instances: [...other, ...ct] });
    const error = await caught(store.list('1.2.3'));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.message).toContain('/series/1.2.3');
    for (const bad of ['no uid', '../x', `${series}/1`]) {
      await expect(store.list(bad)).rejects.toBeInstanceOf(NotFoundError);
    }
    const ambiguous = await caught(store.list(''));
    expect(ambiguous).toBeInstanceOf(AmbiguousError);
    expect(ambiguous.message).toContain(`studies/${study}/series/${series}`);
    await expect((await serve({ instances: [] })).store.list('')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('lists by search, and reads one by one, where the server has no metadata', async () => {
    for (const status of [404, 501, 406]) {
      const { store, frames, warnings } = await serve({
        refuse: ({ path }) => (path.endsWith('/metadata') ? status : 0),
      });
      expect(await store.list(series)).toHaveLength(5);
      expect((await frames.readHeaders(series)).size).toBe(0);
      expect(warnings.join()).toContain('read one by one');
    }
  });

  it('completes metadata that leave instances out by search', async () => {
    const { store, frames } = await serve({ metadata: (instances) => instances.slice(2) });
    expect(await store.list(series)).toHaveLength(5);
    expect((await frames.readHeaders(series)).size).toBe(3);
  });

  it('leaves out headers whose values make no sense, and instances without a name', async () => {
    const { store, frames, warnings } = await serve(
      {
        metadata: (instances) =>
          instances.map((instance, index) => {
            if (index === 0) return { ...instance, '00280010': { vr: 'US', Value: ['many'] } };
            if (index === 1) return { ...instance, '00200032': { vr: 'DS', BulkDataURI: 'x' } };
            const { '00080018': _uid, ...nameless } = instance;
            return index === 2 ? nameless : instance;
          }),
      },
      `/studies/${study}/series/${series}`,
    );
    expect(await store.list('')).toHaveLength(4);
    expect((await frames.readHeaders('')).size).toBe(2);
    expect(warnings.join()).toContain('1 of the instances');
  });

  it('knows the series where the metadata do not name it, and floats from integers', async () => {
    const metadata = (instances: readonly JsonInstance[]): unknown =>
      instances.map(({ '0020000D': _study, '0020000E': _series, ...rest }, index) => {
        const map = { ...rest, '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.30'] } };
        if (index === 0) return { ...rest, '7FE00008': { vr: 'OF', BulkDataURI: 'x' } };
        if (index === 1) return { ...rest, '7FE00009': { vr: 'OD', BulkDataURI: 'x' } };
        if (index === 2) return { ...map, '00280100': { vr: 'US', Value: [32] } };
        return index === 3 ? { ...map, '00280100': { vr: 'US', Value: [64] } } : rest;
      });
    const { frames } = await serve({ metadata }, `/studies/${study}/series/${series}`);
    const headers = [...(await frames.readHeaders('')).values()].map(
      (bytes) => parseHeader(bytes, { complete: true }).header,
    );
    expect(headers.map(({ pixels }) => pixels?.kind)).toEqual(['float', 'double', 'float', 'double', 'integer']);
    for (const { studyInstanceUid, seriesInstanceUid } of headers) {
      expect([studyInstanceUid, seriesInstanceUid]).toEqual([study, series]);
    }
  });

  it('keeps patients, names and private attributes out of headers, but a few', async () => {
    const extra = {
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Secret^Name' }] },
      '00100030': { vr: 'DA', Value: ['19700101'] },
      '00080090': { vr: 'PN', Value: [{ Alphabetic: 'Secret^Doctor' }] },
      '00091001': { vr: 'LO', Value: ['SecretPrivate'] },
      '0019100A': { vr: 'US', Value: [48] },
    };
    const { frames } = await serve({ metadata: (instances) => instances.map((each) => ({ ...each, ...extra })) });
    for (const bytes of (await frames.readHeaders(series)).values()) {
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/Secret|19700101/);
      expect(Buffer.from(bytes).includes(Buffer.from([0x19, 0, 0x0a, 0x10]))).toBe(true);
    }
  });
});

describe('frames', () => {
  const frameOf = (bytes: Uint8Array | undefined): Uint8Array =>
    takeApart(bytes ?? new Uint8Array(0)).frames[0] ?? new Uint8Array(0);

  it.each<[string, Partial<DicomwebServerOptions>]>([
    ['with a quoted boundary', {}],
    ['with a plain boundary', { wrap: 'plain' }],
    ['as a single part', { wrap: 'single' }],
    ['byte by byte', { chunkLength: 1 }],
    ['gzipped though identity was asked for', { gzip: true }],
    ['gzipped, as a single part', { gzip: true, wrap: 'single' }],
    ['without a word on the syntax', { frameType: () => undefined }],
    ['with the syntax left to the media type', { frameType: () => 'application/octet-stream' }],
  ])('come %s', async (_, options) => {
    const { frames, server } = await serve(options, `/studies/${study}/series/${series}`);
    const [first] = ct;
    const { bytes, transferSyntaxUid } = await frames.readFrame(uidOf(first ?? new Uint8Array(0), '00080018'), 1);
    expect(Buffer.from(bytes).equals(frameOf(first))).toBe(true);
    expect(transferSyntaxUid).toBe(transferSyntax.explicitLittleEndian);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers).toMatchObject({
      accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*',
      'accept-encoding': 'identity',
    });
  });

  it('come in the syntax they are stored in', async () => {
    const instances = [...ctSeries({ instances: 1, rows: 16, transferSyntaxUid: transferSyntax.rleLossless }).values()];
    const { frames } = await serve({ instances });
    const { bytes, transferSyntaxUid } = await frames.readFrame(keyOf(instances[0]), 1);
    expect(transferSyntaxUid).toBe(transferSyntax.rleLossless);
    expect(Buffer.from(bytes).equals(frameOf(instances[0]))).toBe(true);
  });

  it('are asked for otherwise where the server refuses that way, and from then on so', async () => {
    for (const status of [400, 406, 415]) {
      const { frames, server } = await serve(
        { refuse: ({ accept }) => (accept.includes('image/jls') ? 0 : status) },
        `/studies/${study}/series/${series}`,
      );
      for (const uid of uids.slice(0, 3)) expect((await frames.readFrame(uid, 1)).bytes).toHaveLength(512);
      expect(server.requests).toHaveLength(4);
    }
  });

  it('are not asked for any more where there are none', async () => {
    for (const status of [404, 501, 500]) {
      const { frames, server } = await serve({ refuse: ({ path }) => (path.includes('/frames/') ? status : 0) });
      for (let count = 0; count < 10; count++) {
        const error = await caught(frames.readFrame(keyOf(ct[0]), 1));
        expect(error instanceof NotFoundError || error instanceof StorageError).toBe(true);
      }
      expect(server.paths.filter((path) => path.includes('/frames/'))).toHaveLength(4);
    }
  });

  it('that a server fails to make are not tried again and again: the instance is there', async () => {
    const refuse = ({ path }: { readonly path: string }): number => (path.includes('/frames/') ? 500 : 0);
    const root = `/studies/${study}/series/${series}`;
    const { frames, server } = await serve({ refuse }, root, { retries: 3 });
    expect(await caught(frames.readFrame(uids[0] ?? '', 1))).toMatchObject({ status: 500 });
    expect(server.requests).toHaveLength(1);
  });

  it('are refused where they are several, none, or a page of text', async () => {
    const root = `/studies/${study}/series/${series}`;
    const several = await serve({ frame: (frame) => [frame, frame] }, root);
    expect((await caught(several.frames.readFrame(uids[0] ?? '', 1))).message).toContain('2 parts');
    const text = await serve({ frameType: () => 'text/html' }, root);
    expect((await caught(text.frames.readFrame(uids[0] ?? '', 1))).message).toContain('text/html');
  });

  it('come whole over a bad line, or not at all', async () => {
    const root = `/studies/${study}/series/${series}`;
    const expected = frameOf(ct.find((bytes) => uidOf(bytes, '00080018') === uids[0]));
    let faults = 3;
    const flaky = await serve({ fault: () => (faults-- > 0 ? { kind: 'drop' } : undefined) }, root, {
      retries: 5,
      onWarning: () => {},
    });
    expect(Buffer.from((await flaky.frames.readFrame(uids[0] ?? '', 1)).bytes).equals(expected)).toBe(true);
    const silent = await serve({ fault: () => ({ kind: 'silence' }) }, root, { timeoutMs: 50, retries: 0 });
    await expect(silent.frames.readFrame(uids[0] ?? '', 1)).rejects.toBeInstanceOf(TimeoutError);
    const aborted = await serve({ fault: () => ({ kind: 'silence' }) }, root);
    const signal = AbortSignal.timeout(50);
    await expect(aborted.frames.readFrame(uids[0] ?? '', 1, { signal })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('instances', () => {
  const whole = { offset: 0, length: Infinity };

  it.each<[string, Partial<DicomwebServerOptions>]>([
    ['as a part', {}],
    ['as a single part', { wrap: 'single' }],
    [
      'where multipart is refused',
      { wrap: 'single', refuse: ({ accept }) => (accept.startsWith('multipart') ? 406 : 0) },
    ],
    ['gzipped', { gzip: true }],
    ['byte by byte', { chunkLength: 1 }],
  ])('are read %s, whole or in part', async (_, options) => {
    const { store } = await serve(options, `/studies/${study}/series/${series}`);
    const bytes = ct.find((each) => uidOf(each, '00080018') === uids[1]) ?? new Uint8Array(0);
    const read = await store.read(uids[1] ?? '', whole);
    expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
    expect(read.objectByteLength).toBe(bytes.length);
    const part = await store.read(uids[1] ?? '', { offset: 100, length: 50 });
    expect(Buffer.from(part.bytes).equals(bytes.subarray(100, 150))).toBe(true);
    const end = await store.read(uids[1] ?? '', { offset: bytes.length - 5, length: 50 });
    expect(Buffer.from(end.bytes).equals(bytes.subarray(-5))).toBe(true);
    const beyond = await store.read(uids[1] ?? '', { offset: bytes.length + 5, length: 50 });
    expect(beyond).toMatchObject({ bytes: new Uint8Array(0), objectByteLength: bytes.length });
    expect((await store.read(uids[1] ?? '', { offset: 0, length: 0 })).bytes).toHaveLength(0);
  });

  it('are received no further than they are wanted', async () => {
    const large = [...ctSeries({ instances: 1, rows: 1024, noise: 0 }).values()];
    const { store } = await serve({ instances: large });
    await store.list(seriesOf(large[0]));
    const before = store.statistics.receivedBytes;
    const { bytes } = await store.read(keyOf(large[0]), { offset: 0, length: 1000 });
    expect(bytes).toHaveLength(1000);
    expect(store.statistics.receivedBytes - before).toBeLessThan(300_000);
  });

  it('are not found where they are not, and keys that are no UIDs are refused', async () => {
    const { store } = await serve();
    await expect(store.read(`${series}/1.2.3`, whole)).rejects.toBeInstanceOf(NotFoundError);
    for (const key of ['', series, `${series}/../x`, `${series}/a/b`, `${series}/`]) {
      await expect(store.read(key, whole), key).rejects.toBeInstanceOf(StorageError);
    }
  });
});

describe('bulk data', () => {
  const cr = radiograph({ rows: 16, columns: 16 });
  const palette = paletteUltrasound({ rows: 16, columns: 16 });

  it.each([
    ['beside the instance', {}],
    [
      'at a host that only the server can reach',
      { bulkBase: (url: string) => `${url.replace(/^http:\/\/[^/]+/, 'https://pacs.internal')}/` },
    ],
    [
      'below another path of such a host',
      { bulkBase: (url: string) => `${url.replace(/^.*\/dicom-web/, 'http://10.0.0.1:8080/rs')}/` },
    ],
    ['relative to the metadata', { bulkBase: (url: string) => `instances/${url.split('/').at(-1)}/` }],
  ])('are fetched where a header is completed: %s', async (_, options) => {
    for (const instance of [cr, palette]) {
      const { store, frames } = await serve({ instances: [instance], withBulk: true, ...options });
      await store.list(seriesOf(instance));
      const key = keyOf(instance);
      const bytes = (await frames.readHeaders(seriesOf(instance))).get(key) ?? new Uint8Array(0);
      const expected = parseHeader(instance, { complete: true }).header;
      const short = parseHeader(bytes, { complete: true }).header;
      expect(short.frames[0]?.voiTables.length === 0 || expected.palette !== undefined).toBe(true);
      const before = store.statistics.requests;
      const full = parseHeader((await frames.completeHeader?.(key)) ?? new Uint8Array(0), { complete: true }).header;
      expect({ ...full, pixelData: undefined }).toEqual({ ...expected, pixelData: undefined });
      expect(store.statistics.requests - before).toBe(instance === cr ? 1 : 3);
    }
  });

  it('are not asked of a place that is not the service, and cost nothing where there are none', async () => {
    const elsewhere = await serve({ instances: [cr], withBulk: true, bulkBase: () => 'http://127.0.0.1:1/etc/' });
    await elsewhere.store.list(seriesOf(cr));
    await elsewhere.frames.readHeaders(seriesOf(cr));
    const error = await caught(Promise.resolve(elsewhere.frames.completeHeader?.(keyOf(cr))));
    expect(error).toBeInstanceOf(StorageError);
    expect(elsewhere.store.statistics.requests).toBe(2);
    const inline = await serve({ instances: [cr] });
    await inline.store.list(seriesOf(cr));
    await inline.frames.readHeaders(seriesOf(cr));
    expect(await inline.frames.completeHeader?.(keyOf(cr))).toBeUndefined();
  });

  const tableOf = (item: unknown): JsonInstance => ({ '00283010': { vr: 'SQ', Value: [item] } });
  const descriptor = { vr: 'US', Value: [4096, 0, 12] };
  it.each<[string, (json: JsonInstance) => unknown, Uint8Array]>([
    ['a VOI LUT without anything', (json) => ({ ...json, ...tableOf({}) }), cr],
    ['a VOI LUT without data', (json) => ({ ...json, ...tableOf({ '00283002': descriptor }) }), cr],
    [
      'a modality LUT without descriptor',
      (json) => ({ ...json, '00283000': tableOf({ '00283006': descriptor })['00283010'] }),
      cr,
    ],
    [
      'a VOI LUT of a frame',
      (json) => ({ ...json, '52009229': { vr: 'SQ', Value: [{ '00289132': { vr: 'SQ', Value: [tableOf({})] } }] } }),
      cr,
    ],
    ['a palette without a descriptor', ({ '00281102': _green, ...rest }) => rest, palette],
    ['a palette without data', ({ '00281203': _blue, ...rest }) => rest, palette],
    ['an overlay without bits', (json) => ({ ...json, '60020010': { vr: 'US', Value: [16] } }), cr],
  ])('that leave no way to the whole table are an error, not another picture: %s', async (_, change, instance) => {
    const { store, frames } = await serve({ instances: [instance], metadata: (all) => all.map(change) });
    await store.list(seriesOf(instance));
    expect((await frames.readHeaders(seriesOf(instance))).size).toBe(1);
    expect(await caught(Promise.resolve(frames.completeHeader?.(keyOf(instance))))).toBeInstanceOf(StorageError);
  });
});

describe('a hostile or broken service', () => {
  const root = `/studies/${study}/series/${series}`;

  it('is an error that says what came', async () => {
    const headers = { 'content-type': 'text/html' };
    const { store } = await serve({ fault: () => ({ kind: 'status', status: 200, headers, text: '<html>' }) }, root);
    expect((await caught(store.list(''))).message).toContain('Does the root name the DICOMweb service?');
  });

  it('whose metadata are broken is read one by one', async () => {
    for (const text of ['[', '[1]', '{"a":', '[{"00080018":', `[${'['.repeat(300)}`, 'null', '[{}{}]']) {
      const { store, frames, warnings } = await serve({ metadata: () => text }, root);
      expect(await store.list(''), text).toHaveLength(5);
      expect((await frames.readHeaders('')).size).toBe(0);
      expect(warnings.join()).toContain('read one by one');
    }
  });

  it('takes metadata gzipped and byte by byte', async () => {
    for (const options of [{ gzip: true }, { chunkLength: 7 }]) {
      const { frames } = await serve(options, root);
      expect((await frames.readHeaders('')).size).toBe(5);
    }
  });

  it('is asked again after a body that broke, of whatever kind', async () => {
    for (const kind of ['short', 'broken', 'length'] as const) {
      let faults = 0;
      const breakBody = (): typeof kind | undefined => (faults++ % 2 === 0 ? kind : undefined);
      const { store, frames, server } = await serve({ breakBody }, root, { retries: 2 });
      expect((await frames.readHeaders('')).size).toBe(5);
      const { bytes } = await frames.readFrame(uids[0] ?? '', 1);
      const instance = ct.find((each) => uidOf(each, '00080018') === uids[0]) ?? new Uint8Array(0);
      expect(Buffer.from(bytes).equals(takeApart(instance).frames[0] ?? new Uint8Array(0))).toBe(true);
      const whole = await store.read(uids[0] ?? '', { offset: 0, length: Infinity });
      expect(Buffer.from(whole.bytes).equals(instance)).toBe(true);
      expect(server.requests).toHaveLength(6);
    }
  });

  it('gets no key that leads elsewhere', async () => {
    const metadata = (instances: readonly JsonInstance[]): unknown =>
      instances.map((instance) => ({ ...instance, '00080018': { vr: 'UI', Value: ['../../../x'] } }));
    const { store, warnings } = await serve({ metadata }, root);
    await expect(store.list('')).rejects.toBeInstanceOf(NotFoundError);
    expect(warnings.join()).toContain('no SOP Instance UID');
  });
});

describe('credentials', () => {
  it('come from the URL or the headers, go with every request, and are never printed', async () => {
    const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
    const server = await startDicomwebServer({
      instances: [radiograph({ rows: 16, columns: 16 })],
      withBulk: true,
      authorization,
    });
    open.push({ close: () => server.stop() });
    const byUrl = await openStore(server.root.replace('://', '://me:s3cret@'), { retries: 0 });
    const byHeader = await openStore(server.root, { retries: 0, headers: { Authorization: authorization } });
    for (const store of [byUrl, byHeader]) {
      open.push(store);
      const [object] = await store.list('');
      const key = object?.key ?? '';
      await store.frames?.readHeaders(key.split('/')[0] ?? '');
      expect(await store.frames?.completeHeader?.(key)).toBeDefined();
      expect((await store.frames?.readFrame(key, 1))?.bytes).toHaveLength(512);
      expect(store.location).toBe(server.root);
      const error = await caught(store.read('1.2/3.4', { offset: 0, length: 1 }));
      expect(error.message).not.toMatch(/s3cret|bWU6/);
    }
    const without = await openStore(server.root, { retries: 0 });
    open.push(without);
    await expect(without.list('')).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(openStore('dicomweb+https://')).rejects.toBeInstanceOf(UsageError);
  });
});
