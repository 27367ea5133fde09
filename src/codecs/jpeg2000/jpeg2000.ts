import { UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import { frameOfCells } from '../codestream-values.ts';
import { decodeFailure, throwIfModuleIsMissing } from '../decode-failure.ts';
import type { FrameJob } from '../frame-job.ts';
import { checkCodestreamSize, photometricOf, powerOfTwoFactor } from '../pixel-description.ts';
import type { Cells } from '../stored-values.ts';
import {
  copyCells,
  type EmscriptenModule,
  type WasmDecoder,
  WasmFailure,
  wasmLibrary,
  withDecoder,
} from '../wasm/emscripten.ts';
import { linesIntoPixels, PROBE_CODESTREAM, showsLinesByPlane } from './component-lines.ts';
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

/** OpenJPEG tells every step as [INFO], and warns of much that does no harm; these are the warnings that do. */
const openJpeg = wasmLibrary<OpenJpegModule>(
  '@cornerstonejs/codec-openjpeg/decodewasmjs',
  '@cornerstonejs/codec-openjpeg/decodewasm',
  (line) =>
    line.startsWith('[ERROR]') ||
    (line.startsWith('[WARNING]') && /too long|truncat|inconsistent|corrupt|fail|expected|missing/i.test(line)),
);

/** OpenJPH does not throw on broken data: it prints, and gives what it has. */
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
 * JPEG 2000 and High-Throughput JPEG 2000 (ITU-T T.800, T.814), reduced by leaving out wavelet levels.
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
    const centered = signed ? centerOnZero(cells, precision) : cells;
    const photometricInterpretation = colourOf(headers, photometricOf(description));
    return frameOfCells(
      { ...size, samplesPerPixel, cells: centered, precision, signed, photometricInterpretation },
      description,
    );
  } catch (error) {
    throwIfModuleIsMissing(error);
    throw decodeFailure(transferSyntaxUid, error instanceof Error ? error.message : 'The decoder failed.', error);
  }
}

/** All components alike, 1 or 3 of them, of up to 16 bits: what the decoders give back without loss. */
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
 * Decodes as if the components were unsigned: the decoders clip some signed values, and signed and unsigned components
 * differ in nothing but a shift by half the range (T.800 G.1), which is undone afterwards.
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

/** Whether the library takes the lines of this image for those of the wrong component: asked of it once. */
async function hasLinesByPlane(headers: Jpeg2000Headers): Promise<boolean> {
  const { highThroughput, components, multipleComponentTransform } = headers;
  if (!highThroughput || components.length === 1 || multipleComponentTransform) return false;
  linesByPlane ??= openJph.run((module) =>
    withDecoder(new module.HTJ2KDecoder(), PROBE_CODESTREAM, (decoder) => {
      decoder.decode();
      return showsLinesByPlane(copyCells(decoder.getDecodedBuffer(), false));
    }),
  );
  return linesByPlane;
}

let linesByPlane: Promise<boolean> | undefined;

/** Takes half the range off, in two's complement of the cells' width. */
function centerOnZero(cells: Cells, precision: number): Cells {
  const half = 2 ** (precision - 1);
  for (let i = 0; i < cells.length; i++) cells[i] = (cells[i] ?? 0) - half;
  return cells;
}

/**
 * What the values are: RGB where the codestream's own colour transform was undone. Without one they are what the
 * header says; YBR_ICT and YBR_RCT name that very transform, so without it nothing but RGB is left.
 */
function colourOf(headers: Jpeg2000Headers, photometric: string): string {
  if (headers.components.length !== 3) return photometric;
  if (headers.multipleComponentTransform) return 'RGB';
  if (headers.colourSpace === 18) return 'YBR_FULL';
  if (photometric === 'YBR_ICT' || photometric === 'YBR_RCT') return 'RGB';
  return photometric.startsWith('YBR_') ? 'YBR_FULL' : photometric;
}
