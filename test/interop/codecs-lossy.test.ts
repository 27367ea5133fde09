// Real objects whose decoding is not defined bit for bit, against DCMTK, pydicom with GDCM, and OpenJPEG's own tool.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { readNetpbm } from '../../src/codecs/video/netpbm.ts';
import type { PixelDescription } from '../../src/types/pixels.ts';
import { currentWorker } from '../support/current-worker.ts';
import { readManifest, readRealObjects, realDicom, whyNoRealData } from '../support/real-frames.ts';
import { storedBytes } from '../support/stored-bytes.ts';

const reason = whyNoRealData();
if (reason !== undefined) console.log(`skipped: ${reason}`);
const hasTool = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;

const JPEG = '1.2.840.10008.1.2.4.';
const rows = reason === undefined ? readManifest().filter((row) => !row.bitExact) : [];
const of = (...syntaxes: readonly string[]): readonly string[] =>
  rows.filter((row) => syntaxes.includes(row.transferSyntaxUid.slice(JPEG.length))).map((row) => row.path);

/** The greatest difference between two arrays of stored values. */
function greatestDifference(
  ours: Uint8Array,
  theirs: Uint8Array,
  { bitsAllocated, pixelRepresentation }: PixelDescription,
): number {
  expect(ours.length).toBe(theirs.length);
  const values = (bytes: Uint8Array): Uint8Array | Int8Array | Uint16Array | Int16Array => {
    const { buffer } = bytes.slice();
    if (bitsAllocated === 8) return pixelRepresentation === 1 ? new Int8Array(buffer) : new Uint8Array(buffer);
    return pixelRepresentation === 1 ? new Int16Array(buffer) : new Uint16Array(buffer);
  };
  const a = values(ours);
  const b = values(theirs);
  let greatest = 0;
  for (let i = 0; i < a.length; i++) greatest = Math.max(greatest, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return greatest;
}

describe.skipIf(reason !== undefined)('lossy real objects', () => {
  const decoder = createFrameDecoder({ workerUrl: currentWorker() });
  const folder = mkdtempSync(join(tmpdir(), 'codecs-lossy-'));
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await decoder.close();
  });

  const decodeAll = async (path: string): Promise<{ ours: Uint8Array; description: PixelDescription }> => {
    const [object] = readRealObjects([path]);
    if (object?.problem !== undefined || object === undefined) throw new Error(object?.problem);
    const frames = await Promise.all(object.frames.map((frame) => decoder.decode({ ...object, ...frame })));
    const parts = frames.map((frame) => storedBytes(frame.values, object.description.bitsAllocated));
    return { ours: Buffer.concat(parts), description: object.description };
  };

  describe.skipIf(!hasTool('dcmdjpeg'))('against DCMTK', () => {
    const check = async (tool: string, path: string): Promise<number> => {
      const file = join(folder, 'native.dcm');
      const run = spawnSync(tool, [join(realDicom, path), file]);
      expect(String(run.stderr)).not.toMatch(/^F:/m);
      const [native] = readRealObjects([file]);
      const theirs = Buffer.concat((native?.frames ?? []).map((frame) => frame.bytes));
      const { ours, description } = await decodeAll(path);
      return greatestDifference(ours, theirs, description);
    };
    // DCMTK takes Photometric Interpretation RGB for the truth; the codestream of these two (subsampled, or JFIF) says
    // YCbCr, which GDCM follows and the picture confirms.
    const lies = /SC_rgb_jpeg_lossy_gdcm|GH195/;
    // Libraries interpolate subsampled colour in different ways.
    const subsampled = /\+n1|\+np|\+s2|\+n2|lossy_gdcm/;
    test.each(of('50', '51').filter((path) => !lies.test(path) && !subsampled.test(path)))('%s', async (path) => {
      expect(await check('dcmdjpeg', path)).toBeLessThanOrEqual(1);
    });
    test.each(of('50', '51').filter((path) => subsampled.test(path) && !lies.test(path)))('%s', async (path) => {
      expect(await check('dcmdjpeg', path)).toBeLessThanOrEqual(3);
    });
    // DCMTK cannot read GH364 (its meta group is broken).
    test.each(of('80', '81').filter((path) => !path.includes('GH364')))('%s', async (path) => {
      expect(await check('dcmdjpls', path)).toBeLessThanOrEqual(1);
    });
  });

  test.each(of('50').filter((path) => path.includes('SC_rgb_jpeg_lossy_gdcm')))(
    'red, and not magenta: %s',
    async (path) => {
      const { ours } = await decodeAll(path);
      const [red = 0, green = 0, blue = 0] = ours;
      expect(red).toBeGreaterThan(245);
      expect(green).toBeLessThan(10);
      expect(blue).toBeLessThan(10);
    },
  );

  test.each(of('90', '91').filter((path) => !path.includes('too_short')))('against GDCM: %s', async (path) => {
    const [object] = readRealObjects([path], true);
    if (object?.reference === undefined) throw new Error(object?.problem);
    const { ours, description } = await decodeAll(path);
    expect(greatestDifference(ours, object.reference, description)).toBeLessThanOrEqual(1);
  });

  test.skipIf(!hasTool('opj_decompress')).each(of('201', '202', '203'))('against OpenJPEG: %s', async (path) => {
    const [object] = readRealObjects([path]);
    writeFileSync(join(folder, 'frame.j2k'), object?.frames[0]?.bytes ?? '');
    const grey = object?.description.samplesPerPixel === 1;
    const file = join(folder, grey ? 'frame.pgm' : 'frame.ppm');
    expect(spawnSync('opj_decompress', ['-i', join(folder, 'frame.j2k'), '-o', file]).status).toBe(0);
    const text = readFileSync(file);
    const comment = text.indexOf('\n', 3);
    const picture = readNetpbm(
      text[3] === 0x23 ? Buffer.concat([text.subarray(0, 3), text.subarray(comment + 1)]) : text,
    );
    const { ours, description } = await decodeAll(path);
    const theirs = Buffer.from(picture?.bytes ?? []);
    if (description.bitsAllocated === 16) theirs.swap16();
    expect(greatestDifference(ours, theirs, description)).toBeLessThanOrEqual(path.includes('HTJ2K_08') ? 1 : 0);
  });
});
