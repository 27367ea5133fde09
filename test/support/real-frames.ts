// Frames of the real DICOM objects beside the repository, cut out by pydicom: independent of this package's own parser.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PixelDescription } from '../../src/types/pixels.ts';

const support = dirname(fileURLToPath(import.meta.url));

/** The folder of real objects, and whether it is there. */
export const realDicom: string = join(support, '..', '..', '..', 'shared', 'dicom');
/**
 * An object whose encoder computed predictor 6 with 16-bit overflow, against ITU-T T.81. This package undoes that, as DCMTK
 * does with `--workaround-pred6`; tools that decode by the standard show something else.
 */
export const overflowedPredictor: RegExp = /JPEGLossless_1s_1f_i_16_16_bad\.dcm$/;
export const python = '/usr/bin/python3';

/** Why the tests over real data cannot run; undefined where they can. */
export function whyNoRealData(): string | undefined {
  if (!existsSync(join(realDicom, 'manifest.tsv'))) return 'the folder ../shared/dicom is not there';
  const probe = spawnSync(python, ['-c', 'import pydicom, numpy']);
  return probe.status === 0 ? undefined : `${python} with pydicom and numpy is not there`;
}

export interface ManifestRow {
  readonly path: string;
  readonly transferSyntaxUid: string;
  readonly modality: string;
  readonly photometric: string;
  /** 1 where the header does not say. */
  readonly frames: number;
  readonly bitExact: boolean;
  readonly sha256: string;
}

export function readManifest(): readonly ManifestRow[] {
  const [, ...lines] = readFileSync(join(realDicom, 'manifest.tsv'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const cells = line.split('\t');
    return {
      path: cells[0] ?? '',
      transferSyntaxUid: cells[2] ?? '',
      modality: cells[3] ?? '',
      photometric: cells[4] ?? '',
      frames: Number(cells[10]) || 1,
      bitExact: cells[13] === '1',
      sha256: cells[14] ?? '',
    };
  });
}

export interface RealObject {
  readonly path: string;
  readonly transferSyntaxUid: string;
  readonly description: PixelDescription;
  readonly frames: readonly { readonly bytes: Uint8Array; readonly bitOffset: number }[];
  readonly bigEndian: boolean;
  /** What pydicom (with gdcm or its own code) makes of all frames: little endian, in cells of Bits Allocated. */
  readonly reference: Uint8Array | undefined;
  readonly problem: string | undefined;
}

interface Extracted {
  readonly path: string;
  readonly uid: string;
  readonly description: PixelDescription;
  readonly frames: readonly { readonly offset: number; readonly length: number; readonly bitOffset: number }[];
  readonly bigEndian: boolean;
  readonly reference: { readonly offset: number; readonly length: number } | null;
  readonly problem: string | null;
}

/** Frames of many objects in one run of Python. Objects without pixels come back with a `problem`. */
export function readRealObjects(paths: readonly string[], withReference = false): readonly RealObject[] {
  const folder = mkdtempSync(join(tmpdir(), 'real-frames-'));
  try {
    const files = paths.map((path) => (path.startsWith('/') ? path : join(realDicom, path)));
    const run = spawnSync(python, ['-W', 'ignore', join(support, 'extract-frames.py'), folder, String(withReference)], {
      input: JSON.stringify(files),
      maxBuffer: 2 ** 28,
    });
    if (run.status !== 0) throw new Error(`extract-frames.py: ${String(run.stderr)}`);
    const blob = new Uint8Array(readFileSync(join(folder, 'bytes')));
    const found = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly Extracted[];
    return found.map((object, index) => ({
      path: paths[index] ?? object.path,
      transferSyntaxUid: object.uid,
      description: object.description,
      bigEndian: object.bigEndian,
      frames: object.frames.map(({ offset, length, bitOffset }) => ({
        bytes: blob.subarray(offset, offset + length),
        bitOffset,
      })),
      reference:
        object.reference === null
          ? undefined
          : blob.subarray(object.reference.offset, object.reference.offset + object.reference.length),
      problem: object.problem ?? undefined,
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
