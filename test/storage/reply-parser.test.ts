import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedReplyError, type ReplyHead, ReplyParser } from '../../src/storage/reply-parser.ts';

interface Parsed {
  readonly head: ReplyHead | undefined;
  readonly body: string;
  readonly isDone: boolean;
  readonly endsWithConnection: boolean;
  readonly keepsConnection: boolean;
  /** What came behind the reply. */
  readonly rest: string;
}

/** Parses a reply that comes in these pieces. */
function parse(pieces: readonly string[]): Parsed {
  const parser = new ReplyParser();
  let body = '';
  let rest = '';
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    let at = 0;
    if (parser.head === undefined) at = parser.readHead(bytes, 0);
    if (parser.head !== undefined) {
      at = parser.readBody(bytes, at, (chunk) => {
        body += Buffer.from(chunk).toString('latin1');
        return true;
      });
    }
    rest += bytes.toString('latin1', at);
  }
  const { head, isDone, endsWithConnection, keepsConnection } = parser;
  return { head, body, isDone, endsWithConnection, keepsConnection, rest };
}

const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

const replies: readonly (readonly [name: string, text: string, expected: Partial<Parsed>])[] = [
  [
    'a length',
    `${head('HTTP/1.1 206 Partial Content', 'Content-Length: 5', 'ETag: "a"')}hello`,
    { body: 'hello', isDone: true, keepsConnection: true },
  ],
  [
    'chunks, with an extension and trailers',
    `${head('HTTP/1.1 200', 'transfer-encoding: chunked')}3;x=y\r\nhel\r\nA \r\nlo, wörld.\r\n0\r\nx: y\r\n\r\n`,
    { body: 'hello, wörld.', isDone: true, keepsConnection: true },
  ],
  [
    'neither, up to the end of the connection',
    `${head('HTTP/1.1 200 OK', 'content-type: text/plain')}hello`,
    { body: 'hello', isDone: false, endsWithConnection: true, keepsConnection: false },
  ],
  ['no body by its status', head('HTTP/1.1 204 No Content'), { body: '', isDone: true, keepsConnection: true }],
  [
    'interim replies first',
    `${head('HTTP/1.1 100 Continue')}${head('HTTP/1.1 103 Early Hints', 'link: </x>')}${head('HTTP/1.1 200 OK', 'content-length: 2')}ok`,
    { body: 'ok', isDone: true },
  ],
  [
    'a connection that is closed afterwards',
    `${head('HTTP/1.1 200 OK', 'content-length: 2', 'Connection: Close')}ok`,
    { body: 'ok', isDone: true, keepsConnection: false },
  ],
  [
    'HTTP/1.0 that keeps the connection',
    `${head('HTTP/1.0 200 OK', 'content-length: 2', 'connection: keep-alive')}ok`,
    { body: 'ok', isDone: true, keepsConnection: true },
  ],
  ['HTTP/1.0 that does not', `${head('HTTP/1.0 200 OK', 'content-length: 2')}ok`, { keepsConnection: false }],
  ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', { body: 'ok', isDone: true }],
  ['an empty body', head('HTTP/1.1 416 No', 'content-length: 0', 'content-range: bytes */9'), { isDone: true }],
];

describe('ReplyParser', () => {
  it.each(replies)('reads a reply with %s, in whatever pieces it comes', (_, text, expected) => {
    const whole = parse([text]);
    expect(whole).toMatchObject(expected);
    expect(whole.rest).toBe('');
    expect(parse([...text])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        expect(parse(at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(whole);
      }),
      { seed: 5, numRuns: 50 },
    );
  });

  it('tells what came behind a reply', () => {
    const text = `${head('HTTP/1.1 200 OK', 'content-length: 2')}okHTTP/1.1 200 OK`;
    expect(parse([text])).toMatchObject({ body: 'ok', rest: 'HTTP/1.1 200 OK', isDone: true });
  });

  it('reads headers as they are meant', () => {
    const lines = [
      'X-Empty:',
      'ETAG:\t "a" ',
      'etag: "b"',
      'x-list: 1',
      'X-List: 2',
      'x-folded: a',
      ' b',
      '__proto__: c',
    ];
    const { headers } = parse([head('HTTP/1.1 200 OK', 'content-length: 3, 3', ...lines)]).head ?? { headers: {} };
    expect(headers).toMatchObject({
      'x-empty': '',
      etag: '"a"',
      'x-list': '1, 2',
      'x-folded': 'a b',
      'content-length': '3, 3',
    });
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  it.each([
    ['no HTTP', 'this is not HTTP at all\r\n\r\n'],
    ['another version', head('HTTP/2 200 OK')],
    ['a switch of protocols', head('HTTP/1.1 101 Switching Protocols')],
    ['a line without colon', head('HTTP/1.1 200 OK', 'nonsense')],
    ['a blank before the colon', head('HTTP/1.1 200 OK', 'content-length : 5')],
    ['a length that is none', head('HTTP/1.1 200 OK', 'content-length: 5x')],
    ['a negative length', head('HTTP/1.1 200 OK', 'content-length: -5')],
    ['lengths that differ', head('HTTP/1.1 200 OK', 'content-length: 5', 'content-length: 6')],
    ['a length and chunks', head('HTTP/1.1 200 OK', 'content-length: 5', 'transfer-encoding: chunked')],
    ['a coding nobody asked for', head('HTTP/1.1 200 OK', 'transfer-encoding: gzip, chunked')],
    ['a chunk without size', `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}hello\r\n`],
    ['a chunk longer than its size', `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}2\r\nhello\r\n`],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
    ['a chunk line without end', `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}1;${'x'.repeat(20_000)}`],
  ])('refuses %s', (_, text) => {
    expect(() => parse([text])).toThrow(MalformedReplyError);
  });

  it('stops where no more is wanted', () => {
    const parser = new ReplyParser();
    const bytes = Buffer.from(`${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`);
    const at = parser.readHead(bytes, 0);
    let taken = 0;
    parser.readBody(bytes, at, () => {
      taken++;
      return false;
    });
    expect(taken).toBe(1);
    expect(parser.isDone).toBe(false);
  });

  it('survives any bytes with nothing but its own error', () => {
    const words = [
      'HTTP/1.1 200 OK',
      '\r\n',
      '\n',
      'content-length: 3',
      'transfer-encoding: chunked',
      '3',
      'abc',
      ':',
      '\0',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 20 }),
        (list) => {
          try {
            parse(list);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedReplyError);
          }
        },
      ),
      { seed: 6, numRuns: 500 },
    );
  });
});
