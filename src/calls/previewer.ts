/// <reference lib="esnext.disposable" preserve="true" />
import { availableParallelism } from 'node:os';
import { openAbortScope } from '../base/abort.ts';
import { asTheyCome } from '../base/as-they-come.ts';
import { PreviewError, UsageError } from '../base/errors.ts';
import { createTurns } from '../base/turns.ts';
import { createFrameDecoder } from '../codecs/frame-decoder.ts';
import { SharedConnections } from '../http/shared-connections.ts';
import { SharedTrees } from '../series/locate/series-tree.ts';
import { wholeNumber } from '../settings/option-checks.ts';
import {
  cacheSettings,
  checkOptionNames,
  checkSeriesName,
  optionNames,
  storageSettings,
} from '../settings/settings.ts';
import type { ListedSeries } from '../types/listed-series.ts';
import type { ImageOptions, ListOptions, MosaicOptions, OpenOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { StorageSettings } from '../types/settings.ts';
import { Confinement } from './confinement.ts';
import {
  createAlone,
  createPicture,
  imageCall,
  mosaicCall,
  type PictureCall,
  type PictureTools,
} from './create-picture.ts';
import { type OpenRequest, openSeries } from './open-series.ts';
import type { Series } from './series.ts';

/**
 * Makes any number of pictures, one after the other or at a time. They share what takes long to start (connections, workers
 * with their decoders) and what takes long to find out (one look at a local folder for all series in it). Only so many are
 * in work at a time; the rest waits. For services and batches. Does not keep the process alive.
 *
 * @example
 * ```ts
 * const previewer = createPreviewer({ root: './archive' });
 * for await (const { series, preview, error } of previewer.mosaics(uids)) {
 *   if (error === undefined) await writeFile(`${series}.webp`, preview.bytes);
 *   else console.error(series, error.message);
 * }
 * await previewer.close();
 * ```
 */
export interface Previewer {
  /**
   * Opens a series for any number of views; close it when done.
   *
   * @param series a UID, UUID, prefix with `*`, folder, file or URL
   * @throws UsageError for options that make no sense and after {@link Previewer.close}; the errors of names, stores and
   *   headers
   */
  openSeries(series: string, options?: OpenOptions): Promise<Series>;
  /**
   * The series below a root or a folder, one after the other as they are found: see {@link ListedSeries}.
   *
   * @param place a folder, a beginning of folders' names with `*`, or a URL or path of its own; by default the root
   * @throws UsageError for options that make no sense, and the errors of stores
   */
  list(place?: string, options?: ListOptions): AsyncIterable<ListedSeries>;
  /** See {@link createMosaic}. Throws a UsageError after {@link Previewer.close}. */
  createMosaic(series: string, options?: MosaicOptions): Promise<Preview>;
  /** See {@link createImage}. Throws a UsageError after {@link Previewer.close}. */
  createImage(series: string, options: ImageOptions): Promise<Preview>;
  /**
   * A mosaic of each series, in the order in which they are done. The list may be longer than memory: it is asked for the
   * next series when there is room for one. A series that fails is a result with its error.
   *
   * @throws UsageError for options that make no sense; AbortedError; what the list throws
   */
  mosaics(series: SeriesList, options?: MosaicOptions): AsyncIterable<PictureResult>;
  /** An image of each series, as {@link Previewer.mosaics}. */
  images(series: SeriesList, options: ImageOptions): AsyncIterable<PictureResult>;
  /** Ends workers and connections; what is not done ends with an AbortedError. */
  close(): Promise<void>;
  /** As {@link Previewer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Names of series, as they come. */
export type SeriesList = Iterable<string> | AsyncIterable<string>;

/** What became of one series of a list. */
export type PictureResult =
  | {
      /** As the list named it. */
      readonly series: string;
      /** The picture and its report. */
      readonly preview: Preview;
      /** Not there: the picture is. */
      readonly error?: undefined;
    }
  | {
      /** As the list named it. */
      readonly series: string;
      /** Not there: the error says why. */
      readonly preview?: undefined;
      /** Why there is no picture. */
      readonly error: PreviewError;
    };

/** What may be told to a {@link Previewer}. */
export interface PreviewerOptions {
  /** Worker threads that decode, at most (1..64). Default: as many as the machine has processors, 8 at most. */
  readonly workers?: number | undefined;
  /** Pictures in work at a time, at most (1..256). Default: twice as many as the machine has processors, 16 at most. */
  readonly pictures?: number | undefined;
  /** Where series lie, for every call: as the `root` of a single call. */
  readonly root?: string | undefined;
  /**
   * Read nothing but what lies below the root, whatever series a call names: for services that take the name from somebody
   * else. Default: true where there is a `root`.
   *
   * The series is then a UID, a UUID, its beginning and `*`, or a folder below the root. URLs, paths that begin with `/`,
   * `./`, `../`, `~` or a drive, names with `..`, a backslash or a control character (percent-encoded too), and a `root` of
   * a single call are refused with a UsageError. Links in a local root that lead out of it are not followed. Errors,
   * warnings and reports name places relative to the root; the `cause` of an error, which is for logs, does not.
   *
   * **Without it, a series may be any URL or path: whoever names it reads any file and any host that the process can.** Other
   * options of a call, such as `headers` and `outputs`, are never to come from strangers.
   */
  readonly confine?: boolean | undefined;
}

const previewerNames: Readonly<Record<keyof PreviewerOptions, true>> = {
  ...{ workers: true, pictures: true, root: true, confine: true },
};

/**
 * Creates a {@link Previewer}: for many pictures, for services, and to open series. Starts nothing before the first picture
 * needs it.
 *
 * @throws UsageError for numbers that cannot be, for unknown options, and for `confine` without a root
 * @example
 * ```ts
 * const previewer = createPreviewer({ pictures: 4, root: './archive' });
 * const { bytes } = await previewer.createMosaic('CT', { contrast: 'lung' }); // ./archive/CT, and nothing outside
 * await previewer.close();
 * ```
 */
export function createPreviewer(options: PreviewerOptions = {}): Previewer {
  checkOptionNames('createPreviewer', options, previewerNames);
  const workers =
    options.workers === undefined ? undefined : wholeNumber('workers', options.workers, { min: 1, max: 64 });
  const pictures = wholeNumber('pictures', options.pictures ?? Math.min(16, 2 * availableParallelism()), {
    min: 1,
    max: 256,
  });
  const { root } = options;
  const isConfined = options.confine ?? root !== undefined;
  if (isConfined && root === undefined) {
    throw new UsageError('Expected a root to confine the previewer to, but received none.', { optionNames: ['root'] });
  }
  const confinement = isConfined && root !== undefined ? new Confinement(root) : undefined;
  const connections = new SharedConnections();
  const decoder = createFrameDecoder({ workers });
  const closing = new AbortController();
  const trees = new SharedTrees(closing.signal);
  const tools: PictureTools = { decoder, connections, trees };
  const turns = createTurns(pictures);

  /** Local folders may change before the next picture is asked for. */
  const forget = (): void => {
    if (turns.pending === 0) trees.forget();
  };
  const inTurn = async <Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> => {
    try {
      return await turns.run(work, signal);
    } finally {
      forget();
    }
  };
  /** Runs work in its turn. It ends with the previewer too. */
  const within = async <Result>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    if (closing.signal.aborted) throw new UsageError('This previewer has been closed: create another one.');
    const scope = openAbortScope([signal, closing.signal]);
    try {
      return await inTurn(() => work(scope.signal), scope.signal);
    } finally {
      scope.end();
    }
  };
  /** Settings of a call with this previewer's root. */
  const rooted = (storage: StorageSettings): StorageSettings => {
    if (confinement === undefined) return { ...storage, root: storage.root ?? root };
    if (storage.root === undefined) return { ...storage, root: confinement.root, confine: true };
    throw new UsageError(
      "Expected no root for a single call: this previewer reads below its own root alone. Create another one, or one with 'confine: false'.",
      { optionNames: ['root'] },
    );
  };
  /** Work whose errors speak of places below the root alone. */
  const confined = async <Result>(
    signal: AbortSignal | undefined,
    storage: StorageSettings,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    if (confinement === undefined) return within(signal, work);
    try {
      return await within(signal, async (scope) => {
        await confinement.learn(storage);
        return work(scope);
      });
    } catch (error) {
      throw confinement.error(error);
    }
  };
  const pictured = (call: PictureCall): PictureCall => ({ ...call, storage: rooted(call.storage) });
  const make = (call: PictureCall): Promise<Preview> =>
    confined(call.signal, call.storage, async (signal) => {
      const preview = await createPicture({ ...call, signal }, tools);
      return confinement === undefined ? preview : confinement.preview(preview);
    });
  const makeAll = (list: SeriesList, callOf: (name: string) => PictureCall): AsyncIterable<PictureResult> =>
    asTheyCome(list, pictures, async (series, leaving) => {
      const call = callOf(series);
      const scope = openAbortScope([call.signal, leaving]);
      try {
        return { series, preview: await make({ ...call, signal: scope.signal }) };
      } catch (error) {
        const isOfSeries = error instanceof PreviewError && error.code !== 'aborted' && !closing.signal.aborted;
        if (!isOfSeries) throw error;
        return { series, error };
      } finally {
        scope.end();
      }
    });

  const close = async (): Promise<void> => {
    closing.abort(new Error('the previewer was closed'));
    connections.close();
    await decoder.close();
  };
  return {
    async openSeries(series, given = {}) {
      checkSeriesName(series);
      checkOptionNames('openSeries', given, optionNames.open);
      const { onProgress } = given;
      const request: OpenRequest = {
        ...{ storage: rooted(storageSettings(given)), cache: cacheSettings(given), connections, trees, onProgress },
      };
      const open = (): ReturnType<typeof openSeries> =>
        confined(given.signal, request.storage, (signal) => openSeries(series, { ...request, signal }));
      const reopen = (): ReturnType<typeof openSeries> => openSeries(series, { ...request, signal: closing.signal });
      const { SeriesHandle } = await import('./series-handle.ts');
      return new SeriesHandle(await open(), {
        ...{ decoder, inTurn, reopen, closing: closing.signal, confinement },
        includePatient: given.includePatient === true,
      });
    },
    async *list(place, given) {
      const { listSeries } = await import('./list-series.ts');
      yield* listSeries(place, given, { rooted, confinement, closing: closing.signal, connections, trees, forget });
    },
    createMosaic: async (series, given) => make(pictured(mosaicCall(series, given))),
    createImage: async (series, given) => make(pictured(imageCall(series, given))),
    mosaics: (list, given) => makeAll(list, (series) => pictured(mosaicCall(series, given))),
    images: (list, given) => makeAll(list, (series) => pictured(imageCall(series, given))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * A tiled mosaic of a series: instances evenly spaced over their spatial order.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; see `code`
 * @example
 * ```ts
 * const { bytes, report } = await createMosaic('./CT', { contrast: 'lung', imageWidth: 192 });
 * ```
 */
export async function createMosaic(series: string, options?: MosaicOptions): Promise<Preview> {
  return createAlone(mosaicCall(series, options));
}

/**
 * One image of a series: the instance nearest to a position.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; see `code`
 * @example
 * ```ts
 * const { bytes } = await createImage('./CT', { position: 0.5, imageWidth: 'native', format: 'png' });
 * ```
 */
export async function createImage(series: string, options: ImageOptions): Promise<Preview> {
  return createAlone(imageCall(series, options));
}
