import aws4 from 'aws4';
import type { HttpAttempt, HttpHeaders } from '../../../http/types.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The SHA-256 of no bytes, which is that of the body of a GET. Requests with another body say its own. */
const hashOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The headers that sign a request (AWS Signature Version 4, service s3): Authorization, x-amz-date,
 * x-amz-content-sha256 and, with temporary credentials, x-amz-security-token. The URL's path and query must be encoded
 * as in RFC 3986. Only the host and the x-amz- headers are signed, so proxies may change the other headers.
 */
export function signS3(attempt: HttpAttempt, credentials: S3Credentials, region: string, time: Date): HttpHeaders {
  const amazon = Object.entries(attempt.headers).filter(([name]) => name.startsWith('x-amz-'));
  const signed = aws4.sign(
    {
      service: 's3',
      region,
      method: attempt.method,
      host: attempt.url.host,
      path: `${attempt.url.pathname}${attempt.url.search}`,
      headers: {
        'x-amz-content-sha256': hashOfNothing,
        ...Object.fromEntries(amazon),
        host: attempt.url.host,
        'x-amz-date': time.toISOString().replace(/[:-]|\.\d{3}/g, ''),
        ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
      },
    },
    { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
  );
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(signed.headers ?? {})) {
    if (value !== undefined && name !== 'host') headers[name.toLowerCase()] = String(value);
  }
  return headers;
}
