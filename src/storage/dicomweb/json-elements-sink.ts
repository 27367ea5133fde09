import { StorageError } from '../../base/errors.ts';
import { documentSink } from '../../http/documents.ts';
import { parseMediaType } from '../../http/media-type.ts';
import { TransientFailure } from '../../http/retry.ts';
import type { BodySink, HttpHead } from '../../http/types.ts';
import { JsonElements, JsonElementsError } from './json-elements.ts';

const LARGEST_ELEMENT = 256 * 1024 * 1024;
/** What an encoded reply may hold: it is gathered before it is decoded. */
const LARGEST_ENCODED = 2 ** 31;

/**
 * Takes an array of JSON objects as it arrives, `take` gets the bytes of each; a reply without content is an empty one.
 * Throws a StorageError for another media type; what is cut off or broken is a transient failure.
 */
export function elementsSink(head: HttpHead, location: string, take: (json: Uint8Array) => void): BodySink<void> {
  const { name } = parseMediaType(head.headers['content-type']);
  const isEmpty = head.status === 204 || head.headers['content-length'] === '0';
  if (!isEmpty && !/^(application\/(dicom\+)?json|text\/plain)?$/.test(name)) {
    throw new StorageError(
      `${location}: expected DICOM JSON (application/dicom+json) but the server sent ${name}. Does the root name the DICOMweb service?`,
      { location, status: head.status },
    );
  }
  const elements = new JsonElements(take, LARGEST_ELEMENT);
  const guard = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof JsonElementsError)) throw error;
      throw new TransientFailure(
        new StorageError(
          `${location}: expected an array of DICOM JSON but the server sent ${error.message}, every time.`,
          {
            location,
            status: head.status,
          },
        ),
      );
    }
  };
  const isEncoded = !/^(identity)?$/i.test(head.headers['content-encoding']?.trim() ?? '');
  const encoded = isEncoded ? documentSink(head, LARGEST_ENCODED, location) : undefined;
  return {
    write(chunk): boolean {
      if (encoded !== undefined) encoded.write(chunk);
      else if (!isEmpty) guard(() => elements.write(chunk));
      return true;
    },
    finish(): void {
      if (isEmpty) return;
      guard(() => {
        if (encoded !== undefined) elements.write(encoded.finish().bytes);
        elements.finish();
      });
    },
  };
}
