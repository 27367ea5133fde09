import type { Transport } from '../../../http/types.ts';
import type { Store } from '../../../types/storage.ts';
import { createBucketStore } from '../bucket-store.ts';
import { listQuery, type S3Root } from './address.ts';
import { S3Session, type S3SessionOptions } from './session.ts';

export interface S3StoreOptions extends Omit<S3SessionOptions, 'bucket' | 'location'> {
  readonly root: S3Root;
  readonly transport: Transport;
}

/** A bucket of Amazon S3 or a store that speaks like it, or what lies below a prefix of it; or a single object. */
export function createS3Store(options: S3StoreOptions): Store {
  const { root, transport, onWarning } = options;
  const bucketLocation = `s3://${root.bucket}`;
  const session = new S3Session({ ...options, bucket: root.bucket, location: bucketLocation });
  return createBucketStore({
    bucketLocation,
    prefix: root.prefix,
    transport,
    objectOperation: (key, location) => session.operation(key, location),
    listOperation: (prefix, delimiter, next, location) =>
      session.operation('', location, { ...listQuery(prefix, delimiter), ...next }),
    loadParser: async () => (await import('./listing.ts')).parseListPage,
    listingName: 'a listing of S3 (ListObjectsV2)',
    onWarning,
  });
}
