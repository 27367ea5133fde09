import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonElements, JsonElementsError } from '../../../src/storage/dicomweb/json-elements.ts';
import { repetitions } from '../../support/repetitions.ts';

function parse(chunks: readonly Uint8Array[], largest = 1e6): readonly unknown[] {
  const found: unknown[] = [];
  const elements = new JsonElements((bytes) => found.push(JSON.parse(Buffer.from(bytes).toString('utf8'))), largest);
  for (const chunk of chunks) elements.write(chunk);
  elements.finish();
  return found;
}

const parseText = (text: string): readonly unknown[] => parse([Buffer.from(text)]);

function cut(bytes: Uint8Array, at: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('JsonElements', () => {
  it('gives the objects of an array, and a single object as one', () => {
    expect(parseText('[]')).toEqual([]);
    expect(parseText('\ufeff [ {"a":1} ,\n{"b":"]}\\"{"} ] ')).toEqual([{ a: 1 }, { b: ']}"{' }]);
    expect(parseText('{"a":[{"b":{}}]}')).toEqual([{ a: [{ b: {} }] }]);
    expect(parseText('[{"a":"\\\\"},{}]')).toEqual([{ a: '\\' }, {}]);
  });

  it('gives any objects back, cut anywhere', () => {
    const json = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(json, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), (value, at, spaced) => {
        const bytes = Buffer.from(JSON.stringify(value, null, spaced ? 2 : 0));
        expect(parse(cut(bytes, at))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: repetitions(30, 200), seed: 1 },
    );
  });

  it('refuses what is cut off, at any place', () => {
    const text = '[{"a":"x"},{"b":[1]}]';
    for (let length = 0; length < text.length; length++) {
      expect(() => parseText(text.slice(0, length)), String(length)).toThrow(JsonElementsError);
    }
  });

  it('refuses other things than objects, and what is too large or too deeply nested', () => {
    for (const text of ['<html>', '[1]', '"x"', '[{}{}]', '[,{}]', '[[]]', '[{}]x', '{}{}', '[null]']) {
      expect(() => parseText(text), text).toThrow('something other than an array of JSON objects');
    }
    expect(() => parseText(`{"a":${'['.repeat(200)}`)).toThrow('nested more than 128 levels deep');
    expect(() => parse([Buffer.from('[{"a":"'), Buffer.alloc(2000, 'x')], 1000)).toThrow('more than 1000 bytes');
    expect(() => parse([Buffer.from(`[{"a":"${'x'.repeat(2000)}"}]`)], 1000)).toThrow('more than 1000 bytes');
  });
});
