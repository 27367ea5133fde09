// Frames and files encoded by programs that share no code with this package.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Samples of one frame to encode: interleaved by pixel. */
export interface RawFrame {
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: 1 | 3;
  /** 8, or up to 16. */
  readonly bits: number;
}

/** Whether a program is there; where it is not, a line says that its tests are skipped. */
export function isInstalled(program: string): boolean {
  if (spawnSync(program, ['--version']).error === undefined) return true;
  console.log(`skipped: ${program} is not installed`);
  return false;
}

/** Runs a program that must succeed. */
export function run(program: string, ...parameters: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, parameters, { maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error?.message ?? String(stderr)}`);
}

/** Programs on files in a folder of their own. */
export class ExternalEncoders {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'dicom-series-preview-encoders-'));

  file(name: string): string {
    return join(this.folder, name);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A binary PGM or PPM; samples of more than 8 bits are big endian words (and stretched to 16 bits where asked). */
  #netpbm({ values, rows, columns, samplesPerPixel, bits }: RawFrame, stretched: boolean): string {
    const path = this.file(samplesPerPixel === 3 ? 'frame.ppm' : 'frame.pgm');
    const wide = bits > 8;
    const greatest = wide ? (stretched ? 65_535 : 2 ** bits - 1) : 255;
    const head = Buffer.from(`P${samplesPerPixel === 3 ? 6 : 5}\n${columns} ${rows}\n${greatest}\n`);
    const samples = Array.from(values, (value) =>
      wide && stretched ? Math.round((value * 65_535) / (2 ** bits - 1)) : value,
    );
    const body = wide ? Buffer.from(Uint16Array.from(samples).buffer).swap16() : Buffer.from(samples);
    writeFileSync(path, Buffer.concat([head, body]));
    return path;
  }

  #encode(output: string, program: string, ...parameters: readonly string[]): Uint8Array {
    run(program, ...parameters);
    return new Uint8Array(readFileSync(this.file(output)));
  }

  /** libjpeg-turbo's own program, of 8 bits. */
  jpeg(frame: RawFrame, ...more: readonly string[]): Uint8Array {
    const output = this.file('frame.jpg');
    return this.#encode('frame.jpg', 'cjpeg', ...more, '-outfile', output, this.#netpbm(frame, false));
  }

  /** OpenJPEG. */
  jpeg2000(frame: RawFrame, ...more: readonly string[]): Uint8Array {
    const output = this.file('frame.j2k');
    return this.#encode(
      'frame.j2k',
      'opj_compress',
      '-i',
      this.#netpbm(frame, false),
      '-o',
      output,
      '-n',
      '3',
      ...more,
    );
  }

  /** OpenJPH. */
  highThroughputJpeg2000(frame: RawFrame, ...more: readonly string[]): Uint8Array {
    const output = this.file('frame.j2c');
    return this.#encode('frame.j2c', 'ojph_compress', '-i', this.#netpbm(frame, false), '-o', output, ...more);
  }

  /** libjxl. It takes samples of 16 bits and stores as many as it is told. */
  jpegXl(frame: RawFrame, ...more: readonly string[]): Uint8Array {
    const output = this.file('frame.jxl');
    const depth = `--override_bitdepth=${frame.bits}`;
    return this.#encode('frame.jxl', 'cjxl', ...more, depth, this.#netpbm(frame, true), output);
  }
}
