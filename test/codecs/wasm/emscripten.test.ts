import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeWithLibjxl } from '../../../src/codecs/jpeg-xl/libjxl.ts';
import { type EmscriptenModule, WasmFailure, wasmLibrary, webAssembly } from '../../../src/codecs/wasm/emscripten.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { picture } from '../../support/encoders/random.ts';
import { encodeHtj2k, encodeJ2k, encodeJpegXl } from '../../support/encoders/wasm-encoders.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

const charls = ['@cornerstonejs/codec-charls/decodewasmjs', '@cornerstonejs/codec-charls/decodewasm'] as const;

describe('a decoder library', () => {
  test('keeps its instance while all goes well, and never after a failure', async () => {
    const library = wasmLibrary<EmscriptenModule>(...charls, () => false);
    const first = await library.run((module) => module);
    expect(await library.run((module) => module)).toBe(first);
    const failing = library.run(() => {
      throw new Error('inside');
    });
    await expect(failing).rejects.toThrow(WasmFailure);
    const second = await library.run((module) => module);
    expect(second).not.toBe(first);
    expect(await library.run((module) => module)).toBe(second);
  });

  test('numbers that are thrown become errors', async () => {
    const library = wasmLibrary<EmscriptenModule>(...charls, () => false);
    const throwNumber = (): never => {
      const pointer: unknown = 1266800;
      throw pointer;
    };
    await expect(library.run(throwNumber)).rejects.toMatchObject({
      message: 'The decoder gave up.',
      cause: { message: 'The decoder threw 1266800' },
    });
  });

  test('libjxl gets a new instance after a failure', async () => {
    const description = describePixels({ rows: 20, columns: 30, bitsAllocated: 16 });
    const bytes = encodeJpegXl(picture(20, 30, 1, 16), { rows: 20, columns: 30, samplesPerPixel: 1, bitsStored: 16 });
    // Another test file in this process may have left an instance.
    await expect(decodeWithLibjxl(bytes.subarray(0, 40), description)).rejects.toThrow();
    const instantiate = vi.spyOn(webAssembly, 'instantiate');
    await decodeWithLibjxl(bytes, description);
    await decodeWithLibjxl(bytes, description);
    expect(instantiate).toHaveBeenCalledTimes(1);
    await expect(decodeWithLibjxl(bytes.subarray(0, 40), description)).rejects.toThrow();
    await decodeWithLibjxl(bytes, description);
    expect(instantiate).toHaveBeenCalledTimes(2);
  });
});

const frame = { rows: 64, columns: 64, samplesPerPixel: 1, bitsStored: 12 };
const job = {
  transferSyntaxUid: '1.2.840.10008.1.2.4.201',
  description: describePixels({ rows: 64, columns: 64, bitsAllocated: 16, bitsStored: 12 }),
};

describe('OpenJPH', () => {
  // OpenJPH gives a picture all the same: it only prints that a code block is malformed.
  test('a complaint of OpenJPH is an error, not a picture with a hole', async () => {
    const { runCodec } = await import('../../../src/codecs/run-codec.ts');
    const good = await encodeHtj2k(picture(64, 64, 1, 12), frame);
    const body = good.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0x93) + 2;
    let refused = 0;
    for (let at = body; refused === 0 && at < good.length - 2; at += 5) {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      const outcome = await runCodec('jpeg-2000', { ...job, bytes }).catch((error: unknown) => error);
      if (outcome instanceof Error && outcome.message.includes('The decoder says')) refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe.each([
  ['HTJ2K', encodeHtj2k],
  ['JPEG 2000', encodeJ2k],
])('%s', (_name, encode) => {
  test('prints nothing, whole or broken', async () => {
    const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
    const { runCodec } = await import('../../../src/codecs/run-codec.ts');
    const good = await encode(picture(64, 64, 1, 12), frame);
    const broken = good.slice();
    broken[broken.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0x5c) + 1] = 0;
    for (const spy of spies) spy.mockClear();
    await runCodec('jpeg-2000', { ...job, bytes: good });
    await expect(runCodec('jpeg-2000', { ...job, bytes: broken })).rejects.toHaveProperty('code', 'decode');
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});
