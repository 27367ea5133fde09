import { UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import { checkCodestreamSize, photometricOf, powerOfTwoFactor } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure, throwIfModuleIsMissing } from '../decode-failure.ts';
import { type Cells, frameOfCells } from '../stored-values.ts';
import {
  copyCells,
  type EmscriptenModule,
  type WasmDecoder,
  WasmFailure,
  wasmLibrary,
  withDecoder,
} from '../wasm/emscripten.ts';
import { type Jpeg2000Headers, readJpeg2000Headers } from './jpeg2000-headers.ts';

interface OpenJpegDecoder extends WasmDecoder {
  decodeSubResolution(decompositionLevel: number, decodeLayer: number): void;
}

interface OpenJpegModule extends EmscriptenModule {
  readonly J2KDecoder: new () => OpenJpegDecoder;
}

interface OpenJphDecoder extends WasmDecoder {
  decodeSubResolution(decompositionLevel: number): void;
}

interface OpenJphModule extends EmscriptenModule {
  readonly HTJ2KDecoder: new () => OpenJphDecoder;
}

/** OpenJPEG prints every step as [INFO], and warns of much that does no harm: these warnings mean a wrong picture. */
const openJpeg = wasmLibrary<OpenJpegModule>(
  '@cornerstonejs/codec-openjpeg/decodewasmjs',
  '@cornerstonejs/codec-openjpeg/decodewasm',
  (line) =>
    line.startsWith('[ERROR]') ||
    (line.startsWith('[WARNING]') && /too long|truncat|inconsistent|corrupt|fail|expected|missing/i.test(line)),
);

/** OpenJPH does not throw on broken data: it prints a message, and gives what it has. */
const openJph = wasmLibrary<OpenJphModule>(
  '@cornerstonejs/codec-openjph/wasmjs',
  '@cornerstonejs/codec-openjph/wasm',
  (line) => line.trim() !== '',
);

/** Loads the library for plain JPEG 2000, or for the high throughput kind. */
export function loadJpeg2000(highThroughput: boolean): Promise<void> {
  return highThroughput ? openJph.load() : openJpeg.load();
}

/**
 * Decodes JPEG 2000 and High-Throughput JPEG 2000 (ITU-T T.800, T.814). Reduces by leaving out wavelet levels.
 *
 * @throws {DecodeError} broken, cut off, or not what the header describes
 * @throws {UnsupportedError} components that differ from each other, more than 16 bits, 2 or 4 components
 */
export async function decodeJpeg2000(job: FrameJob): Promise<DecodedFrame> {
  const { bytes, description, transferSyntaxUid } = job;
  const headers = readJpeg2000Headers(bytes);
  if (headers === undefined) throw decodeFailure(transferSyntaxUid, 'Its bytes hold no JPEG 2000 main header.');
  const { rows, columns, components } = headers;
  const samplesPerPixel = components.length;
  checkCodestreamSize(transferSyntaxUid, description, { rows, columns, samplesPerPixel });
  const { precision, signed } = checkComponents(headers);
  if (!headers.complete) throw decodeFailure(transferSyntaxUid, 'Its codestream is cut off.');
  const factor = powerOfTwoFactor(job.reduce, 2 ** Math.min(headers.decompositions, 16));
  try {
    const size = { rows: Math.ceil(rows / factor), columns: Math.ceil(columns / factor) };
    const expected = size.rows * size.columns * samplesPerPixel;
    const decoded = await decodeUnsigned(headers, Math.log2(factor), expected);
    const cells = (await hasLinesByPlane(headers)) ? linesIntoPixels(decoded, size.rows, samplesPerPixel) : decoded;
    const photometricInterpretation = colourOf(headers, photometricOf(description));
    return frameOfCells({ ...size, samplesPerPixel, cells, precision, signed, photometricInterpretation }, description);
  } catch (error) {
    throwIfModuleIsMissing(error);
    throw decodeFailure(transferSyntaxUid, error instanceof Error ? error.message : 'The decoder failed.', error);
  }
}

/** The decoders lose nothing of 1 or 3 components that are alike and have up to 16 bits: all others are refused. */
function checkComponents(headers: Jpeg2000Headers): { readonly precision: number; readonly signed: boolean } {
  const { components, hasOffset } = headers;
  const [first] = components;
  const alike = components.every(
    ({ precision, signed, subsampled }) => precision === first?.precision && signed === first.signed && !subsampled,
  );
  if (first === undefined || !alike) {
    throw new UnsupportedError('JPEG 2000 with components of different size, precision or sign is not supported.');
  }
  if (components.length !== 1 && components.length !== 3) {
    throw new UnsupportedError(`JPEG 2000 with ${components.length} components is not supported; expected 1 or 3.`);
  }
  if (first.precision > 16) {
    throw new UnsupportedError(`JPEG 2000 of ${first.precision} bits is not supported; expected up to 16.`);
  }
  if (hasOffset) throw new UnsupportedError('JPEG 2000 with an image offset on its reference grid is not supported.');
  return first;
}

/**
 * Decodes as if the components were unsigned, because the decoders clip some signed values. Signed and unsigned
 * components differ only by a shift by half the range (T.800 G.1), which `frameOfCells` undoes.
 */
function decodeUnsigned(headers: Jpeg2000Headers, level: number, expected: number): Promise<Uint8Array | Uint16Array> {
  const { codestream, components, signOffset, highThroughput } = headers;
  const wide = (components[0]?.precision ?? 0) > 8;
  let source = codestream;
  if (components.some((component) => component.signed)) {
    source = codestream.slice();
    components.forEach((_, index) => {
      const at = signOffset + 3 * index;
      source[at] = (source[at] ?? 0) & 0x7f;
    });
  }
  const finish = (decoder: WasmDecoder): Uint8Array | Uint16Array => {
    const decoded = copyCells(decoder.getDecodedBuffer(), wide);
    const { width, height, componentCount } = decoder.getFrameInfo();
    const full = width === headers.columns && height === headers.rows && componentCount === components.length;
    if (!full || decoded.length !== expected) {
      throw new WasmFailure(`The decoder gave ${decoded.length} samples; expected ${expected}.`);
    }
    return decoded;
  };
  if (highThroughput) {
    return openJph.run((module) =>
      withDecoder(new module.HTJ2KDecoder(), source, (decoder) => {
        if (level === 0) decoder.decode();
        else decoder.decodeSubResolution(level);
        return finish(decoder);
      }),
    );
  }
  return openJpeg.run((module) =>
    withDecoder(new module.J2KDecoder(), source, (decoder) => {
      if (level === 0) decoder.decode();
      else decoder.decodeSubResolution(level, 0);
      return finish(decoder);
    }),
  );
}

/** Whether the library puts the lines of this image into the wrong components; a probe tells that once. */
async function hasLinesByPlane(headers: Jpeg2000Headers): Promise<boolean> {
  const { highThroughput, components, multipleComponentTransform } = headers;
  if (!highThroughput || components.length === 1 || multipleComponentTransform) return false;
  linesByPlane ??= openJph.run((module) =>
    withDecoder(new module.HTJ2KDecoder(), probeCodestream, (decoder) => {
      decoder.decode();
      // 3 is the first sample of the second row: the library took it for a sample of the second component.
      return copyCells(decoder.getDecodedBuffer(), false)[1] === 3;
    }),
  );
  return linesByPlane;
}

let linesByPlane: Promise<boolean> | undefined;

/**
 * 2 x 2 pixels of 3 components, in High-Throughput JPEG 2000 without component transform, written by OpenJPH's own
 * program: (1 11 21) (2 12 22) (3 13 23) (4 14 24).
 */
const probeCodestream: Uint8Array = Buffer.from(
  '/0//UQAvQAAAAAACAAAAAgAAAAAAAAAAAAAAAgAAAAIAAAAAAAAAAAADBwEBBwEBBwEB/1AACAACAAAAAf9SAAwAAgABAAAAAEAB/1wABCBI/2QAFgAB' +
    'T3BlbkpQSCBWZXIgMC45LjAu/5AACgAAAAAALwAB/5PAKgD9/P37AIG0AMAqAOny8/EAgbQAwCoA1ejp5wCBtAD/2Q==',
  'base64',
);

/**
 * Undoes a mistake of the library around OpenJPH (@cornerstonejs/codec-openjph 2.4.11). OpenJPH gives the lines of an
 * image row by row, in each row component by component; but plane by plane where the components were not transformed.
 * The library always takes them for the former. So its line k is row k mod `rows` of component k / `rows`.
 *
 * @param cells interleaved by pixel, as the library wrote them; length = rows * columns * samples
 */
function linesIntoPixels<C extends Cells>(cells: C, rows: number, samples: number): C {
  const columns = cells.length / (rows * samples);
  const pixels = cells.slice() as C;
  for (let line = 0; line < rows * samples; line++) {
    const component = Math.trunc(line / rows);
    const from = Math.trunc(line / samples) * columns * samples + (line % samples);
    const to = (line % rows) * columns * samples + component;
    for (let at = 0; at < columns * samples; at += samples) pixels[to + at] = cells[from + at] ?? 0;
  }
  return pixels;
}

/**
 * The Photometric Interpretation of the decoded values: RGB where the decoder undid the codestream's own colour
 * transform. Without a transform it is what the header says. YBR_ICT and YBR_RCT are names of that transform, so they
 * mean RGB then.
 */
function colourOf(headers: Jpeg2000Headers, photometric: string): string {
  if (headers.components.length !== 3) return photometric;
  if (headers.multipleComponentTransform) return 'RGB';
  if (headers.colourSpace === 18) return 'YBR_FULL';
  if (photometric === 'YBR_ICT' || photometric === 'YBR_RCT') return 'RGB';
  return photometric.startsWith('YBR_') ? 'YBR_FULL' : photometric;
}
