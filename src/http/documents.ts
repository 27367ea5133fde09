import { ByteCollector } from '../base/bytes.ts';
import { StorageError } from '../base/errors.ts';
import { decodeBody } from './body-decoding.ts';
import { TransientFailure } from './retry.ts';
import type { BodySink, FetchOptions, HttpDocument, HttpHead, HttpRequest, Transport } from './types.ts';

/** A sink that gives its document at once. */
export interface DocumentSink extends BodySink<HttpDocument> {
  finish(): HttpDocument;
}

/** Gathers a body into a document of at most `maximumByteLength` bytes, decoded. */
export function documentSink(head: HttpHead, maximumByteLength: number, location: string): DocumentSink {
  const collector = new ByteCollector();
  return {
    write(chunk): boolean {
      collector.add(chunk);
      return true;
    },
    finish: () => ({
      ...head,
      bytes: decodeBody(collector.take(), head.headers['content-encoding'], maximumByteLength, location),
      lengthVerified: head.headers['content-length'] !== undefined || head.headers['transfer-encoding'] !== undefined,
    }),
  };
}

/**
 * Fetches a document and parses it. `parse` returns undefined for what is cut or damaged: then it is asked for again
 * like after any transient failure, and in the end a StorageError says that `expected` was expected.
 */
export function fetchParsed<T>(
  transport: Transport,
  request: HttpRequest,
  options: FetchOptions & { readonly maximumByteLength: number },
  expected: string,
  parse: (document: HttpDocument) => Promise<T | undefined>,
): Promise<T> {
  const { location } = request;
  return transport.fetchInto(
    request,
    (head) => {
      const sink = documentSink(head, options.maximumByteLength, location);
      return {
        write: (chunk) => sink.write(chunk),
        async finish(): Promise<T> {
          const parsed = await parse(sink.finish());
          if (parsed !== undefined) return parsed;
          throw new TransientFailure(
            new StorageError(`${location}: expected ${expected}, but what came is none, or was cut off, every time.`, {
              location,
              status: head.status,
            }),
          );
        },
      };
    },
    options,
  );
}

/** A document's text; UTF-8 with what is none replaced. */
export function textOf(document: HttpDocument): string {
  return new TextDecoder().decode(document.bytes);
}
