import type { HttpHeaders } from '../../../http/types.ts';
import type { BucketWriting, PartUpload, SendToBucket } from '../bucket-sink.ts';

/** Writing block blobs: Put Blob, and for large ones Put Block and Put Block List (Azure Blob Storage REST API). */
export const azureWriting: BucketWriting = { putHeaders: { 'x-ms-blob-type': 'BlockBlob' }, beginUpload };

async function beginUpload(key: string, headers: HttpHeaders, send: SendToBucket): Promise<PartUpload> {
  // Blocks of another writer of the same blob, under way at the same time, must not be taken for ours.
  const prefix = Math.random().toString(36).slice(2, 10).padEnd(8, '0');
  const ids = new Map<number, string>();
  return {
    async put(number, bytes): Promise<void> {
      const id = Buffer.from(`${prefix}-${String(number).padStart(6, '0')}`).toString('base64');
      await send({ method: 'PUT', key, query: { comp: 'block', blockid: id }, body: bytes });
      ids.set(number, id);
    },
    async complete(): Promise<void> {
      const sorted = [...ids].sort(([first], [second]) => first - second);
      const list = sorted.map(([, id]) => `<Latest>${id}</Latest>`).join('');
      const body = new TextEncoder().encode(`<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`);
      const type = headers['content-type'];
      await send({
        ...{ method: 'PUT', key, query: { comp: 'blocklist' }, body },
        headers: {
          'content-type': 'application/xml',
          ...(type === undefined ? {} : { 'x-ms-blob-content-type': type }),
        },
      });
    },
    async giveUp(): Promise<void> {
      // Azure removes blocks that belong to no blob after a week; there is no request for it.
    },
  };
}
