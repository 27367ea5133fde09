import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MultipartError, MultipartParser } from '../../src/http/multipart.ts';
import { repetitions } from '../support/repetitions.ts';

interface FoundPart {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Parses chunks; latin1 text stands for bytes. */
function parse(boundary: string, chunks: readonly string[]): readonly FoundPart[] {
  const parts: FoundPart[] = [];
  let headers: Readonly<Record<string, string>> = {};
  let text = '';
  const parser = new MultipartParser(boundary, {
    begin(given): void {
      headers = given;
      text = '';
    },
    data(bytes): boolean {
      text += Buffer.from(bytes).toString('latin1');
      return true;
    },
    end(): void {
      parts.push({ headers, text });
    },
  });
  for (const chunk of chunks) parser.write(Buffer.from(chunk, 'latin1'));
  parser.finish();
  return parts;
}

function cut(text: string, at: readonly number[]): readonly string[] {
  const places = [0, ...at.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

const simple = '--b\r\nContent-Type: a/b\r\nX: 1\r\n 2\r\n\r\nhello\r\nworld\r\n--b\r\n\r\nsecond\r\n--b--\r\nepilogue';

describe('MultipartParser', () => {
  it('gives headers and content of every part', () => {
    const expected = [
      { headers: { 'content-type': 'a/b', x: '1 2' }, text: 'hello\r\nworld' },
      { headers: {}, text: 'second' },
    ];
    expect(parse('b', [simple])).toEqual(expected);
    expect(parse('b', [`preamble\r\n\r\n${simple}`])).toEqual(expected);
  });

  it('gives the same wherever the chunks are cut', () => {
    const expected = parse('b', [simple]);
    for (let at = 0; at <= simple.length; at++) expect(parse('b', cut(simple, [at]))).toEqual(expected);
    expect(parse('b', [...simple])).toEqual(expected);
  });

  it('keeps content that looks like a boundary', () => {
    const contents = [
      '--bx',
      '\r\n--bx',
      '\r\n-',
      '\r\n--',
      '\r\n--b ,\r\n',
      '\r\n--b-',
      '\n--b\n',
      '\r',
      '\n',
      '--b-x',
      '',
    ];
    for (const content of contents) {
      const body = `--b\r\n\r\n${content}\r\n--b\r\nA: b\r\n\r\n${content}\r\n--b--`;
      for (const chunks of [[body], [...body]]) {
        expect(parse('b', chunks), JSON.stringify(content)).toEqual([
          { headers: {}, text: content },
          { headers: { a: 'b' }, text: content },
        ]);
      }
    }
  });

  it('takes a boundary right behind a header for the end of an empty part', () => {
    for (const body of ['--b\r\nA: b\r\n\r\n--b\r\n\r\nx\r\n--b--', '--b\r\n\r\n--b\r\n\r\nx\r\n--b--']) {
      for (const chunks of [[body], [...body]]) expect(parse('b', chunks).map(({ text }) => text)).toEqual(['', 'x']);
    }
  });

  it('takes blanks behind a boundary, and lines that end with LF alone', () => {
    expect(parse('b', ['--b \t\r\n\r\nx\r\n--b  \r\n\r\ny\r\n--b--']).map(({ text }) => text)).toEqual(['x', 'y']);
    const body = '\n--b\nA: b\n\nx\r\n--b\n\ny\n--b--';
    for (const chunks of [[body], [...body]]) expect(parse('b', chunks).map(({ text }) => text)).toEqual(['x\r', 'y']);
  });

  it('refuses what is cut off at any place, unless a Content-Length tells that all is there', () => {
    const body = '--b\r\n\r\nhello\r\n--b--';
    for (let length = 0; length < body.length; length++) {
      expect(() => parse('b', [body.slice(0, length)]), String(length)).toThrow(MultipartError);
    }
    const told = '--b\r\nContent-Length: 5\r\n\r\nhello';
    for (const end of ['', '\r\n', '\r\n--b']) expect(parse('b', [told + end])[0]?.text).toBe('hello');
    for (const bad of ['--b\r\nContent-Length: 6\r\n\r\nhello', `${told}!`, `${told}\r\n--c`]) {
      expect(() => parse('b', [bad])).toThrow(MultipartError);
    }
  });

  it('refuses a part that is not as long as it says', () => {
    expect(() => parse('b', ['--b\r\nContent-Length: 4\r\n\r\nhello\r\n--b--'])).toThrow(
      '5 bytes whose Content-Length says 4',
    );
    expect(parse('b', ['--b\r\nContent-Length: 5\r\n\r\nhello\r\n--b--'])[0]?.text).toBe('hello');
  });

  it('refuses what is no multipart body at all', () => {
    expect(() => parse('b', ['no such thing'])).toThrow('its boundary never comes');
    expect(() => parse('', ['--\r\n'])).toThrow('without a usable boundary');
    expect(() => parse('x'.repeat(71), [])).toThrow('without a usable boundary');
    const endless = Array.from({ length: 40 }, () => 'x'.repeat(4096));
    expect(() => parse('b', endless)).toThrow('its boundary never comes');
    expect(() => parse('b', ['--b\r\n', ...endless])).toThrow('header of more than 16384 bytes');
  });

  it('stops where the handler wants no more', () => {
    let got = '';
    const parser = new MultipartParser('b', {
      begin(): void {},
      data(bytes): boolean {
        got += Buffer.from(bytes).toString('latin1');
        return got.length < 3;
      },
      end(): void {},
    });
    const wanted = [...'--b\r\n\r\nabcdefgh\r\n--b--'].map((byte) => parser.write(Buffer.from(byte)));
    expect(wanted.includes(false)).toBe(true);
    expect(got.startsWith('abc')).toBe(true);
  });

  it('gives back any contents, cut anywhere', () => {
    const piece = fc.oneof(
      fc.constantFrom('\r\n--bnd', '--bnd--', '\r\n', '\n--bnd\n', '\r\n--bn', '-', '\0\xff'),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    );
    // A whole delimiter line cannot stand in content: whoever writes a body must choose another boundary.
    const content = fc
      .array(piece, { maxLength: 8 })
      .map((pieces) => pieces.join(''))
      .filter((text) => !/\r\n--bnd(--|[ \t]*\r?\n|$)/.test(`\r\n${text}\r\n`) && !/\r?\n--bnd[ \t]*\r?$/.test(text));
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 9 }),
        (all, at) => {
          const body = `${all.map((each) => `--bnd\r\nK: v\r\n\r\n${each}\r\n`).join('')}--bnd--`;
          expect(parse('bnd', cut(body, at)).map(({ text }) => text)).toEqual(all);
        },
      ),
      { numRuns: repetitions(80, 400), seed: 1 },
    );
  });

  it('never does anything but parse or refuse', () => {
    const token = fc.constantFrom('--b', '\r\n', '\n', '--', 'Content-Length: 3', ':', ' ', 'abc', '\0');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 5 }), (tokens, at) => {
        const text = tokens.join('');
        const outcome = (chunks: readonly string[]): unknown => {
          try {
            return parse('b', chunks);
          } catch (error) {
            expect(error).toBeInstanceOf(MultipartError);
            return 'refused';
          }
        };
        expect(outcome(cut(text, at))).toEqual(outcome([text]));
      }),
      { numRuns: repetitions(150, 1000), seed: 2 },
    );
  });
});
