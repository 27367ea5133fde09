import { UnusableDocument } from '../../../src/http/documents.ts';
import { MultipartError, MultipartParser } from '../../../src/http/multipart.ts';
import { parseSourceHeader } from '../../../src/series/header-pass/source-headers.ts';
import { parseAzureErrorCode, parseAzurePage } from '../../../src/storage/buckets/azure/listing.ts';
import { parseListPage, parseS3Error } from '../../../src/storage/buckets/s3/listing.ts';
import { parseXml } from '../../../src/storage/buckets/xml.ts';
import { JsonElements, JsonElementsError } from '../../../src/storage/dicomweb/json-elements.ts';
import { readInstanceMetadata } from '../../../src/storage/dicomweb/metadata.ts';
import { parseJsonIndex } from '../../../src/storage/web/json-listing.ts';
import { parseHtmlIndex, parseMultistatus, parseNginxXmlIndex } from '../../../src/storage/web/listing.ts';
import { ctSeries, enhancedMultiFrame, radiograph } from '../../support/dicom/index.js';
import { takeApart } from '../../support/dicom-json.ts';
import { type FuzzTarget, tokensOf } from '../target.ts';

const folder = new URL('http://127.0.0.1/a/');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const seedsOf =
  (...texts: readonly string[]) =>
  async (): Promise<readonly Uint8Array[]> =>
    tokensOf(...texts);

const s3 = `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a%20b/1.dcm</Key><ETag>&quot;1&quot;</ETag><Size>7</Size></Contents><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>`;
const azure = `<EnumerationResults><Blobs><Blob><Name>a/1.dcm</Name><Properties><Content-Length>7</Content-Length><Etag>1</Etag></Properties></Blob><Blob><Name Encoded="true">b%FF</Name><Properties/></Blob><BlobPrefix><Name>c/</Name></BlobPrefix></Blobs><NextMarker>m</NextMarker></EnumerationResults>`;
const dav = `<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a/b.dcm</d:href><d:propstat><d:prop><d:getcontentlength>3</d:getcontentlength><d:getetag>"1"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response><d:response><d:href>/a/c/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop></d:propstat></d:response></d:multistatus>`;
const nginx = '<list><directory>sub</directory><file size="1">a&amp;b.dcm</file></list>';
const failure = '<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region><Endpoint>x.example</Endpoint></Error>';

export const xml: FuzzTarget = {
  name: 'xml',
  weight: 40,
  allowed: [UnusableDocument],
  tokens: tokensOf(
    '<a>',
    '</a>',
    '<Blob>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '&#x110000;',
    '&amp;',
    '<?',
    '<!DOCTYPE x [',
    "'",
    '"',
    '/>',
    '<Contents>',
    '%ff',
  ),
  seeds: seedsOf(s3, azure, dav, nginx, failure),
  run(bytes) {
    const source = text(bytes);
    parseS3Error(source);
    parseAzureErrorCode(source, undefined);
    const root = parseXml(source);
    if (root !== undefined) parseNginxXmlIndex(root);
    parseListPage(source);
    parseAzurePage(source);
    parseMultistatus(source, folder);
  },
};

export const html: FuzzTarget = {
  name: 'html',
  weight: 30,
  allowed: [UnusableDocument],
  tokens: tokensOf(
    '<a href="',
    '<base href="',
    '<b>',
    '</b>',
    '<script>',
    '<!--',
    '<svg>',
    '<p>',
    '<table>',
    'http://',
    '//',
    '..',
    '%2f',
    '%',
    '#',
    '?',
    "'>",
    '<textarea>',
  ),
  seeds: seedsOf(
    '<html><head><base href="/a/"></head><body><ul><li><a href="../">up</a><li><a href="b.dcm">b</a><li><a href="/a/c%20d/">c</a></ul><table><tr><td><a href=e>e</a></table></html>',
    '<pre><a href="?C=N">Name</a> <a href="1.dcm">1.dcm</a>  2020 7</pre>',
  ),
  run: (bytes) => parseHtmlIndex(text(bytes), folder),
};

const dicomJson = async (): Promise<readonly Uint8Array[]> =>
  [
    ...ctSeries({ rows: 4, instances: 1 }).values(),
    enhancedMultiFrame({ slices: 2, rows: 4 }),
    radiograph({ rows: 4 }),
  ].map((bytes) => Buffer.from(JSON.stringify([takeApart(bytes).json])));

export const json: FuzzTarget = {
  name: 'json',
  weight: 30,
  allowed: [JsonElementsError],
  tokens: tokensOf(
    '{',
    '}',
    '[',
    ']',
    '[[',
    '"',
    '\\',
    '\\u0000',
    'null',
    '1e400',
    '-1',
    '"vr":"SQ"',
    '"Value":',
    '"InlineBinary":"',
    '{"Alphabetic":1}',
    '00280010',
    '"vr":"AT"',
    '"vr":"OW"',
  ),
  seeds: async () => [
    ...(await dicomJson()),
    ...tokensOf(
      '[{"name":"a.dcm","type":"file","size":7,"mtime":"Mon, 1 Jan 2024"},{"name":"sub","type":"directory"}]',
      '[{"name":"a.dcm","is_dir":false,"size":7,"url":"./a.dcm"}]',
    ),
  ],
  run(bytes) {
    parseJsonIndex(text(bytes));
    const elements: Uint8Array[] = [];
    const parser = new JsonElements((element) => void elements.push(element.slice()), 1_000_000);
    const half = bytes.length >> 1;
    parser.write(bytes.subarray(0, half));
    parser.write(bytes.subarray(half));
    for (const element of elements) {
      const found = readInstanceMetadata(element, { study: '1.2', series: '1.2.3' });
      if (found?.header !== undefined) parseSourceHeader(found.header, undefined);
    }
    parser.finish();
  },
};

export const multipart: FuzzTarget = {
  name: 'multipart',
  weight: 150,
  allowed: [MultipartError],
  tokens: tokensOf(
    '\r\n--b',
    '--b--',
    '\r\n',
    '\n',
    '--',
    'Content-Length: 99999999999\r\n',
    'Content-Type: a/b\r\n',
    ': ',
    ' ',
  ),
  seeds: seedsOf(
    '--b\r\nContent-Type: application/octet-stream\r\nX: 1\r\n 2\r\n\r\nhello\r\nworld\r\n--b\r\nContent-Length: 6\r\n\r\nsecond\r\n--b--\r\nepilogue',
    'preamble\n\n--b\nContent-Length: 3\n\nabc\n--b--',
  ),
  run(bytes) {
    let isEnough = false;
    const handler = { begin: (): void => {}, data: (): boolean => !isEnough, end: (): void => {} };
    isEnough = bytes.length % 7 === 0;
    const parser = new MultipartParser('b', handler);
    const step = 1 + (bytes.length % 50);
    for (let at = 0; at < bytes.length; at += step) if (!parser.write(bytes.subarray(at, at + step))) return;
    parser.finish();
  },
};
