import { NotFoundError, StorageError } from '../../base/errors.ts';
import { parseMediaType } from '../../http/content-headers.ts';
import { partsReader, type RangeOfPart, rangeReader } from '../../http/parts.ts';
import type { ByteRange } from '../../types/storage.ts';
import type { DicomwebClient } from './client.ts';
import { syntaxOfFrame } from './frame-syntax.ts';

/**
 * Accept headers for frames, the best first: frames as the server stores them (`transfer-syntax=*`), not transcoded.
 * Servers differ in what they understand. When one header is refused (400, 406, 415), the next one is tried.
 */
const frameAccepts = [
  'multipart/related; type="application/octet-stream"; transfer-syntax=*',
  ['image/jpeg', 'image/jls', 'image/jp2', 'image/jphc', 'image/jxl', 'image/dicom-rle', 'application/octet-stream']
    .map((type) => `multipart/related; type="${type}"; transfer-syntax=*`)
    .join(', '),
  'application/octet-stream; transfer-syntax=*',
];
const instanceAccepts = [
  'multipart/related; type="application/dicom"; transfer-syntax=*',
  'application/dicom; transfer-syntax=*',
  'application/dicom',
];
const bulkAccepts = ['multipart/related; type="application/octet-stream"', 'application/octet-stream', '*/*'];

const refusals = new Set([400, 406, 415]);
/** When so many frames were refused and none came, the server is considered to have none. */
const maxRefusedFrames = 4;

/** Frames, instances and bulk data of a DICOMweb service (WADO-RS, PS3.18 section 10.4). */
export class DicomwebRetrieval {
  readonly #client: DicomwebClient;
  readonly #accepted = new Map<readonly string[], string>();
  #framesGot = 0;
  #framesRefused = 0;

  constructor(client: DicomwebClient) {
    this.#client = client;
  }

  /** One frame (from 1) of the instance at `path`, and the transfer syntax it came in. */
  async fetchFrame(
    path: string,
    frame: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly transferSyntaxUid: string }> {
    const target = `${path}/frames/${frame}`;
    const location = this.#client.locationOf(target);
    if (this.#framesGot === 0 && this.#framesRefused >= maxRefusedFrames) {
      throw new StorageError(`${location}: the server gives no single frames.`, { location });
    }
    try {
      const reply = await this.#fetchAccepted(frameAccepts, (accept) =>
        this.#client.fetchParts(
          target,
          accept,
          (head) => partsReader(parseMediaType(head.headers['content-type'])),
          signal,
        ),
      );
      const [part, second] = reply.parts;
      if (part === undefined || second !== undefined) {
        throw new StorageError(`${location}: expected one frame but the server sent ${reply.parts.length} parts.`, {
          location,
        });
      }
      if (!isFrameType(part.mediaType.name)) {
        throw new StorageError(`${location}: expected a frame but the server sent ${part.mediaType.name}.`, {
          location,
        });
      }
      this.#framesGot += 1;
      return { bytes: part.bytes, transferSyntaxUid: syntaxOfFrame(part, reply) };
    } catch (error) {
      if (error instanceof StorageError || error instanceof NotFoundError) this.#framesRefused += 1;
      throw error;
    }
  }

  /** A range of the instance at `path`, as a DICOM object (PS3.10). The rest is not received. */
  async fetchInstance(path: string, range: ByteRange, signal: AbortSignal | undefined): Promise<RangeOfPart> {
    const found = await this.#fetchAccepted(instanceAccepts, (accept) =>
      this.#client.fetchParts(path, accept, () => rangeReader(range.offset, range.length), signal),
    );
    if (found !== undefined) return found;
    const location = this.#client.locationOf(path);
    throw new StorageError(`${location}: expected an instance but the server sent none.`, { location });
  }

  /** A value that has a URI of its own. */
  async fetchBulk(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const reply = await this.#fetchAccepted(bulkAccepts, (accept) =>
      this.#client.fetchParts(url, accept, (head) => partsReader(parseMediaType(head.headers['content-type'])), signal),
    );
    const [part, second] = reply.parts;
    if (part !== undefined && second === undefined) return part.bytes;
    const location = `${url.origin}${url.pathname}`;
    throw new StorageError(`${location}: expected one value but the server sent ${reply.parts.length} parts.`, {
      location,
    });
  }

  /** Asks with one Accept header after the other until one is accepted; from then on only with that one. */
  async #fetchAccepted<T>(accepts: readonly string[], fetch: (accept: string) => Promise<T>): Promise<T> {
    const known = this.#accepted.get(accepts);
    if (known !== undefined) return fetch(known);
    let failure: unknown;
    for (const accept of accepts) {
      try {
        const found = await fetch(accept);
        this.#accepted.set(accepts, accept);
        return found;
      } catch (error) {
        failure ??= error;
        const isRefusal = error instanceof StorageError && error.status !== undefined && refusals.has(error.status);
        if (!isRefusal) throw error;
      }
    }
    throw failure;
  }
}

/** Texts and the like are error pages, whatever the status says. */
function isFrameType(name: string): boolean {
  return name === '' || /^(image|video)\//.test(name) || name === 'application/octet-stream';
}
