import { openAbortScope } from './base/abort.ts';
import { UsageError } from './base/errors.ts';
import { createFrameDecoder } from './codecs/frame-decoder.ts';
import { SharedConnections } from './http/shared-connections.ts';
import { type Preview, previewImage, previewMosaic, type Tools } from './preview.ts';
import type { ImageOptions, MosaicOptions } from './types/options.ts';

/**
 * Makes any number of pictures, one after the other or at a time, which share what takes long to start: connections, and
 * workers with their decoders. For services and batches. Neither keeps the process alive.
 */
export interface Previewer {
  /** See the function of that name. Throws a UsageError after {@link Previewer.close}. */
  createMosaic(series: string, options?: MosaicOptions): Promise<Preview>;
  /** See the function of that name. Throws a UsageError after {@link Previewer.close}. */
  createImage(series: string, options: ImageOptions): Promise<Preview>;
  /** Ends workers and connections; pictures that are not done end with an AbortedError. */
  close(): Promise<void>;
}

/** What may be told to a {@link Previewer}. */
export interface PreviewerOptions {
  /** Worker threads that decode, at most (1..64). Default: as many as the machine has processors, 8 at most. */
  readonly workers?: number;
}

const mostWorkers = 64;

/**
 * Starts nothing before the first picture needs it.
 *
 * @throws UsageError where the number of workers cannot be
 */
export function createPreviewer(options: PreviewerOptions = {}): Previewer {
  const { workers } = options;
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= mostWorkers)) {
    throw new UsageError(`Expected 1 to ${mostWorkers} workers but received ${workers}.`);
  }
  const connections = new SharedConnections();
  const decoder = createFrameDecoder({ workers });
  const closing = new AbortController();
  const under = async (
    { signal }: { readonly signal?: AbortSignal },
    make: (tools: Tools, signal: AbortSignal) => Promise<Preview>,
  ): Promise<Preview> => {
    if (closing.signal.aborted) throw new UsageError('This previewer has been closed: create another one.');
    const scope = openAbortScope([signal, closing.signal]);
    try {
      return await make({ decoder, connections }, scope.signal);
    } finally {
      scope.end();
    }
  };
  return {
    createMosaic: (series, given = {}) =>
      under(given, (tools, signal) => previewMosaic(series, { ...given, signal }, tools)),
    createImage: (series, given) => under(given, (tools, signal) => previewImage(series, { ...given, signal }, tools)),
    async close() {
      closing.abort(new Error('the previewer was closed'));
      connections.close();
      await decoder.close();
    },
  };
}

/**
 * A tiled mosaic of a series: instances evenly spaced over their spatial order.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; see `code`
 */
export function createMosaic(series: string, options: MosaicOptions = {}): Promise<Preview> {
  return withOwnTools((tools) => previewMosaic(series, options, tools));
}

/**
 * One image of a series: the instance nearest to a position.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; see `code`
 */
export function createImage(series: string, options: ImageOptions): Promise<Preview> {
  return withOwnTools((tools) => previewImage(series, options, tools));
}

/** For a single picture: what it started ends with it. */
async function withOwnTools(make: (tools: Tools) => Promise<Preview>): Promise<Preview> {
  const decoder = createFrameDecoder();
  try {
    return await make({ decoder, connections: undefined });
  } finally {
    await decoder.close();
  }
}
