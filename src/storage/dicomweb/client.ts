import { StorageError } from '../../base/errors.ts';
import { tags } from '../../dicom/tags.ts';
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
import { type JsonObject, jsonName, parseDataSet, textOf } from './json-data-set.ts';
import { elementsSink } from './json-elements.ts';

/** A series that a search has found. */
export interface FoundSeries extends SeriesAddress {
  /** Number of Series Related Instances, where the server tells it. */
  readonly instances: number | undefined;
  /** '' where the server does not tell them. */
  readonly modality: string;
  readonly seriesDescription: string;
  readonly bodyPartExamined: string;
}

export interface DicomwebClientOptions {
  readonly root: DicomwebRoot;
  readonly transport: Transport;
  /** Secret headers for the root's origin; never sent to another origin. */
  readonly secretHeaders: HttpHeaders;
}

const dicomJson = 'application/dicom+json';
/** Attributes of the results of a search. */
const names = {
  study: jsonName(tags.studyInstanceUid),
  series: jsonName(tags.seriesInstanceUid),
  instance: jsonName(tags.sopInstanceUid),
  instances: jsonName(tags.numberOfSeriesRelatedInstances),
  retrieveUrl: jsonName(tags.retrieveUrl),
  modality: jsonName(tags.modality),
  seriesDescription: jsonName(tags.seriesDescription),
  bodyPartExamined: jsonName(tags.bodyPartExamined),
};

/** How many results are asked for at a time. Some servers refuse more than 200. */
const pageLength = 200;
/** A shorter page than this counts as the last one, whatever the server's own limit may be. */
const minServerLimit = 20;
const maxResults = 200_000;
const maxPageByteLength = 64 * 1024 * 1024;
/** Metadata may be large, because they are parsed as they arrive. */
const maxMetadataByteLength = 16 * 1024 * 1024 * 1024;
const maxReplyByteLength = 2 ** 32;

/** DICOMweb servers answer with 500 to what they cannot make. Another attempt would get the same answer. */
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

  /** Where a path of the service is, for messages. */
  locationOf(path: string): string {
    const { service } = this.#options.root;
    return `${service.origin}${service.pathname}${path}`;
  }

  /**
   * Searches for series (QIDO-RS), page by page. Some servers ignore the filter, so series that do not fit it are left
   * out here.
   */
  async searchSeries(
    filter: { readonly study?: string | undefined; readonly series?: string | undefined },
    signal: AbortSignal | undefined,
  ): Promise<readonly FoundSeries[]> {
    const path = filter.study === undefined ? 'series' : `studies/${filter.study}/series`;
    const query = filter.series === undefined ? [] : [`SeriesInstanceUID=${encodeURIComponent(filter.series)}`];
    const toSeries = (result: JsonObject): FoundSeries | undefined => {
      const study = textOf(result[names.study]) ?? filter.study ?? studyOfUrl(textOf(result[names.retrieveUrl]));
      const series = textOf(result[names.series]);
      if (study === undefined || series === undefined || !isUsableUid(study) || !isUsableUid(series)) return undefined;
      if (filter.series !== undefined && filter.series !== series) return undefined;
      const instances = Number(textOf(result[names.instances]) ?? Number.NaN);
      return {
        study,
        series,
        instances: Number.isSafeInteger(instances) ? instances : undefined,
        modality: textOf(result[names.modality]) ?? '',
        seriesDescription: textOf(result[names.seriesDescription]) ?? '',
        bodyPartExamined: textOf(result[names.bodyPartExamined]) ?? '',
      };
    };
    const isEnough = (found: readonly FoundSeries[]): boolean => filter.series !== undefined && found.length > 0;
    return this.#search(path, query, toSeries, ({ study, series }) => `${study}/${series}`, isEnough, signal);
  }

  /** Searches for the SOP Instance UIDs of a series (QIDO-RS), page by page, until there are `enough`. */
  searchInstances(
    address: SeriesAddress,
    enough: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const toUid = (result: JsonObject): string | undefined => {
      const uid = textOf(result[names.instance]);
      return uid !== undefined && isUsableUid(uid) ? uid : undefined;
    };
    const isEnough = (found: readonly string[]): boolean => enough !== undefined && found.length >= enough;
    return this.#search(`${seriesPath(address)}/instances`, [], toUid, (uid) => uid, isEnough, signal);
  }

  async #search<T>(
    path: string,
    query: readonly string[],
    toResult: (result: JsonObject) => T | undefined,
    nameOf: (result: T) => string,
    isEnough: (found: readonly T[]) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<readonly T[]> {
    const byName = new Map<string, T>();
    const location = this.locationOf(path);
    // A server that ignores the offset sends the same page again. So the search ends when a page brings nothing new.
    const seen = new Set<string>();
    let offset = 0;
    for (;;) {
      const paging = [`limit=${pageLength}`, ...(offset === 0 ? [] : [`offset=${offset}`])];
      const page: string[] = [];
      let isLimited = false;
      const request = this.#request(path, dicomJson, { query: [...query, ...paging] });
      const options = { signal, statuses: [200, 204], maxByteLength: maxPageByteLength };
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
        const parsed = parseDataSet(Buffer.from(json, 'latin1'));
        const result = parsed === undefined ? undefined : toResult(parsed);
        if (result !== undefined) byName.set(nameOf(result), result);
      }
      const found = [...byName.values()];
      const isLast = fresh.length === 0 || (page.length < minServerLimit && !isLimited);
      if (isLast || isEnough(found)) return found;
      if (seen.size > maxResults) {
        const message = `A search at ${location} finds more than ${maxResults} results. Name a study or a series.`;
        throw new StorageError(message, { location });
      }
      offset += page.length;
    }
  }

  /**
   * Fetches the metadata of a series, or of one instance, object by object as they arrive. `begin` is called at every
   * attempt.
   */
  fetchMetadata(
    path: string,
    handler: { readonly begin: () => void; readonly take: (json: Uint8Array) => void },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const request = this.#request(`${path}/metadata`, dicomJson);
    return this.#fetchElements(request, { signal, maxByteLength: maxMetadataByteLength }, handler.take, handler.begin);
  }

  /** Fetches something that may come in parts, as it arrives. `createReader` is called at every attempt. */
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
      (head) => partsSink(head, createReader(head), { location, maxByteLength: maxReplyByteLength }),
      { signal, maxByteLength: maxReplyByteLength },
    );
  }

  /** All requests go to the root's own origin, so all may carry its secrets. */
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
    options: FetchOptions & { readonly maxByteLength: number },
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
