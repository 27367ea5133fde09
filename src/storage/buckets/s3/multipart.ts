import { StorageError } from '../../../base/errors.ts';
import { textOf } from '../../../http/documents.ts';
import type { HttpHeaders } from '../../../http/types.ts';
import type { BucketWriting, PartUpload, SendToBucket } from '../bucket-sink.ts';

/**
 * Writing to Amazon S3, to stores that speak like it, and to Google's XML API: PUT, and multipart uploads for large objects
 * (Amazon S3 API reference, CreateMultipartUpload, UploadPart, CompleteMultipartUpload).
 */
export const s3Writing: BucketWriting = { putHeaders: {}, beginUpload };

async function beginUpload(key: string, headers: HttpHeaders, send: SendToBucket): Promise<PartUpload> {
  const reply = await send({ method: 'POST', key, query: { uploads: '' }, headers });
  const { childText, parseXml } = await import('../xml.ts');
  const root = parseXml(textOf(reply));
  const uploadId = root === undefined ? undefined : childText(root, 'UploadId');
  if (uploadId === undefined || uploadId === '') {
    throw new StorageError(`Expected an UploadId for ${key} but the store answered without one.`, { location: key });
  }
  const etags = new Map<number, string>();
  return {
    async put(number, bytes): Promise<void> {
      const query = { partNumber: String(number), uploadId };
      const { headers: said } = await send({ method: 'PUT', key, query, body: bytes });
      etags.set(number, said['etag'] ?? '');
    },
    async complete(): Promise<void> {
      const parts = [...etags]
        .sort(([first], [second]) => first - second)
        .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`);
      const body = new TextEncoder().encode(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
      const done = await send({
        ...{ method: 'POST', key, query: { uploadId }, body },
        headers: { 'content-type': 'application/xml' },
      });
      // This status is sent before the work is done: what came of it is in the body.
      const result = parseXml(textOf(done));
      if (result?.name === 'CompleteMultipartUploadResult') return;
      const code = result === undefined ? undefined : childText(result, 'Code');
      throw new StorageError(`${key} was not put together from its parts (${code ?? 'no result came'}). Try again.`, {
        location: key,
      });
    },
    async giveUp(): Promise<void> {
      await send({ method: 'DELETE', key, query: { uploadId } });
    },
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
