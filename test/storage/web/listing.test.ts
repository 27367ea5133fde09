import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUsableName, objectionToKey } from '../../../src/base/keys.ts';
import { parseErrorXml, parseXml } from '../../../src/storage/buckets/xml.ts';
import { parseJsonIndex } from '../../../src/storage/web/json-listing.ts';
import { parseHtmlIndex, parseMultistatus, parseNginxXmlIndex } from '../../../src/storage/web/listing.ts';
import { repetitions } from '../../support/repetitions.ts';

const folderUrl = new URL('https://host.example/data/series%20a/');
const names = (html: string): readonly string[] =>
  parseHtmlIndex(html, folderUrl).map(({ name, isFolder }) => (isFolder ? `${name}/` : name));

describe('an HTML index', () => {
  it('gives the links one level down, whatever their text', () => {
    const html = `
      <a href="../">Parent</a> <a href="/data/">Parent</a> <a href="?C=N;O=D">Name</a> <a href="#top">Top</a>
      <a href="1.dcm">1.d..&gt;</a><a href='sub/'>sub</a><A HREF=2.dcm>2</A><a name="x">no link</a>
      <a href="./3.dcm">3</a><a href="/data/series%20a/4.dcm">4</a><a href="/data/series a/5.dcm">5</a>
      <a href="https://host.example/data/series%20a/6.dcm">6</a><a href="a%26b.dcm">a&amp;b</a><a href="1.dcm">again</a>
      <link href="style.css"><img src="icon.png">`;
    expect(names(html)).toEqual(['1.dcm', '2.dcm', '3.dcm', '4.dcm', '5.dcm', '6.dcm', 'a&b.dcm', 'sub/']);
  });

  it.each([
    'https://other.example/data/series%20a/x.dcm',
    '//other.example/data/series%20a/x.dcm',
    'http://host.example/data/series%20a/x.dcm',
    'https://host.example:8443/data/series%20a/x.dcm',
    '../other/x.dcm',
    '../../x.dcm',
    'a/b.dcm',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e/x.dcm',
    '%2e%2e%2fx.dcm',
    '%2fetc',
    'x%00.dcm',
    'x.dcm?token=1',
    'javascript:alert(1)',
    'mailto:a@b.example',
    'file:///etc/passwd',
    'data:text/plain,x',
    '',
    '.',
    './',
    '%2e',
    '\\\\other\\x',
  ])('passes over %j', (href) => {
    expect(names(`<a href="${href}">x</a>`)).toEqual([]);
  });

  it('honours a base of its own, and cannot be led away by it', () => {
    expect(names('<base href="https://host.example/data/series%20a/"><a href="1.dcm">1</a>')).toEqual(['1.dcm']);
    expect(names('<base href="https://other.example/data/series%20a/"><a href="1.dcm">1</a>')).toEqual([]);
  });

  it('whatever is in it, no name leads out of the folder', () => {
    const href = fc.array(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '%2e',
        '%2f',
        '%5c',
        '\\',
        '%00',
        '?',
        '#',
        'a',
        '%',
        ':',
        '//',
        '"',
        '&amp;',
        'é',
        ' ',
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.array(href, { maxLength: 5 }), (links) => {
        const html = links.map((parts) => `<a href='${parts.join('')}'>x</a>`).join('');
        for (const { name } of parseHtmlIndex(html, folderUrl)) {
          expect(isUsableName(name)).toBe(true);
          expect(objectionToKey(name)).toBeUndefined();
        }
      }),
      { numRuns: repetitions(250, 2000) },
    );
  });
});

describe('a JSON index', () => {
  it("of nginx and of Caddy is read, and Caddy's empty folder", () => {
    const nginx =
      '[{"name":"sub","type":"directory","mtime":"x"},{"name":"1%41.dcm","type":"file","mtime":"x","size":5}]';
    const caddy =
      '[{"name":"sub/","size":4096,"url":"./sub/","is_dir":true},{"name":"1%41.dcm","size":5,"url":"./1%2541.dcm","mod_time":"x","is_dir":false}]';
    for (const json of [nginx, caddy]) {
      expect(parseJsonIndex(json)).toEqual([
        { name: '1%41.dcm', isFolder: false, byteLength: 5, etag: undefined, modified: 'x' },
        { name: 'sub', isFolder: true, byteLength: undefined, etag: undefined },
      ]);
    }
    expect(parseJsonIndex('null')).toEqual([]);
  });

  it('leaves out names that are none', () => {
    const json = JSON.stringify(['..', '.', '', 'a/b', '/etc', 'x\0'].map((name) => ({ name, type: 'file', size: 1 })));
    expect(parseJsonIndex(json)).toEqual([]);
  });

  it.each(['{}', '[1]', '[{"name":1}]', '[{"name":"x"}]', '[{"name":"x","type":"file"}', 'no json', ''])(
    '%s is none',
    (json) => {
      expect(parseJsonIndex(json)).toBeUndefined();
    },
  );
});

describe('XML', () => {
  it('of nginx', () => {
    const root = parseXml(
      '<?xml version="1.0"?><list><directory>sub</directory><file size="1">a&amp;b.dcm</file><file>..</file></list>',
    );
    expect(root && parseNginxXmlIndex(root)?.map(({ name }) => name)).toEqual(['a&b.dcm', 'sub']);
  });

  it('that is cut anywhere is not taken', () => {
    const xml = '<list><file size="1">a.dcm</file><directory/></list>';
    expect(parseXml(xml)?.children.length).toBe(2);
    for (let end = 0; end < xml.length; end += 1)
      expect(parseXml(xml.slice(0, end)), xml.slice(0, end)).toBeUndefined();
  });

  it('never fails, and never resolves entities of its own', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseXml(text)));
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><list><file>&a;&b;</file></list>';
    expect(parseXml(bomb)?.children[0]?.text).toBe('&a;&b;');
    expect(parseXml('<a>'.repeat(60))).toBeUndefined();
  });

  it('that is nested deeper than any listing is refused', () => {
    const nested = (depth: number): string => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;
    expect(parseXml(nested(64))?.name).toBe('a');
    expect(() => parseXml(nested(65))).toThrow('its XML elements are nested more than 64 deep');
    expect(parseErrorXml(`<Error>${nested(100)}</Error>`)).toBeUndefined();
    expect(parseErrorXml('<Error><Code>x</Code></Error>')?.name).toBe('Error');
  });
});

describe('a WebDAV multistatus', () => {
  const response = (href: string, properties: string): string =>
    `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
  const status = (...responses: readonly string[]): string =>
    `<d:multistatus xmlns:d="DAV:">${responses.join('')}</d:multistatus>`;
  const folder = '<d:resourcetype><d:collection/></d:resourcetype>';
  const file = '<d:resourcetype/><d:getcontentlength>7</d:getcontentlength><d:getetag>"x"</d:getetag>';

  it('gives files, folders, sizes and versions', () => {
    const xml = status(
      response('/data/series%20a/', folder),
      response('/data/series%20a/1.dcm', file),
      response('https://host.example/data/series%20a/sub/', folder),
      response('/data/series%20a/sub/deep.dcm', file),
      response('/data/other.dcm', file),
      response('https://other.example/data/series%20a/x.dcm', file),
    );
    expect(parseMultistatus(xml, folderUrl)).toEqual([
      { name: '1.dcm', isFolder: false, byteLength: 7, etag: '"x"' },
      { name: 'sub', isFolder: true, byteLength: undefined, etag: undefined },
    ]);
  });

  it('of a file is no folder', () => {
    expect(parseMultistatus(status(response('/data/series%20a', file)), folderUrl)).toBe('file');
    expect(parseMultistatus('<html></html>', folderUrl)).toBeUndefined();
  });
});
