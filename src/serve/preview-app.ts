import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import {
  createPreviewer,
  type ListedSeries,
  outputFormatOf,
  type Previewer,
  type StorageOptions,
  UsageError,
} from '../index.ts';
import { answerToError } from './error-answers.ts';
import type { Gate } from './gate.ts';
import { imageOptionsOf, mosaicOptionsOf, Parameters } from './parameters.ts';

export interface PreviewServerOptions {
  readonly root: string;
  /** How the root is reached. */
  readonly storage: Omit<StorageOptions, 'root'>;
  /** Pictures in work at a time. Default: the previewer's own. */
  readonly pictures?: number | undefined;
  /** Requests in work or waiting, at most; others are told to come back. Default 32. */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds that a request may take, with the time that it waits. Default 30,000. */
  readonly timeLimitMs?: number | undefined;
}

/** Seconds that a client may show a picture without asking again whether it is the same. */
const maxAge = 300;
const defaultListLength = 1000;
const maxListLength = 100_000;

/**
 * Makes pictures of series as they are asked for: below one root, and nothing outside it. Clients name series by UID or UUID.
 *
 * @returns the previewer, to be closed in the end
 * @throws UsageError for a root or numbers that make no sense
 */
export function createPreviewApp(gate: Gate, options: PreviewServerOptions): Previewer {
  const { root, storage, pictures, maxWaiting = 32, timeLimitMs = 30_000 } = options;
  const previewer = createPreviewer({ root, pictures });
  const { app, metrics } = gate;
  let waiting = 0;
  const work = async (context: Context, make: (signal: AbortSignal) => Promise<Response>): Promise<Response> => {
    if (waiting >= maxWaiting) {
      const seconds = Math.ceil((metrics.meanSeconds('mosaic') ?? 1) * 2);
      const message = 'Too many pictures are being made: try again in a moment.';
      return context.json({ error: { code: 'busy', message } }, 429, {
        ...{ 'retry-after': String(Math.min(60, Math.max(1, seconds))), 'cache-control': 'no-store' },
      });
    }
    waiting++;
    try {
      return await make(AbortSignal.any([context.req.raw.signal, AbortSignal.timeout(timeLimitMs)]));
    } catch (error) {
      return answerToError(context, error);
    } finally {
      waiting--;
    }
  };
  // A UID or a UUID: nothing else may reach the root, no path and no other place.
  const uid = '/series/:uid{(?:\\d[\\d.]{0,63}|[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12})}';
  app.get(`${uid}/:picture{(?:mosaic|image)\\.\\w{3,4}}`, (context) =>
    work(context, async (signal) => {
      const { uid: series, picture } = context.req.param();
      const parameters = new Parameters(context.req.queries());
      const shared = { ...storage, format: outputFormatOf(picture), signal };
      const isMosaic = picture.startsWith('mosaic');
      const preview = isMosaic
        ? await previewer.createMosaic(series, { ...shared, ...mosaicOptionsOf(parameters) })
        : await previewer.createImage(series, { ...shared, ...imageOptionsOf(parameters) });
      return tagged(context, preview.bytes, `image/${preview.report.output.format}`);
    }),
  );
  app.get(`${uid}/info`, (context) =>
    work(context, async (signal) => {
      new Parameters(context.req.queries()).end();
      const series = await previewer.openSeries(context.req.param('uid'), { ...storage, signal });
      try {
        return tagged(context, new TextEncoder().encode(`${JSON.stringify(series.info)}\n`), 'application/json');
      } finally {
        await series.close();
      }
    }),
  );
  app.get('/list', (context) =>
    work(context, async (signal) => {
      const parameters = new Parameters(context.req.queries());
      const limit = parameters.whole('limit', 1, maxListLength) ?? defaultListLength;
      const details = parameters.flag('details');
      parameters.end();
      const series: ListedSeries[] = [];
      let isMore = false;
      for await (const each of previewer.list(undefined, { ...storage, details, signal })) {
        isMore = series.length === limit;
        if (isMore) break;
        series.push(each);
      }
      const text = `${JSON.stringify({ series, isMore })}\n`;
      return tagged(context, new TextEncoder().encode(text), 'application/json');
    }),
  );
  app.get('/series/*', (context) => {
    const message =
      'Expected /series/UID/mosaic.webp, /series/UID/image.webp (or .jpg, .png, .avif) or /series/UID/info.';
    return answerToError(context, new UsageError(message), 404);
  });
  return previewer;
}

/** The same series and options give the same bytes, so that their digest is the version. */
function tagged(context: Context, bytes: Uint8Array, type: string): Response {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  context.header('etag', etag);
  // `private`: shared caches must not keep medical images.
  context.header('cache-control', `private, max-age=${maxAge}`);
  if (context.req.header('if-none-match')?.includes(etag) === true) return context.body(null, 304);
  return context.body(new Uint8Array(bytes), 200, { 'content-type': type, 'content-length': String(bytes.length) });
}
