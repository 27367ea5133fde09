// Syntaxes without real samples: frames made by independent encoders (DCMTK, OpenJPEG, libjxl, ffmpeg), read back.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import type { DecodedFrame, PixelDescription } from '../../src/types/pixels.ts';
import { currentWorker } from '../support/current-worker.ts';
import { describePixels } from '../support/encoders/description.ts';
import { picture } from '../support/encoders/random.ts';
import { sampleBytes } from '../support/encoders/wasm-encoders.ts';
import { python, readRealObjects } from '../support/real-frames.ts';

const has = (tool: string, ...given: readonly string[]): boolean => {
  const found = spawnSync(tool, given.length === 0 ? ['--version'] : given).error === undefined;
  if (!found) console.log(`skipped: ${tool} is not there`);
  return found;
};
const folder = mkdtempSync(join(tmpdir(), 'codecs-transcoded-'));
const decoder = createFrameDecoder({ workerUrl: currentWorker() });
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await decoder.close();
});
const file = (name: string): string => join(folder, name);
const run = (tool: string, ...given: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(tool, given, { maxBuffer: 2 ** 27 });
  if (status !== 0) throw new Error(`${tool} ${given.join(' ')}: ${error?.message ?? String(stderr)}`);
};
const [rows, columns] = [96, 120];
const decode = (uid: string, description: PixelDescription, bytes: Uint8Array, reduce = 1): Promise<DecodedFrame> =>
  decoder.decode({ transferSyntaxUid: `1.2.840.10008.1.2.4.${uid}`, description, bytes, reduce });
const greatest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return most;
};

const hasPython = has(python, '-c', 'import pydicom') && spawnSync(python, ['-c', 'import pydicom']).status === 0;

describe.skipIf(!hasPython || !has('dcmcjpeg') || !has('dcmdjpeg'))('DCMTK', () => {
  const native = (name: string, values: ArrayLike<number>, samples: number, bitsStored: number): string => {
    const bits = bitsStored > 8 ? 16 : 8;
    writeFileSync(file('raw'), sampleBytes(values, bits));
    const script = `
import sys, pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import generate_uid, ExplicitVRLittleEndian
d = Dataset(); d.file_meta = FileMetaDataset(); d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.7'
d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = generate_uid()
d.StudyInstanceUID = generate_uid(); d.SeriesInstanceUID = generate_uid(); d.PatientID = 'x'; d.PatientName = 'x'
d.Rows, d.Columns, d.SamplesPerPixel, d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = ${rows}, ${columns}, ${samples}, ${bits}, ${bitsStored}, ${bitsStored - 1}, 0
d.PhotometricInterpretation = '${samples === 3 ? 'RGB' : 'MONOCHROME2'}'
${samples === 3 ? 'd.PlanarConfiguration = 0' : ''}
d.PixelData = open(sys.argv[1], 'rb').read(); d.is_little_endian = True; d.is_implicit_VR = False
d.save_as(sys.argv[2], write_like_original=False)`;
    run(python, '-W', 'ignore', '-c', script, file('raw'), file(name));
    return file(name);
  };
  const first = (path: string): { description: PixelDescription; bytes: Uint8Array; uid: string } => {
    const [object] = readRealObjects([path]);
    if (object === undefined || object.problem !== undefined) throw new Error(object?.problem);
    return {
      description: object.description,
      bytes: object.frames[0]?.bytes ?? new Uint8Array(0),
      uid: object.transferSyntaxUid,
    };
  };

  for (const [samples, bits] of [
    [1, 8],
    [1, 12],
    [1, 16],
    [3, 8],
  ] as const) {
    const values = picture(rows, columns, samples, bits);
    test.each([1, 2, 3, 4, 5, 6, 7])(
      `JPEG lossless .57, ${samples} x ${bits} bits, selection value %d`,
      async (selection) => {
        const source = native('native.dcm', values, samples, bits);
        run('dcmcjpeg', '+el', '+sv', String(selection), source, file('coded.dcm'));
        const { description, bytes, uid } = first(file('coded.dcm'));
        expect(uid).toBe('1.2.840.10008.1.2.4.57');
        expect(greatest((await decode('57', description, bytes)).values, values)).toBe(0);
      },
    );

    const processes: readonly (readonly [string, string, readonly string[]])[] = [
      ['extended .51', '51', ['+ee']],
      ['spectral selection .53', '53', ['+es']],
      ['full progression .55', '55', ['+ep']],
    ];
    test.skipIf(bits === 16).each(processes)(`JPEG %s, ${samples} x ${bits} bits`, async (_name, uid, given) => {
      const source = native('native.dcm', values, samples, bits);
      run('dcmcjpeg', ...given, '+q', '95', ...(samples === 3 ? ['+s4'] : []), source, file('coded.dcm'));
      run('dcmdjpeg', file('coded.dcm'), file('back.dcm'));
      const { description, bytes } = first(file('coded.dcm'));
      const back = first(file('back.dcm')).bytes;
      const theirs = bits > 8 ? new Uint16Array(back.slice().buffer) : back;
      const frame = await decode(uid, description, bytes);
      expect(greatest(frame.values, theirs)).toBeLessThanOrEqual(samples === 3 ? 2 : 1);
      const reduced = await decode(uid, description, bytes, 4);
      expect([reduced.rows, reduced.columns]).toEqual([rows / 4, columns / 4]);
    });

    test.skipIf(!has('dcmcjpls')).each([['+in'], ['+il'], ['+is']])(
      `JPEG-LS, ${samples} x ${bits} bits, %s`,
      async (interleave) => {
        const source = native('native.dcm', values, samples, bits);
        run('dcmcjpls', interleave, source, file('coded.dcm'));
        const { description, bytes } = first(file('coded.dcm'));
        expect(greatest((await decode('80', description, bytes)).values, values)).toBe(0);
      },
    );
  }
});

describe.skipIf(!has('opj_compress', '-h') || !has('opj_decompress', '-h'))('OpenJPEG', () => {
  const encode = (
    values: ArrayLike<number>,
    samples: number,
    bits: number,
    signed: boolean,
    given: readonly string[],
  ): Uint8Array => {
    const pixels = rows * columns;
    const planes = Array.from(
      { length: values.length },
      (_, i) => values[(i % pixels) * samples + Math.floor(i / pixels)] ?? 0,
    );
    writeFileSync(file('in.rawl'), sampleBytes(planes, bits));
    run(
      'opj_compress',
      '-i',
      file('in.rawl'),
      '-o',
      file('out.j2k'),
      '-F',
      `${columns},${rows},${samples},${bits},${signed ? 's' : 'u'}`,
      ...given,
    );
    return new Uint8Array(readFileSync(file('out.j2k')));
  };
  const described = (samples: number, bits: number, signed: boolean): PixelDescription =>
    describePixels({
      rows,
      columns,
      samplesPerPixel: samples,
      bitsAllocated: bits > 8 ? 16 : 8,
      bitsStored: bits,
      pixelRepresentation: signed ? 1 : 0,
    });

  test.each<[number, number, boolean, readonly string[]]>([
    [1, 8, true, []],
    [1, 12, true, []],
    [1, 16, true, []],
    [1, 16, false, []],
    [3, 8, false, ['-mct', '1']],
    [3, 8, false, ['-mct', '0']],
    [3, 16, false, ['-mct', '1']],
    [3, 8, true, ['-mct', '0']],
    [1, 12, false, ['-t', '50,40']],
    [1, 12, false, ['-p', 'RPCL', '-n', '3']],
    [1, 12, false, ['-n', '1']],
    [1, 12, false, ['-r', '4,2,1', '-p', 'LRCP', '-SOP', '-EPH']],
    [1, 12, false, ['-M', '63']],
    [1, 12, false, ['-TP', 'R']],
    [1, 12, false, ['-b', '16,16', '-c', '[64,64]']],
  ])('%d x %d bits, signed %s, %j: without loss, reduced as OpenJPEG does it', async (samples, bits, signed, given) => {
    const half = signed ? 2 ** (bits - 1) : 0;
    const values = Array.from(picture(rows, columns, samples, bits), (value) => value - half);
    const bytes = encode(values, samples, bits, signed, given);
    const description = described(samples, bits, signed);
    const lossless = !given.includes('-r');
    if (lossless) expect(greatest((await decode('90', description, bytes)).values, values)).toBe(0);
    const levels = given[0] === '-n' ? Number(given[1]) - 1 : given.includes('-n') ? 2 : 5;
    for (const level of [1, 2].filter((each) => each <= levels)) {
      run('opj_decompress', '-i', file('out.j2k'), '-o', file('back.rawl'), '-r', String(level));
      const back = new Uint8Array(readFileSync(file('back.rawl')));
      const planes =
        bits > 8
          ? signed
            ? new Int16Array(back.buffer)
            : new Uint16Array(back.buffer)
          : signed
            ? new Int8Array(back.buffer)
            : back;
      const pixels = planes.length / samples;
      // opj_decompress writes just the bits of a signed value.
      const drop = signed ? 32 - bits : 0;
      const theirs = Array.from(
        { length: planes.length },
        (_, i) => ((planes[(i % samples) * pixels + Math.floor(i / samples)] ?? 0) << drop) >> drop,
      );
      expect(greatest((await decode('90', description, bytes, 2 ** level)).values, theirs)).toBeLessThanOrEqual(
        lossless ? 0 : 1,
      );
    }
  });

  test('lossy (9/7), grey and colour', async () => {
    for (const samples of [1, 3]) {
      const values = picture(rows, columns, samples, 8);
      const bytes = encode(values, samples, 8, false, ['-I', '-r', '3']);
      run('opj_decompress', '-i', file('out.j2k'), '-o', file('back.rawl'));
      const planes = readFileSync(file('back.rawl'));
      const theirs = Array.from(
        { length: planes.length },
        (_, i) => planes[(i % samples) * rows * columns + Math.floor(i / samples)] ?? 0,
      );
      expect(greatest((await decode('91', described(samples, 8, false), bytes)).values, theirs)).toBeLessThanOrEqual(1);
    }
  });

  test('an image offset on the reference grid ends in words', async () => {
    const bytes = encode(picture(rows, columns, 1, 8), 1, 8, false, ['-d', '3,5']);
    await expect(decode('90', described(1, 8, false), bytes)).rejects.toHaveProperty('code', 'unsupported');
  });
});

describe.skipIf(!has('cjxl'))('libjxl', () => {
  const netpbm = (values: ArrayLike<number>, samples: number, bits: number): string => {
    const path = file(samples === 3 ? 'in.ppm' : 'in.pgm');
    // cjxl takes samples of 16 bits and stores as many as it is told: it does not read 10 and 12 bits right itself.
    const wide = bits > 8 ? 16 : 8;
    const scale = (2 ** wide - 1) / (2 ** bits - 1);
    const bytes = Buffer.from(
      sampleBytes(
        Array.from(values, (value) => Math.round(value * scale)),
        wide,
      ),
    );
    if (bits > 8) bytes.swap16();
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(`P${samples === 3 ? 6 : 5}\n${columns} ${rows}\n${2 ** wide - 1}\n`), bytes]),
    );
    return path;
  };
  const described = (samples: number, bits: number): PixelDescription =>
    describePixels({ rows, columns, samplesPerPixel: samples, bitsAllocated: bits > 8 ? 16 : 8, bitsStored: bits });

  test.each([
    [1, 8],
    [1, 10],
    [1, 12],
    [1, 16],
    [3, 8],
    [3, 16],
  ])('lossless .110, %d x %d bits', async (samples, bits) => {
    const values = picture(rows, columns, samples, bits);
    const depth = `--override_bitdepth=${bits}`;
    run('cjxl', '-d', '0', '-m', '1', depth, netpbm(values, samples, bits), file('out.jxl'));
    expect(
      greatest((await decode('110', described(samples, bits), readFileSync(file('out.jxl')))).values, values),
    ).toBe(0);
    run('cjxl', '-d', '0', '--container=1', depth, netpbm(values, samples, bits), file('boxed.jxl'));
    expect(
      greatest((await decode('110', described(samples, bits), readFileSync(file('boxed.jxl')))).values, values),
    ).toBe(0);
  });

  test.each([1, 3])('lossy .112, %d samples, as djxl', async (samples) => {
    run('cjxl', '-d', '1', netpbm(picture(rows, columns, samples, 8), samples, 8), file('out.jxl'));
    const back = file(samples === 3 ? 'back.ppm' : 'back.pgm');
    run('djxl', file('out.jxl'), back);
    const theirs = readFileSync(back).subarray(-rows * columns * samples);
    const frame = await decode('112', described(samples, 8), readFileSync(file('out.jxl')));
    expect(greatest(frame.values, theirs)).toBeLessThanOrEqual(1);
  });

  test('JPEG recompression .111, as djxl', async () => {
    const sharp = (await import('sharp')).default;
    const pixels = Uint8Array.from(picture(rows, columns, 3, 8));
    await sharp(pixels, { raw: { width: columns, height: rows, channels: 3 } })
      .jpeg({ quality: 92 })
      .toFile(file('in.jpg'));
    run('cjxl', '--lossless_jpeg=1', file('in.jpg'), file('out.jxl'));
    run('djxl', file('out.jxl'), file('back.ppm'));
    const theirs = readFileSync(file('back.ppm')).subarray(-rows * columns * 3);
    const description = { ...described(3, 8), photometricInterpretation: 'YBR_FULL_422' };
    const frame = await decode('111', description, readFileSync(file('out.jxl')));
    expect(frame.photometricInterpretation).toBe('RGB');
    expect(greatest(frame.values, theirs)).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(!has('ffmpeg', '-version'))('ffmpeg', () => {
  const description = describePixels({
    rows,
    columns,
    samplesPerPixel: 3,
    photometricInterpretation: 'YBR_PARTIAL_420',
  });
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${columns}x${rows}:rate=25`, '-frames:v', '30'];
  test.each<[string, string, string, readonly string[]]>([
    ['MPEG-2 elementary stream', '100', 'out.m2v', ['-c:v', 'mpeg2video', '-g', '12', '-bf', '2']],
    ['MPEG-2 program stream', '101', 'out.mpg', ['-c:v', 'mpeg2video', '-f', 'mpeg']],
    ['MPEG-2 transport stream', '101.1', 'out.ts', ['-c:v', 'mpeg2video', '-f', 'mpegts']],
    ['H.264 in MP4, index last', '102', 'out.mp4', ['-c:v', 'libx264', '-bf', '3']],
    ['H.264 in MP4, index first', '103', 'fast.mp4', ['-c:v', 'libx264', '-movflags', '+faststart']],
    ['H.264 transport stream', '104.1', 'h264.ts', ['-c:v', 'libx264', '-f', 'mpegts']],
    ['H.264 elementary stream', '106', 'out.h264', ['-c:v', 'libx264', '-f', 'h264']],
    ['HEVC transport stream', '107', 'hevc.ts', ['-c:v', 'libx265', '-f', 'mpegts']],
    ['HEVC elementary stream', '107', 'out.hevc', ['-c:v', 'libx265', '-f', 'hevc']],
  ])('%s', async (_name, uid, name, given) => {
    run('ffmpeg', '-y', '-loglevel', 'error', ...source, '-pix_fmt', 'yuv420p', ...given, file(name));
    run(
      'ffmpeg',
      '-y',
      '-loglevel',
      'error',
      '-i',
      file(name),
      '-vsync',
      '0',
      '-sws_flags',
      'bicubic+accurate_rnd+full_chroma_int',
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      file('all.rgb'),
    );
    const all = readFileSync(file('all.rgb'));
    const size = rows * columns * 3;
    expect(all.length).toBe(30 * size);
    const bytes = new Uint8Array(readFileSync(file(name)));
    const wanted = [0, 7, 29, 13];
    const transferSyntaxUid = `1.2.840.10008.1.2.4.${uid}`;
    const frames = await Promise.all(
      wanted.map((frameIndex) => decoder.decode({ transferSyntaxUid, description, bytes, frameIndex })),
    );
    frames.forEach((frame, i) => {
      const theirs = all.subarray((wanted[i] ?? 0) * size, ((wanted[i] ?? 0) + 1) * size);
      expect(greatest(frame.values, theirs)).toBe(0);
    });
    await expect(decoder.decode({ transferSyntaxUid, description, bytes, frameIndex: 30 })).rejects.toHaveProperty(
      'code',
      'decode',
    );
    const wrong = { ...description, columns: columns + 2 };
    await expect(decoder.decode({ transferSyntaxUid, description: wrong, bytes })).rejects.toThrow(
      /describes 122 x 96 .* hold 120 x 96/,
    );
  });

  test('HEVC of 10 bits', async () => {
    run(
      'ffmpeg',
      '-y',
      '-loglevel',
      'error',
      ...source,
      '-pix_fmt',
      'yuv420p10le',
      '-c:v',
      'libx265',
      '-f',
      'mpegts',
      file('ten.ts'),
    );
    const ten = { ...description, bitsAllocated: 16, bitsStored: 10, highBit: 9 };
    const bytes = new Uint8Array(readFileSync(file('ten.ts')));
    const { values } = await decoder.decode({
      transferSyntaxUid: '1.2.840.10008.1.2.4.108',
      description: ten,
      bytes,
      frameIndex: 3,
    });
    const most = Math.max(...values);
    expect(most).toBeGreaterThan(900);
    expect(most).toBeLessThan(1024);
  });

  test('a broken stream is an error', async () => {
    const bytes = new Uint8Array(5000).fill(0x55);
    bytes.set([0, 0, 1, 0xb3]);
    await expect(
      decoder.decode({ transferSyntaxUid: '1.2.840.10008.1.2.4.100', description, bytes }),
    ).rejects.toHaveProperty('code', 'decode');
  });
});
