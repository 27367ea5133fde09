import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EmbeddedSource, WebSource } from '../../../src/atlas/page/byte-source.ts';

const file = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
const asked: string[] = [];
let answers: (range: string | null) => Response;

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', async (url: URL, { headers }: { headers: { range: string } }) => {
    asked.push(`${url.pathname}${url.search} ${headers.range}`);
    return answers(headers.range);
  });
});
afterEach(() => vi.unstubAllGlobals());

const source = (): WebSource => new WebSource('http://host/folder/', 'v1');

it('reads ranges', async () => {
  answers = () => new Response(file.slice(10, 30), { status: 206, headers: { 'content-range': 'bytes 10-29/1000' } });
  expect(await source().read('shards/0.tar', 10, 20)).toEqual(file.slice(10, 30));
  expect(asked).toEqual(['/folder/shards/0.tar?v=v1 bytes=10-29']);
});

it('cuts ranges out of whole files where a server knows none, and asks once', async () => {
  answers = () => new Response(file.slice(), { status: 200 });
  const web = source();
  expect(await web.read('shards/0.tar', 10, 20)).toEqual(file.slice(10, 30));
  expect(await web.read('shards/0.tar', 500, 5)).toEqual(file.slice(500, 505));
  expect(asked).toHaveLength(1);
});

it('refuses another part than was asked for, and says what a server answered', async () => {
  answers = () => new Response(file.slice(0, 20), { status: 206, headers: { 'content-range': 'bytes 0-19/1000' } });
  await expect(source().read('shards/0.tar', 10, 20)).rejects.toThrow('another part');
  answers = () => new Response('', { status: 404 });
  await expect(source().read('shards/0.tar', 10, 20)).rejects.toThrow('answered 404 for shards/0.tar');
});

it('reads any range of what a page holds', async () => {
  const embedded = new EmbeddedSource((name) => (name === 'a' ? Buffer.from(file).toString('base64') : undefined));
  for (const [offset, length] of [
    [0, 1],
    [1, 1],
    [2, 5],
    [3, 3],
    [997, 3],
    [998, 10],
    [0, 1000],
  ] as const) {
    expect(await embedded.read('a', offset, length)).toEqual(file.slice(offset, offset + length));
  }
  await expect(embedded.read('b', 0, 1)).rejects.toThrow('does not hold b');
});
