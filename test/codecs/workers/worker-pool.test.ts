import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FrameDecoderOptions, FrameJob } from '../../../src/codecs/codec.ts';
import { createFrameDecoder, type FrameDecoder } from '../../../src/codecs/frame-decoder.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { picture } from '../../support/encoders/random.ts';
import { encodeJpegLs } from '../../support/encoders/wasm-encoders.ts';

/** A worker whose frames have one value, its thread's number; byte 20 of a job says how it misbehaves. */
const fakeWorker = `
  import { parentPort, threadId } from 'node:worker_threads';
  parentPort.on('message', (request) => {
    if (request.kind !== 'decode') return;
    const { rows, columns } = request.job.description;
    const how = request.job.bytes[20];
    console.log('printed by a worker');
    if (how === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (how === 2) process.exit(3);
    if (how === 3) throw 42;
    if (how === 4) return parentPort.postMessage({ kind: 'error', error: { name: 'UnsupportedError', message: 'not this' } });
    const values = Uint16Array.of(threadId);
    setTimeout(() => parentPort.postMessage({ kind: 'frame', frame: { rows, columns, samplesPerPixel: 1, values, photometricInterpretation: 'MONOCHROME2' } }), 5);
  });`;
const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(fakeWorker)}`);

/** A job that goes to a worker: it begins like JPEG XL. */
function fakeJob(how: number, side = 4): FrameJob {
  const bytes = new Uint8Array(32);
  bytes.set([0xff, 0x0a]);
  bytes[20] = how;
  return {
    transferSyntaxUid: '1.2.840.10008.1.2.4.110',
    description: describePixels({ rows: side, columns: side, bitsAllocated: 16 }),
    bytes,
  };
}

let decoder: FrameDecoder | undefined;
const start = (options: FrameDecoderOptions = {}): FrameDecoder => {
  decoder = createFrameDecoder({ workerUrl, timeoutMs: 10_000, workers: 2, ...options });
  return decoder;
};
afterEach(async () => {
  await decoder?.close();
  vi.restoreAllMocks();
});

const well = 0;
const hangs = 1;
const exits = 2;
const throws = 3;
const refuses = 4;

describe('worker pool', () => {
  test.each([
    ['hangs', hangs, 'timeout'],
    ['exits', exits, 'decode'],
    ['throws a number', throws, 'decode'],
    ['refuses', refuses, 'unsupported'],
  ])('a worker that %s costs its own frame only', async (_name, how, code) => {
    // The time limit counts while a worker starts, which takes long on a busy machine.
    const { decode } = start({ timeoutMs: how === hangs ? 1500 : 10_000 });
    const outcomes = await Promise.allSettled([well, how, well, well, how, well].map((each) => decode(fakeJob(each))));
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toHaveProperty('code', code);
  });

  test('the error of the time limit names the limit', async () => {
    await expect(start({ timeoutMs: 100 }).decode(fakeJob(hangs))).rejects.toMatchObject({
      timeoutMs: 100,
      message: expect.stringContaining('100 ms'),
    });
  });

  test('little work starts one worker, much work more, never above the limit', async () => {
    const threads = async (count: number, side: number, workers: number): Promise<number> => {
      const each = createFrameDecoder({ workerUrl, workers });
      const frames = await Promise.all(Array.from({ length: count }, () => each.decode(fakeJob(well, side))));
      await each.close();
      return new Set(frames.map((frame) => frame.values[0])).size;
    };
    expect(await threads(12, 4, 2)).toBe(1);
    expect(await threads(12, 1000, 2)).toBe(2);
    expect(await threads(12, 1000, 1)).toBe(1);
  });

  test('much work for the decoders of this thread is shared out', async () => {
    // Here the bytes are broken, so what this thread decodes is rejected; the worker does not look at them.
    const job: FrameJob = {
      transferSyntaxUid: '1.2.840.10008.1.2.5',
      description: describePixels({ rows: 4000, columns: 4000 }),
      bytes: new Uint8Array(70),
    };
    const fulfilled = async (workers: number, count: number): Promise<number> => {
      const each = createFrameDecoder({ workerUrl, workers });
      const outcomes = await Promise.allSettled(Array.from({ length: count }, () => each.decode(job)));
      await each.close();
      return outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
    };
    expect(await fulfilled(2, 3)).toBe(0);
    expect(await fulfilled(1, 16)).toBe(0);
    const shared = await fulfilled(2, 16);
    expect(shared).toBeGreaterThan(1);
    expect(shared).toBeLessThan(15);
  });

  test('an abort ends a frame that waits and one that runs, and no other', async () => {
    const { decode } = start({ workers: 1, timeoutMs: 5000 });
    const controller = new AbortController();
    const { signal } = controller;
    const running = decode(fakeJob(hangs), { signal });
    const waiting = decode(fakeJob(well), { signal });
    const other = decode(fakeJob(well));
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    await expect(other).resolves.toHaveProperty('rows', 4);
    await expect(decode(fakeJob(well), { signal })).rejects.toMatchObject({ code: 'aborted' });
  });

  test('closing ends everything; a closed decoder decodes nothing', async () => {
    const { decode, close } = start({ workers: 1, timeoutMs: 60_000 });
    const outcomes = Promise.allSettled([decode(fakeJob(hangs)), decode(fakeJob(well))]);
    await close();
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    await expect(decode(fakeJob(well))).rejects.toMatchObject({ code: 'aborted' });
    const native = {
      transferSyntaxUid: '1.2.840.10008.1.2',
      description: describePixels({ rows: 1, columns: 1 }),
      bytes: new Uint8Array(1),
    };
    await expect(decode(native)).rejects.toMatchObject({ code: 'aborted' });
  });

  test('the caller keeps its bytes, and what lies around them stays in this thread', async () => {
    const { decode } = start();
    const job = fakeJob(well);
    const around = new Uint8Array(1000);
    around.set(job.bytes, 100);
    const bytes = around.subarray(100, 132);
    await decode({ ...job, bytes });
    expect(bytes).toEqual(job.bytes);
  });

  test('what a worker prints does not reach standard output', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    await start().decode(fakeJob(well));
    expect(write).not.toHaveBeenCalled();
  });

  test('a missing worker file is not reported as a broken frame', async () => {
    const { decode } = start({ workerUrl: new URL('not-there.js', import.meta.url) });
    await expect(decode(fakeJob(well))).rejects.toHaveProperty('code', 'missing-component');
  });

  test('preparing never fails', async () => {
    const each = start();
    for (const uid of [
      '1.2.840.10008.1.2.4.90',
      '1.2.840.10008.1.2.4.50',
      '1.2.840.10008.1.2.4.100',
      '1.2.840.10008.1.2',
      'nonsense',
    ]) {
      each.prepare(uid);
    }
    await expect(each.decode(fakeJob(well))).resolves.toHaveProperty('rows', 4);
  });
});

const built = fileURLToPath(new URL('../../../dist/decode-worker.cjs', import.meta.url));

describe.skipIf(!existsSync(built))('the built worker', () => {
  const [rows, columns] = [40, 30];
  const description = describePixels({ rows, columns });

  test('decodes as this thread does, found from the sources', async () => {
    const values = picture(rows, columns, 1, 8);
    const bytes = await encodeJpegLs(values, { rows, columns, samplesPerPixel: 1, bitsStored: 8 });
    const each = start({ workerUrl: undefined, timeoutMs: 20_000 });
    const job = { transferSyntaxUid: '1.2.840.10008.1.2.4.80', description, bytes };
    each.prepare(job.transferSyntaxUid);
    const frames = await Promise.all([each.decode(job), each.decode(job)]);
    for (const frame of frames) expect([...frame.values]).toEqual([...values]);
    await expect(each.decode({ ...job, bytes: bytes.subarray(0, 50) })).rejects.toMatchObject({
      code: 'decode',
      transferSyntaxUid: job.transferSyntaxUid,
    });
  });

  test('a process with idle workers ends by itself', async () => {
    const bytes = await encodeJpegLs(picture(rows, columns, 1, 8), {
      rows,
      columns,
      samplesPerPixel: 1,
      bitsStored: 8,
    });
    const folder = mkdtempSync(join(tmpdir(), 'worker-pool-'));
    const program = `
      import { createFrameDecoder } from ${JSON.stringify(fileURLToPath(new URL('../../../src/codecs/frame-decoder.ts', import.meta.url)))};
      const decoder = createFrameDecoder({ workerUrl: new URL(${JSON.stringify(new URL('../../../dist/decode-worker.cjs', import.meta.url).href)}) });
      const bytes = Uint8Array.from(Buffer.from(${JSON.stringify(Buffer.from(bytes).toString('base64'))}, 'base64'));
      decoder.decode({ transferSyntaxUid: '1.2.840.10008.1.2.4.80', description: ${JSON.stringify(description)}, bytes })
        .then((frame) => console.log(frame.values.length));`;
    try {
      const file = join(folder, 'program.ts');
      writeFileSync(file, program);
      const outfile = join(folder, 'program.mjs');
      buildSync({
        entryPoints: [file],
        bundle: true,
        format: 'esm',
        platform: 'node',
        packages: 'external',
        outfile,
        logLevel: 'error',
      });
      const run = spawnSync(process.execPath, [outfile], { timeout: 20_000 });
      expect(String(run.stdout)).toBe(`${rows * columns}\n`);
      expect(run.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
