import { ByteCollector } from '../base/bytes.ts';
import { StorageError } from '../base/errors.ts';
import { decodeBody, isFramed } from './content-headers.ts';
import { TransientFailure } from './retry.ts';
import type { BodySink, FetchOptions, HttpDocument, HttpHead, HttpRequest, Transport } from './types.ts';

/** A document that no further try makes usable. The message says why, as a part of a sentence. */
export class UnusableDocument extends Error {}

/** A sink whose document is there at once, without a promise. */
export interface DocumentSink extends BodySink<HttpDocument> {
  finish(): HttpDocument;
}

/** Gathers a body into a document, decoded to at most `maxByteLength` bytes. */
export function documentSink(head: HttpHead, maxByteLength: number, location: string): DocumentSink {
  const collector = new ByteCollector();
  return {
    write(chunk): boolean {
      collector.add(chunk);
      return true;
    },
    finish: () => ({
      ...head,
      bytes: decodeBody(collector.take(), head.headers, maxByteLength, location),
      lengthVerified: isFramed(head.headers),
    }),
  };
}

/**
 * Fetches a document and parses it. When `parse` returns undefined, the document was cut off or damaged: it is asked
 * for again, as after any transient failure, and in the end a StorageError says that `expected` was expected. It says so
 * at once when `parse` throws an UnusableDocument.
 */
export function fetchParsed<T>(
  transport: Transport,
  request: HttpRequest,
  options: FetchOptions & { readonly maxByteLength: number },
  expected: string,
  parse: (document: HttpDocument) => Promise<T | undefined>,
): Promise<T> {
  const { location } = request;
  return transport.fetchInto(
    request,
    (head) => {
      const sink = documentSink(head, options.maxByteLength, location);
      return {
        write: (chunk) => sink.write(chunk),
        async finish(): Promise<T> {
          const parsed = await parse(sink.finish()).catch((error: unknown) => {
            if (!(error instanceof UnusableDocument)) throw error;
            throw new StorageError(`${location}: expected ${expected}, but ${error.message}.`, {
              location,
              status: head.status,
            });
          });
          if (parsed !== undefined) return parsed;
          throw new TransientFailure(
            new StorageError(
              `${location}: expected ${expected}, but every time something else came, or it was cut off.`,
              {
                location,
                status: head.status,
              },
            ),
          );
        },
      };
    },
    options,
  );
}

/** The text of a document. Bytes that are not UTF-8 become replacement characters. */
export function textOf(document: HttpDocument): string {
  return new TextDecoder().decode(document.bytes);
}
