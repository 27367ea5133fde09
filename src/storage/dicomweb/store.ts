import { counted } from '../../base/counted.ts';
import { AmbiguousError, NotFoundError, StorageError, throwIfAborted } from '../../base/errors.ts';
import { compareKeys, printableKey } from '../../base/keys.ts';
import { printable } from '../../base/printable.ts';
import { createTransport } from '../../http/transport.ts';
import type { HttpHeaders, Transport } from '../../http/types.ts';
import type {
  ByteRange,
  FrameSource,
  ListOptions,
  ReadOptions,
  ReadResult,
  Store,
  StoredObject,
  StoreStatistics,
} from '../../types/storage.ts';
import { refusedKey } from '../locations.ts';
import type { OpenStoreOptions } from '../open-store-options.ts';
import { secretHeadersFor } from '../web/credentials.ts';
import { type DicomwebRoot, isUsableUid, parseDicomwebRoot, type SeriesAddress, seriesPath } from './address.ts';
import { DicomwebClient } from './client.ts';
import { completeHeader, type InstanceMetadata, readInstanceMetadata } from './metadata.ts';
import { DicomwebRetrieval } from './retrieval.ts';

export interface DicomwebStoreOptions {
  readonly root: DicomwebRoot;
  readonly transport: Transport;
  /** Secret headers (Authorization, API keys) for the root's origin. */
  readonly secretHeaders: HttpHeaders;
  readonly onWarning: (message: string) => void;
}

/** The instances of a series by their SOP Instance UID. */
type SeriesMetadata = ReadonlyMap<string, InstanceMetadata>;

interface KnownSeries extends SeriesAddress {
  readonly instances: number | undefined;
}

const maxListedCandidates = 10;
const noMetadata: SeriesMetadata = new Map();

/**
 * Opens a DICOMweb service (`dicomweb+https://host/dicom-web`), or a study, series or instance of it, with the headers
 * and credentials of {@link secretHeadersFor}. Throws a UsageError for another URL, and for headers that cannot be
 * sent.
 */
export async function openDicomweb(url: string, options: OpenStoreOptions): Promise<Store> {
  const root = parseDicomwebRoot(url);
  return createDicomwebStore({
    root,
    secretHeaders: secretHeadersFor(root.service, root.authorization, options),
    transport: createTransport(options),
    onWarning: options.onWarning ?? ((): void => {}),
  });
}

/**
 * A DICOMweb service (PS3.18), or one study, series or instance of it. Keys are UIDs: `{series}/{instance}`, or only
 * `{instance}` where the root names the series. One request for the metadata of a series gives its listing and its
 * headers. Frames come one by one, as the server stores them.
 *
 * `list('')` of a service or study that holds several series throws an AmbiguousError that names them.
 */
export function createDicomwebStore(options: DicomwebStoreOptions): Store {
  return new DicomwebStore(options);
}

class DicomwebStore implements Store {
  readonly location: string;
  readonly frames: FrameSource;
  readonly #root: DicomwebRoot;
  readonly #transport: Transport;
  readonly #onWarning: (message: string) => void;
  readonly #client: DicomwebClient;
  readonly #retrieval: DicomwebRetrieval;
  readonly #series = new Map<string, KnownSeries>();
  /** Metadata by series that `list` has fetched and `readHeaders` will give. */
  readonly #fetched = new Map<string, SeriesMetadata>();
  /** By key, the metadata of instances with tables that have URIs of their own. */
  readonly #incomplete = new Map<string, Uint8Array>();

  constructor(options: DicomwebStoreOptions) {
    this.location = `dicomweb+${options.root.location}`;
    this.#root = options.root;
    this.#transport = options.transport;
    this.#onWarning = options.onWarning;
    this.#client = new DicomwebClient(options);
    this.#retrieval = new DicomwebRetrieval(this.#client);
    this.frames = {
      searchSeries: ({ signal } = {}) =>
        this.#client.searchSeries({ study: options.root.study, series: options.root.series }, signal),
      readHeaders: (prefix, { signal } = {}) => this.#readHeaders(prefix, signal),
      completeHeader: (key, { signal } = {}) => this.#completeHeader(key, signal),
      readFrame: async (key, frame, { signal } = {}) =>
        this.#retrieval.fetchFrame(await this.#instancePath(key, signal), frame, signal),
    };
  }

  get concurrency(): number {
    return this.#transport.concurrency;
  }

  get statistics(): StoreStatistics {
    return this.#transport.statistics;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<readonly StoredObject[]> {
    const { signal } = options;
    throwIfAborted(signal);
    const series = await this.#seriesOf(prefix, signal);
    const metadata = await this.#fetchMetadata(series, signal);
    this.#fetched.set(series.series, metadata);
    const uids = new Set(metadata.keys());
    const isShort = series.instances !== undefined && metadata.size < series.instances;
    if (metadata === noMetadata && this.#root.instance !== undefined) {
      uids.add(this.#root.instance);
    } else if (metadata === noMetadata || isShort) {
      for (const uid of await this.#client.searchInstances(series, series.instances, signal)) uids.add(uid);
    }
    if (uids.size === 0) throw this.#notFound(prefix);
    if (metadata === noMetadata) {
      this.#onWarning(
        `The server gives no metadata of series ${series.series}: its ${counted(uids.size, 'instance is read', 'instances are read one by one')}.`,
      );
    }
    return [...uids]
      .map((uid) => ({ key: this.#keyOf(series, uid), byteLength: undefined, etag: undefined }))
      .sort((first, second) => compareKeys(first.key, second.key));
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    const { signal } = options;
    throwIfAborted(signal);
    // Series are the only folders, and a root that names one has none.
    if (prefix !== '' || this.#root.series !== undefined) return [];
    const found = await this.#client.searchSeries({ study: this.#root.study }, signal);
    for (const each of found) this.#series.set(each.series, each);
    return [...new Set(found.map(({ series }) => series))].filter((uid) => uid.startsWith(startsWith)).sort();
  }

  async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const { signal } = options;
    throwIfAborted(signal);
    if (range.length === 0) return { bytes: new Uint8Array(0), objectByteLength: undefined, etag: undefined };
    const path = await this.#instancePath(key, signal);
    const { bytes, partByteLength } = await this.#retrieval.fetchInstance(path, range, signal);
    return { bytes, objectByteLength: partByteLength, etag: undefined };
  }

  close(): Promise<void> {
    this.#fetched.clear();
    this.#incomplete.clear();
    return this.#transport.close();
  }

  async #readHeaders(
    prefix: string,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
    throwIfAborted(signal);
    const series = await this.#seriesOf(prefix, signal);
    const metadata = this.#fetched.get(series.series) ?? (await this.#fetchMetadata(series, signal));
    this.#fetched.delete(series.series);
    const headers = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const { instance, header, incomplete } of metadata.values()) {
      const key = this.#keyOf(series, instance);
      if (header !== undefined) headers.set(key, header);
      if (incomplete !== undefined) this.#incomplete.set(key, incomplete);
    }
    return headers;
  }

  /** Fetches all metadata with one request; {@link noMetadata} where the server has none. */
  async #fetchMetadata(series: SeriesAddress, signal: AbortSignal | undefined): Promise<SeriesMetadata> {
    const metadata = new Map<string, InstanceMetadata>();
    const { instance } = this.#root;
    const path = instance === undefined ? seriesPath(series) : `${seriesPath(series)}/instances/${instance}`;
    let nameless = 0;
    const begin = (): void => {
      metadata.clear();
      nameless = 0;
    };
    const take = (json: Uint8Array): void => {
      const read = readInstanceMetadata(json, series);
      if (read === undefined) nameless += 1;
      else if (!metadata.has(read.instance)) metadata.set(read.instance, read);
    };
    try {
      await this.#client.fetchMetadata(path, { begin, take }, signal);
    } catch (error) {
      // Without a status the connection has failed, and would fail again.
      const isRefused = error instanceof StorageError && error.status !== undefined;
      if (!isRefused && !(error instanceof NotFoundError)) throw error;
      return noMetadata;
    }
    if (nameless > 0) {
      this.#onWarning(
        `${nameless} of the instances in ${this.#client.locationOf(path)} ${nameless === 1 ? 'has no SOP Instance UID and is' : 'have no SOP Instance UID and are'} left out.`,
      );
    }
    return metadata;
  }

  async #completeHeader(key: string, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const incomplete = this.#incomplete.get(key);
    if (incomplete === undefined) return undefined;
    const { series } = this.#partsOf(key);
    const address = await this.#seriesOf(this.#root.series === undefined ? series : '', signal);
    const metadataUrl = new URL(`${this.#root.service.href}${seriesPath(address)}/metadata`);
    const header = await completeHeader(incomplete, address, (uri) =>
      this.#retrieval.fetchBulk(this.#bulkUrl(uri, metadataUrl), signal),
    );
    if (header !== undefined) return header;
    const location = this.#client.locationOf(seriesPath(address));
    throw new StorageError(`${location}: the metadata of an instance hold tables that make no sense.`, { location });
  }

  /**
   * The address of a Bulk Data URI. Servers behind a proxy name hosts that only they can reach, and a hostile server
   * could name any host. So only the path is used, and only below the service's own address; all else is refused.
   */
  #bulkUrl(uri: string, base: URL): URL {
    const { service } = this.#root;
    const url = URL.canParse(uri, base.href) ? new URL(uri, base.href) : undefined;
    const from = url?.pathname.startsWith(service.pathname) === true ? 0 : (url?.pathname.indexOf('/studies/') ?? -1);
    if (url === undefined || from < 0) {
      const location = this.#client.locationOf('');
      throw new StorageError(
        `${location}: the server names an address for bulk data that is not below its own address.`,
        { location },
      );
    }
    const own = new URL(service.origin);
    own.pathname = from === 0 ? url.pathname : `${service.pathname}${url.pathname.slice(from + 1)}`;
    own.search = url.search === '' ? this.#root.search : url.search;
    return own;
  }

  /** The series that a prefix means. Throws where there is none, or more than one. */
  async #seriesOf(prefix: string, signal: AbortSignal | undefined): Promise<KnownSeries> {
    const { study, series } = this.#root;
    const wanted = prefix === '' ? series : prefix;
    if (wanted !== undefined && !isUsableUid(wanted)) throw this.#notFound(prefix);
    if (series !== undefined && wanted !== series) throw this.#notFound(prefix);
    const known = wanted === undefined ? undefined : this.#series.get(wanted);
    if (known !== undefined) return known;
    const found =
      study !== undefined && series !== undefined
        ? [{ study, series, instances: undefined }]
        : await this.#client.searchSeries({ study, series: wanted }, signal);
    const [first, second] = found;
    if (first === undefined) throw this.#notFound(prefix);
    if (second !== undefined) throw this.#ambiguous(found);
    this.#series.set(first.series, first);
    return first;
  }

  #keyOf({ series }: SeriesAddress, instance: string): string {
    return this.#root.series === undefined ? `${series}/${instance}` : instance;
  }

  /** The UIDs in a key. Throws a StorageError for other keys. */
  #partsOf(key: string): { readonly series: string; readonly instance: string } {
    const names = key.split('/');
    const [series, instance, more] = this.#root.series === undefined ? names : [this.#root.series, ...names];
    const isUsable = series !== undefined && instance !== undefined && isUsableUid(series) && isUsableUid(instance);
    if (isUsable && more === undefined) return { series, instance };
    throw refusedKey(key, this.location, 'it does not consist of UIDs');
  }

  async #instancePath(key: string, signal: AbortSignal | undefined): Promise<string> {
    const { series, instance } = this.#partsOf(key);
    const address = await this.#seriesOf(this.#root.series === undefined ? series : '', signal);
    return `${seriesPath(address)}/instances/${instance}`;
  }

  #notFound(prefix: string): NotFoundError {
    const location = prefix === '' ? this.location : `${this.location}/series/${printableKey(prefix)}`;
    const message = `Expected a series at ${location} but the service has none. Check the Series Instance UID and the root.`;
    return new NotFoundError(message, { location });
  }

  #ambiguous(found: readonly SeriesAddress[]): AmbiguousError {
    const candidates = found.slice(0, maxListedCandidates).map((each) => seriesPath(each));
    const more = found.length > candidates.length ? `\n  ... and ${found.length - candidates.length} more` : '';
    return new AmbiguousError(
      `Expected one series in ${this.location} but found ${found.length}:\n  ${candidates.map(printable).join('\n  ')}${more}\n` +
        'Give a Series Instance UID, or add one of these to the root.',
      { candidates, count: found.length },
    );
  }
}
