import { fileURLToPath } from 'node:url';
import { UsageError } from '../base/errors.ts';
import type { Sink } from '../types/sink.ts';
import type { OpenStoreOptions } from './open-store-options.ts';

/** How a sink is reached. */
export interface SinkOptions {
  /** Another endpoint than the provider's own. Default: as the stores of the provider, from the environment. */
  readonly endpointUrl?: string | undefined;
  /** The S3 region. Default AWS_REGION, then AWS_DEFAULT_REGION, then the profile's. */
  readonly region?: string | undefined;
  /** Milliseconds a server may stay silent. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Times a failed request is tried again. Default 5. */
  readonly retries?: number | undefined;
  /** Called with what is not as safe as it could be, such as credentials over unprotected http. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

type Open = (out: string, options: OpenStoreOptions) => Promise<Sink>;

/** The kinds of sinks by URL scheme. Each is loaded only when it is used. */
const backends: Readonly<Record<string, Open>> = {
  s3: async (out, options) => (await import('./buckets/s3/store.ts')).openS3Sink(out, options),
  gs: async (out, options) => (await import('./buckets/gcs/store.ts')).openGcsSink(out, options),
  az: async (out, options) => (await import('./buckets/azure/store.ts')).openAzureSink(out, options),
  file: async (out) => openLocal(fileURLToPath(out)),
};

async function openLocal(folder: string): Promise<Sink> {
  return (await import('./local/sink.ts')).openLocalSink(folder);
}

/**
 * Opens what files can be written to: a folder, `s3://bucket/prefix`, `gs://bucket/prefix` or
 * `az://account/container/prefix`. Credentials are found as for reading. Sends no request yet.
 *
 * @throws UsageError for a URL that nothing can be written to
 * @example
 * ```ts
 * const sink = await openSink('s3://previews/ct');
 * await sink.write('note.txt', new TextEncoder().encode('made today'));
 * await sink.close();
 * ```
 */
export async function openSink(out: string, options: SinkOptions = {}): Promise<Sink> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(out)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (out === '') throw new UsageError('Expected a folder or a URL to write to, but it is empty.');
    return openLocal(out);
  }
  const open = Object.hasOwn(backends, scheme) ? backends[scheme] : undefined;
  if (open !== undefined) return open(out, storeOptionsOf(options));
  throw new UsageError(`Expected a folder, s3://, gs:// or az:// to write to but received '${scheme}://'.`);
}

function storeOptionsOf({ timeoutMs, retries, ...others }: SinkOptions): OpenStoreOptions {
  return {
    ...others,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retries === undefined ? {} : { retries }),
  };
}
