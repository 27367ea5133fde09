import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { FrameJob } from '../../../src/codecs/codec.ts';
import { createFrameDecoder, type FrameDecoder } from '../../../src/codecs/frame-decoder.ts';
import { readNetpbm } from '../../../src/codecs/video/netpbm.ts';
import { detectVideoFormat } from '../../../src/codecs/video/video-format.ts';
import { describePixels } from '../../support/encoders/description.ts';

const folder = mkdtempSync(join(tmpdir(), 'video-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in for ffmpeg: a script in JavaScript that gets its arguments. */
function program(name: string, body: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!${process.execPath}\n${body}`);
  chmodSync(file, 0o755);
  return file;
}

let decoder: FrameDecoder | undefined;
afterEach(() => decoder?.close());

/** A stream that begins like MPEG-2. */
const stream = new Uint8Array(100);
stream.set([0, 0, 1, 0xb3]);
const description = describePixels({
  rows: 2,
  columns: 2,
  samplesPerPixel: 3,
  photometricInterpretation: 'YBR_PARTIAL_420',
});
const job = (frameIndex: number, more: Partial<FrameJob> = {}): FrameJob => ({
  transferSyntaxUid: '1.2.840.10008.1.2.4.100',
  description,
  bytes: stream,
  frameIndex,
  ...more,
});
const open = (ffmpeg: string, timeoutMs = 10_000): FrameDecoder => {
  decoder = createFrameDecoder({ ffmpeg, timeoutMs });
  return decoder;
};

/** Gives the frames that its filter names: 2 x 2 pixels of the frame's number; counts its runs in a file. */
const givesFrames = `
  const fs = require('node:fs');
  fs.appendFileSync(__filename + '.runs', 'x');
  const filter = process.argv[process.argv.indexOf('-vf') + 1];
  const frames = [...filter.matchAll(/eq\\(n\\\\,(\\d+)\\)/g)].map((match) => Number(match[1]));
  process.stdin.resume();
  for (const frame of frames) if (frame < 50) process.stdout.write(Buffer.concat([Buffer.from('P6\\n2 2\\n255\\n'), Buffer.alloc(12, frame)]));
  process.stdout.once('drain', () => process.exit(0));
  setTimeout(() => process.exit(0), 50);`;

describe('video', () => {
  test('frames that are asked for together come from one run', async () => {
    const file = program('frames.cjs', givesFrames);
    const { decode } = open(file);
    const frames = await Promise.all([7, 3, 7, 11].map((index) => decode(job(index))));
    expect(frames.map((frame) => frame.values[0])).toEqual([7, 3, 7, 11]);
    expect(frames[0]).toMatchObject({ rows: 2, columns: 2, samplesPerPixel: 3, photometricInterpretation: 'RGB' });
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(`${file}.runs`, 'utf8')).toBe('x');
  });

  test('a frame after the end is an error, the others are not', async () => {
    const { decode } = open(program('end.cjs', givesFrames));
    const [first, second] = await Promise.allSettled([decode(job(1)), decode(job(60))]);
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { code: 'decode', message: expect.stringContaining('frame 61') },
    });
  });

  test('no ffmpeg: an error that says how to get it', async () => {
    const { decode } = open(join(folder, 'not-there'));
    await expect(decode(job(0))).rejects.toMatchObject({
      code: 'missing-component',
      component: 'ffmpeg',
      message: expect.stringMatching(/ffmpeg.*Install it/),
    });
  });

  test('a program that hangs is ended after the time limit', async () => {
    const { decode } = open(program('hangs.cjs', 'setInterval(() => undefined, 1000);'), 300);
    await expect(decode(job(0))).rejects.toMatchObject({ code: 'timeout', timeoutMs: 300 });
  });

  test('an abort and a close end it', async () => {
    const { decode, close } = open(program('sleeps.cjs', 'setInterval(() => undefined, 1000);'));
    const controller = new AbortController();
    const aborted = decode(job(0), { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(aborted).rejects.toHaveProperty('code', 'aborted');
    // That run is over too: the next one does not wait for it.
    const closed = expect(decode(job(1))).rejects.toHaveProperty('code', 'aborted');
    await close();
    await closed;
  });

  test('a program that fails, and one that gives garbage', async () => {
    for (const body of [
      'process.exit(1);',
      "process.stdout.write('no picture');",
      "process.stdout.write('P6\\n4 4\\n255\\n' + 'x'.repeat(48));",
    ]) {
      const { decode, close } = open(program('fails.cjs', body));
      await expect(decode(job(0))).rejects.toHaveProperty('code', 'decode');
      await close();
    }
  });

  test('ffmpeg does not get bytes that are not video', async () => {
    const { decode } = open(join(folder, 'not-there'));
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(100),
      Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
    ]) {
      await expect(decode(job(0, { bytes }))).rejects.toMatchObject({
        code: 'decode',
        message: expect.stringContaining('no video stream'),
      });
    }
  });

  test('an impossible frame index', async () => {
    await expect(open('ffmpeg').decode(job(-1))).rejects.toHaveProperty('code', 'unsupported');
  });
});

describe('the wrapping of a stream', () => {
  const begin = (...bytes: readonly number[]): Uint8Array => Uint8Array.from({ length: 400 }, (_, i) => bytes[i] ?? 0);
  const packets = (first: number, distance: number): Uint8Array =>
    Uint8Array.from({ length: 400 }, (_, i) => (i === first || i === first + distance ? 0x47 : 1));
  const mp4 = (...boxes: readonly string[]): Uint8Array =>
    Buffer.concat(
      ['ftyp', ...boxes].map((type) =>
        Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(type, 'latin1'), Buffer.alloc(16)]),
      ),
    );
  test.each<[string, Uint8Array, unknown]>([
    ['MPEG-2 elementary stream', begin(0, 0, 1, 0xb3), { demuxer: 'mpegvideo', seeks: false }],
    ['MPEG-2 program stream', begin(0, 0, 1, 0xba), { demuxer: 'mpeg', seeks: false }],
    ['transport stream', packets(0, 188), { demuxer: 'mpegts', seeks: false }],
    ['transport stream with time stamps', packets(4, 192), { demuxer: 'mpegts', seeks: false }],
    ['H.264 elementary stream', begin(0, 0, 0, 1, 0x67), { demuxer: 'h264', seeks: false }],
    ['H.264 with an access unit delimiter', begin(0, 0, 0, 1, 0x09), { demuxer: 'h264', seeks: false }],
    ['HEVC elementary stream', begin(0, 0, 0, 1, 0x40, 1), { demuxer: 'hevc', seeks: false }],
    ['HEVC with an access unit delimiter', begin(0, 0, 0, 1, 0x46, 1), { demuxer: 'hevc', seeks: false }],
    ['MP4, index first', mp4('moov', 'mdat'), { demuxer: 'mov', seeks: false }],
    ['MP4, index last', mp4('mdat', 'moov'), { demuxer: 'mov', seeks: true }],
    ['a playlist', Buffer.from('#EXTM3U\n#EXT-X-VERSION:3\n'), undefined],
    ['zeros', begin(), undefined],
  ])('%s', (_name, bytes, expected) => {
    expect(detectVideoFormat(bytes)).toEqual(expected);
  });
});

describe('PPM and PGM', () => {
  test('whole, not yet whole, and not at all', () => {
    const whole = Buffer.concat([Buffer.from('P5 3 1\n65535\n'), Buffer.from([1, 2, 3, 4, 5, 6]), Buffer.from('rest')]);
    expect(readNetpbm(whole)).toMatchObject({
      rows: 1,
      columns: 3,
      samplesPerPixel: 1,
      maxValue: 65535,
      bytes: Buffer.from([1, 2, 3, 4, 5, 6]),
      byteLength: 19,
    });
    for (let length = 0; length < 19; length++) expect(readNetpbm(whole.subarray(0, length))).toBeUndefined();
    expect(() => readNetpbm(Buffer.from('P4 1 1 '))).toThrow(/PPM or PGM/);
    expect(() => readNetpbm(Buffer.from('P6 x 1 255 '))).toThrow(/malformed/);
  });
});
