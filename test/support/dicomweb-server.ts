import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type JsonInstance, type TakenApart, takeApart } from './dicom-json.ts';
import { type Fault, type FaultyServer, type SeenRequest, startFaultyServer } from './faulty-server.ts';

/** What a DICOMweb server can do otherwise than the next one; the default is one that does everything right. */
export interface DicomwebServerOptions {
  readonly instances: Iterable<Uint8Array>;
  /** Put long tables elsewhere. */
  readonly withBulk?: boolean;
  /** What a Bulk Data URI begins with. Default the address of the instance. */
  readonly bulkBase?: (instanceUrl: string) => string;
  /** The last word on the metadata of a series; a string or bytes are sent as they are. */
  readonly metadata?: (instances: readonly JsonInstance[]) => unknown;
  /** Last word on the status of a request: 0 goes on. */
  readonly refuse?: (request: { readonly path: string; readonly accept: string }) => number;
  /** How frames and instances are wrapped. Default 'quoted': multipart with a quoted boundary. */
  readonly wrap?: 'quoted' | 'plain' | 'single';
  /** Frames are said to be of this type; undefined for none at all. Default: with the transfer syntax in it. */
  readonly frameType?: (transferSyntaxUid: string) => string | undefined;
  /** Last word on the bytes of a frame, or the parts in its place. */
  readonly frame?: (frame: Uint8Array, taken: TakenApart) => Uint8Array | readonly Uint8Array[];
  readonly gzip?: boolean;
  /** Bytes a chunk, each sent on its own. */
  readonly chunkLength?: number;
  /** Results a search gives at most, whatever its limit is. */
  readonly pageLength?: number;
  readonly ignoresOffset?: boolean;
  readonly ignoresFilter?: boolean;
  /** Authorization that every request must carry. */
  readonly authorization?: string;
  readonly fault?: (seen: SeenRequest) => Fault | undefined;
  /**
   * Breaks a body after half of it: `short` ends it properly, `broken` ends the connection, `length` announces the whole
   * and ends the connection.
   */
  readonly breakBody?: (seen: SeenRequest) => 'short' | 'broken' | 'length' | undefined;
}

export interface DicomwebServer extends FaultyServer {
  /** The root for a store. */
  readonly root: string;
  /** Paths below the service, in the order of the requests. */
  readonly paths: readonly string[];
}

const SERVICE = '/dicom-web/';
const BOUNDARY = 'b0un:d(a)r=y';

const first = (json: JsonInstance, tag: string): string => String(json[tag]?.Value?.[0] ?? '');

/** A DICOMweb service on 127.0.0.1 that holds these instances (generated ones, in Explicit VR Little Endian). */
export async function startDicomwebServer(options: DicomwebServerOptions): Promise<DicomwebServer> {
  const all = [...options.instances].map((bytes) => {
    const taken = takeApart(bytes, { withBulk: options.withBulk === true });
    const { json } = taken;
    const [study, series, instance] = ['0020000D', '0020000E', '00080018'].map((tag) => first(json, tag));
    return { bytes, taken, path: `studies/${study}/series/${series}/instances/${instance}` };
  });
  const server = await startFaultyServer({
    ...(options.fault === undefined ? {} : { fault: options.fault }),
    handle: (request, response, seen) => handle(request, response, all, options, seen),
  });
  return {
    ...server,
    get mostAbreast(): number {
      return server.mostAbreast;
    },
    root: `dicomweb+${server.origin}${SERVICE.slice(0, -1)}`,
    get paths(): readonly string[] {
      return server.requests.map(({ path }) => path.replace(SERVICE, ''));
    },
  };
}

type Held = { readonly bytes: Uint8Array; readonly taken: TakenApart; readonly path: string };

function handle(
  request: IncomingMessage,
  response: ServerResponse,
  all: readonly Held[],
  options: DicomwebServerOptions,
  seen: SeenRequest,
): boolean {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (!url.pathname.startsWith(SERVICE)) return false;
  const path = url.pathname.slice(SERVICE.length);
  const send = (status: number, type: string | undefined, body: Uint8Array): void => {
    const encoded = options.gzip === true ? gzipSync(body) : body;
    const breaking = options.breakBody?.(seen);
    response.writeHead(status, {
      ...(breaking === 'length' ? { 'content-length': String(encoded.length) } : {}),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(options.gzip === true ? { 'content-encoding': 'gzip' } : {}),
    });
    if (breaking !== undefined) {
      response.write(encoded.subarray(0, encoded.length / 2), () => {
        if (breaking === 'short') response.end();
        else response.destroy();
      });
      return;
    }
    const step = options.chunkLength ?? encoded.length;
    for (let at = 0; at < encoded.length; at += step) response.write(encoded.subarray(at, at + step));
    response.end();
  };
  const sendJson = (value: unknown): void => {
    const body = typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value);
    send(200, 'application/dicom+json', Buffer.from(body));
  };
  if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
    send(401, 'text/plain', Buffer.from('who are you?'));
    return true;
  }
  const status = options.refuse?.({ path, accept: request.headers.accept ?? '' }) ?? 0;
  if (status !== 0) {
    send(status, 'text/plain', Buffer.from('no'));
    return true;
  }
  const search = /^(?:(studies\/[^/]+)\/)?(series|(series\/[^/]+)\/instances)$/.exec(path);
  if (search !== null) {
    const below = [search[1], search[3]].filter((part) => part !== undefined).join('/');
    const isOfSeries = search[3] !== undefined;
    const results = new Map<string, JsonInstance>();
    for (const { path: own, taken } of all) {
      if (!own.startsWith(below)) continue;
      const wanted = options.ignoresFilter === true ? null : url.searchParams.get('SeriesInstanceUID');
      if (wanted !== null && wanted !== first(taken.json, '0020000E')) continue;
      const series = own.replace(/\/instances.*/, '');
      const count = all.filter((each) => each.path.startsWith(`${series}/`)).length;
      const { '0020000D': study, '0020000E': uid, '00080018': instance, '00080060': modality } = taken.json;
      if (study === undefined || uid === undefined || instance === undefined) continue;
      const found = {
        ...(modality === undefined ? {} : { '00080060': modality }),
        '0020000D': study,
        '0020000E': uid,
        '00201209': { vr: 'IS', Value: [count] },
      };
      results.set(isOfSeries ? own : series, isOfSeries ? { ...found, '00080018': instance } : found);
    }
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 1000), options.pageLength ?? 1000);
    const offset = options.ignoresOffset === true ? 0 : Number(url.searchParams.get('offset') ?? 0);
    sendJson([...results.values()].slice(offset, offset + limit));
    return true;
  }
  return retrieve(path, all, options, { sendJson, send, base: `http://${request.headers.host}${SERVICE}` });
}

interface Answer {
  readonly send: (status: number, type: string | undefined, body: Uint8Array) => void;
  readonly sendJson: (value: unknown) => void;
  readonly base: string;
}

function retrieve(path: string, all: readonly Held[], options: DicomwebServerOptions, answer: Answer): boolean {
  const { send } = answer;
  if (path.endsWith('/metadata')) {
    const below = path.slice(0, -'/metadata'.length);
    const found = all.filter((each) => each.path === below || each.path.startsWith(`${below}/instances/`));
    if (found.length === 0) return false;
    const instances = found.map(({ path: own, taken }) => {
      const base = options.bulkBase?.(`${answer.base}${own}`) ?? `${answer.base}${own}/`;
      return JSON.parse(JSON.stringify(taken.json).replaceAll('"BulkDataURI":"', `"BulkDataURI":"${base}`));
    });
    answer.sendJson(options.metadata?.(instances) ?? instances);
    return true;
  }
  const held = all.find((each) => path === each.path || path.startsWith(`${each.path}/`));
  if (held === undefined) return false;
  const rest = path.slice(held.path.length + 1);
  const sendParts = (type: string | undefined, parts: readonly Uint8Array[]): void => {
    const [only] = parts;
    if (options.wrap === 'single' && only !== undefined) {
      send(200, type, only);
      return;
    }
    const boundary = options.wrap === 'plain' ? 'plain-boundary' : BOUNDARY;
    const header = type === undefined ? '' : `Content-Type: ${type}\r\n`;
    const body = parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\n${header}\r\n`), part]);
    const named = options.wrap === 'plain' ? boundary : `"${boundary}"`;
    const outer = `multipart/related; type="${type?.split(';')[0] ?? 'application/octet-stream'}"; boundary=${named}`;
    send(200, outer, Buffer.concat([...body, Buffer.from(`\r\n--${boundary}--\r\n`)]));
  };
  if (rest === '') {
    sendParts('application/dicom', [held.bytes]);
    return true;
  }
  const bulk = held.taken.bulk.get(rest.replace(/^bulk\//, ''));
  if (rest.startsWith('bulk/') && bulk !== undefined) {
    sendParts('application/octet-stream', [bulk]);
    return true;
  }
  const frame = /^frames\/(\d+)$/.exec(rest)?.[1];
  const bytes = frame === undefined ? undefined : frameOf(held.taken, Number(frame) - 1);
  if (bytes === undefined) return false;
  const { transferSyntaxUid } = held.taken;
  const type = options.frameType ?? ((uid: string) => `application/octet-stream; transfer-syntax=${uid}`);
  const changed = options.frame?.(bytes, held.taken) ?? bytes;
  sendParts(type(transferSyntaxUid), changed instanceof Uint8Array ? [changed] : changed);
  return true;
}

function frameOf({ frames, json }: TakenApart, index: number): Uint8Array | undefined {
  const count = Number(first(json, '00280008') || '1');
  const [only] = frames;
  if (only === undefined || frames.length === count) return frames[index];
  const length = Math.floor(only.length / count);
  return index < count ? only.subarray(index * length, (index + 1) * length) : undefined;
}
