import aws4 from 'aws4';

/** What a test needs to fill a bucket. */
export interface S3Client {
  createBucket(bucket: string, acl?: 'private' | 'public-read'): Promise<void>;
  /** `key` is decoded. */
  putObject(bucket: string, key: string, bytes: Uint8Array, acl?: 'private' | 'public-read'): Promise<void>;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A writer for S3 servers, path style. */
export function createS3Client(
  url: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
): S3Client {
  const put = async (path: string, body: Uint8Array, headers: Record<string, string>): Promise<void> => {
    const { host } = new URL(url);
    const signed = aws4.sign(
      {
        service: 's3',
        region: 'us-east-1',
        method: 'PUT',
        host,
        path,
        headers: { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': String(body.length) },
      },
      credentials,
    );
    const entries = Object.entries(signed.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'host');
    const reply = await fetch(`${url}${path}`, {
      method: 'PUT',
      headers: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
      body: Buffer.from(body),
    });
    if (!reply.ok) throw new Error(`PUT ${path}: ${reply.status} ${await reply.text()}`);
  };
  return {
    createBucket: (bucket, acl = 'private') => put(`/${bucket}`, new Uint8Array(0), { 'x-amz-acl': acl }),
    putObject: (bucket, key, bytes, acl = 'private') =>
      put(`/${bucket}/${key.split('/').map(encode).join('/')}`, bytes, { 'x-amz-acl': acl }),
  };
}
