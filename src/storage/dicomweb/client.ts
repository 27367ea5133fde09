import { StorageError } from '../../base/errors.ts';
import { type PartReader, partsSink } from '../../http/parts.ts';
import type {
  BodySink,
  FetchOptions,
  HttpFailure,
  HttpHead,
  HttpHeaders,
  HttpRequest,
  Transport,
} from '../../http/types.ts';
import { type DicomwebRoot, isUsableUid, type SeriesAddress, seriesPath } from './address.ts';
import { elementsSink } from './json-elements-sink.ts';
import { parseInstance, textOfAttribute } from './metadata.ts';

/** A series that a search found. */
export interface FoundSeries extends SeriesAddress {
  /** Number of Series Related Instances, where the server tells. */
  readonly instances: number | undefined;
}

export interface DicomwebClientOptions {
  readonly root: DicomwebRoot;
  readonly transport: Transport;
  /** Secret headers for the root's origin; never sent to another. */
  readonly secretHeaders: HttpHeaders;
}

const DICOM_JSON = 'application/dicom+json';
/** Results asked for at a time: some servers refuse more than 200. */
const PAGE_LENGTH = 200;
/** A shorter page than this is taken for the last one, whatever the server's own limit may be. */
const SMALLEST_SERVER_LIMIT = 20;
const MOST_RESULTS = 200_000;
const LARGEST_PAGE = 64 * 1024 * 1024;
/** Metadata are parsed as they arrive. */
const LARGEST_METADATA = 16 * 1024 * 1024 * 1024;
const LARGEST_REPLY = 2 ** 32;

/** Statuses that mean "not here, and not this way": another attempt would be answered alike. */
function judgeRefusal({ status }: HttpFailure, location: string): ReturnType<NonNullable<HttpRequest['judge']>> {
  if (status !== 500) return undefined;
  const message = `${location} answered with status 500: the server failed to make it.`;
  return { action: 'throw', error: new StorageError(message, { location, status }) };
}

/** The requests of DICOMweb (PS3.18 chapter 10) that a preview needs. */
export class DicomwebClient {
  readonly #options: DicomwebClientOptions;

  constructor(options: DicomwebClientOptions) {
    this.#options = options;
  }

  /** For messages. */
  locationOf(path: string): string {
    const { service } = this.#options.root;
    return `${service.origin}${service.pathname}${path}`;
  }

  /**
   * Series by search (QIDO-RS), page by page until `isEnough`; those that do not fit the filter are left out even where
   * the server ignores it.
   */
  async searchSeries(
    filter: { readonly study?: string | undefined; readonly series?: string | undefined },
    signal: AbortSignal | undefined,
  ): Promise<readonly FoundSeries[]> {
    const path = filter.study === undefined ? 'series' : `studies/${filter.study}/series`;
    const query = filter.series === undefined ? [] : [`SeriesInstanceUID=${encodeURIComponent(filter.series)}`];
    const toSeries = (result: Readonly<Record<string, unknown>>): FoundSeries | undefined => {
      const study =
        textOfAttribute(result, '0020000D') ?? filter.study ?? studyOfUrl(textOfAttribute(result, '00081190'));
      const series = textOfAttribute(result, '0020000E');
      if (study === undefined || series === undefined || !isUsableUid(study) || !isUsableUid(series)) return undefined;
      if (filter.series !== undefined && filter.series !== series) return undefined;
      const instances = Number(textOfAttribute(result, '00201209') ?? Number.NaN);
      return { study, series, instances: Number.isSafeInteger(instances) ? instances : undefined };
    };
    const isEnough = (found: readonly FoundSeries[]): boolean => filter.series !== undefined && found.length > 0;
    return this.#search(path, query, toSeries, ({ study, series }) => `${study}/${series}`, isEnough, signal);
  }

  /** SOP Instance UIDs of a series by search (QIDO-RS), until there are `enough`. */
  searchInstances(
    address: SeriesAddress,
    enough: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const toUid = (result: Readonly<Record<string, unknown>>): string | undefined => {
      const uid = textOfAttribute(result, '00080018');
      return uid !== undefined && isUsableUid(uid) ? uid : undefined;
    };
    const isEnough = (found: readonly string[]): boolean => enough !== undefined && found.length >= enough;
    return this.#search(`${seriesPath(address)}/instances`, [], toUid, (uid) => uid, isEnough, signal);
  }

  async #search<T>(
    path: string,
    query: readonly string[],
    toResult: (result: Readonly<Record<string, unknown>>) => T | undefined,
    nameOf: (result: T) => string,
    isEnough: (found: readonly T[]) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<readonly T[]> {
    const byName = new Map<string, T>();
    const location = this.locationOf(path);
    // A server that ignores the offset sends the same again: nothing new ends the search.
    const seen = new Set<string>();
    let offset = 0;
    for (;;) {
      const paging = [`limit=${PAGE_LENGTH}`, ...(offset === 0 ? [] : [`offset=${offset}`])];
      const page: string[] = [];
      let isLimited = false;
      const request = this.#request(path, DICOM_JSON, { query: [...query, ...paging] });
      const options = { signal, statuses: [200, 204], maximumByteLength: LARGEST_PAGE };
      await this.#fetchElements(
        request,
        options,
        (json) => page.push(Buffer.from(json).toString('latin1')),
        (head) => {
          page.length = 0;
          isLimited = /^\s*299\b/.test(head.headers['warning'] ?? '');
        },
      );
      const fresh = page.filter((json) => !seen.has(json));
      for (const json of fresh) {
        seen.add(json);
        const parsed = parseInstance(Buffer.from(json, 'latin1'));
        const result = parsed === undefined ? undefined : toResult(parsed);
        if (result !== undefined) byName.set(nameOf(result), result);
      }
      const found = [...byName.values()];
      const isLast = fresh.length === 0 || (page.length < SMALLEST_SERVER_LIMIT && !isLimited);
      if (isLast || isEnough(found)) return found;
      if (seen.size > MOST_RESULTS) {
        throw new StorageError(
          `A search at ${location} finds more than ${MOST_RESULTS} results. Name a study or a series.`,
          {
            location,
          },
        );
      }
      offset += page.length;
    }
  }

  /** A series' (or one instance's) metadata, object by object as they arrive; `begin` is called at every attempt. */
  fetchMetadata(
    path: string,
    handler: { readonly begin: () => void; readonly take: (json: Uint8Array) => void },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const request = this.#request(`${path}/metadata`, DICOM_JSON);
    return this.#fetchElements(request, { signal, maximumByteLength: LARGEST_METADATA }, handler.take, handler.begin);
  }

  /** Anything that may come as parts, taken as it arrives; `createReader` is called at every attempt. */
  fetchParts<T>(
    url: URL | string,
    accept: string,
    createReader: (head: HttpHead) => PartReader<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const request = this.#request(url, accept, { judge: true });
    const { location } = request;
    return this.#options.transport.fetchInto(
      request,
      (head) => partsSink(head, createReader(head), { location, maximumByteLength: LARGEST_REPLY }),
      { signal, maximumByteLength: LARGEST_REPLY },
    );
  }

  /** Requests go to the root's own origin alone, so secrets may go with all of them. */
  #request(
    target: URL | string,
    accept: string,
    options: { readonly query?: readonly string[]; readonly judge?: boolean } = {},
  ): HttpRequest {
    const { root, secretHeaders } = this.#options;
    const url = typeof target === 'string' ? new URL(root.service.href + target) : new URL(target);
    const own = typeof target === 'string' ? [root.search.slice(1), ...(options.query ?? [])] : [url.search.slice(1)];
    url.search = own.filter((part) => part !== '').join('&');
    const location = `${url.origin}${url.pathname}`;
    return {
      url,
      location,
      headers: { accept },
      authorize: () => secretHeaders,
      ...(options.judge === true ? { judge: (failure) => judgeRefusal(failure, location) } : {}),
    };
  }

  #fetchElements(
    request: HttpRequest,
    options: FetchOptions & { readonly maximumByteLength: number },
    take: (json: Uint8Array) => void,
    begin: (head: HttpHead) => void,
  ): Promise<void> {
    const createSink = (head: HttpHead): BodySink<void> => {
      begin(head);
      return elementsSink(head, request.location, take);
    };
    return this.#options.transport.fetchInto(request, createSink, options);
  }
}

/** The study in a Retrieve URL (0008,1190). */
function studyOfUrl(url: string | undefined): string | undefined {
  return /\/studies\/([^/]+)/.exec(url ?? '')?.[1];
}
