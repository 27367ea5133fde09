import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/base/errors.ts';
import { s3ObjectUrl } from '../../../../src/storage/buckets/s3/url.ts';
import { parseBucketUrl, parseEndpointUrl } from '../../../../src/storage/buckets/url.ts';

const amazon = { endpointUrl: undefined, region: 'us-east-1' };

describe('s3 URLs', () => {
  it.each([
    ['s3://bucket', { bucket: 'bucket', prefix: '' }],
    ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
    ['S3://bucket/a/b/', { bucket: 'bucket', prefix: 'a/b' }],
    ['s3://bucket//a//b//', { bucket: 'bucket', prefix: '/a//b' }],
    ['s3://bucket/100%/a b?c#d', { bucket: 'bucket', prefix: '100%/a b?c#d' }],
  ])('%s', (url, root) => {
    expect(parseBucketUrl('s3', url)).toEqual(root);
  });

  it.each(['s3://', 's3:///key', 's3://a', 's3://user@host/x', 's3://buc ket/x', 's3://-x/y'])(
    '%s is refused',
    (url) => {
      expect(() => parseBucketUrl('s3', url)).toThrow(UsageError);
    },
  );
});

describe('where a key is asked for', () => {
  it.each([
    [amazon, 'idc-open-data', 'uid/1.dcm', 'https://idc-open-data.s3.us-east-1.amazonaws.com/uid/1.dcm'],
    [amazon, 'with.dots', 'a', 'https://s3.us-east-1.amazonaws.com/with.dots/a'],
    [amazon, 'Capitals', 'a', 'https://s3.us-east-1.amazonaws.com/Capitals/a'],
    [{ ...amazon, region: 'cn-north-1' }, 'bucket', 'a', 'https://bucket.s3.cn-north-1.amazonaws.com.cn/a'],
    [
      { endpointUrl: new URL('http://localhost:9000'), region: 'x' },
      'bucket',
      'a b/ü',
      'http://localhost:9000/bucket/a%20b/%C3%BC',
    ],
    [{ endpointUrl: new URL('https://host/s3/'), region: 'x' }, 'bucket', 'a', 'https://host/s3/bucket/a'],
  ])('%j %s %s', (endpoint, bucket, key, url) => {
    expect(s3ObjectUrl(endpoint, bucket, key).href).toBe(url);
  });

  it('with a query, sorted and escaped as a signature wants', () => {
    const url = s3ObjectUrl(amazon, 'bucket', '', { prefix: "a b+'(/", 'list-type': '2' });
    expect(url.search).toBe('?list-type=2&prefix=a%20b%2B%27%28%2F');
  });
});

describe('endpoints', () => {
  it.each(['', 'localhost:9000', 'ftp://host', 'https://user:topsecret@host'])(
    '%j is refused, and not repeated',
    (text) => {
      expect(() => parseEndpointUrl(text)).toThrow(UsageError);
      expect(() => parseEndpointUrl(text)).not.toThrow(/topsecret/);
    },
  );
});
