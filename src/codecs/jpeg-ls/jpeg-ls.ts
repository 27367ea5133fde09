import type { DecodedFrame } from '../../types/pixels.ts';
import { checkCodestreamSize, photometricOf } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure, throwIfModuleIsMissing } from '../decode-failure.ts';
import { jpegLsProcess, readJpegHeaders } from '../jpeg/jpeg-headers.ts';
import { frameOfCells, interleavePlanes } from '../stored-values.ts';
import {
  copyCells,
  type EmscriptenModule,
  type WasmDecoder,
  WasmFailure,
  wasmLibrary,
  withDecoder,
} from '../wasm/emscripten.ts';

interface JpegLsDecoder extends WasmDecoder {
  /** 0: by plane; 1: by line; 2: by pixel. Samples of 1 and 2 both come out by pixel. */
  getInterleaveMode(): number;
}

interface CharlsModule extends EmscriptenModule {
  readonly JpegLSDecoder: new () => JpegLsDecoder;
}

const library = wasmLibrary<CharlsModule>(
  '@cornerstonejs/codec-charls/decodewasmjs',
  '@cornerstonejs/codec-charls/decodewasm',
  () => true,
);

/**
 * CharLS reads past the end of a codestream that is cut off, and then never stops. So an End of Image marker and zeros
 * are added to every codestream: CharLS stops there. They change nothing where the codestream is whole.
 */
const endMark: Uint8Array = Uint8Array.of(0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** Loads the library. */
export function loadJpegLs(): Promise<void> {
  return library.load();
}

/**
 * Decodes JPEG-LS, lossless and near-lossless (ITU-T T.87). No colour conversion; never reduces.
 *
 * @throws {DecodeError} broken, cut off, or not what the header describes
 */
export async function decodeJpegLs(job: FrameJob): Promise<DecodedFrame> {
  const { bytes, description, transferSyntaxUid } = job;
  const headers = readJpegHeaders(bytes);
  if (headers?.process !== jpegLsProcess) {
    throw decodeFailure(transferSyntaxUid, 'Its bytes hold no JPEG-LS frame header.');
  }
  const { rows, columns, precision, components, start } = headers;
  const samplesPerPixel = components.length;
  checkCodestreamSize(transferSyntaxUid, description, { rows, columns, samplesPerPixel });
  if (precision < 2 || precision > 16) {
    throw decodeFailure(transferSyntaxUid, `Its compressed bytes claim ${precision} bits a sample; expected 2 to 16.`);
  }
  try {
    const cells = await library.run((module) => {
      const codestream = new Uint8Array(bytes.length - start + endMark.length);
      codestream.set(bytes.subarray(start));
      codestream.set(endMark, bytes.length - start);
      return withDecoder(new module.JpegLSDecoder(), codestream, (decoder) => {
        decoder.decode();
        const { width, height, componentCount } = decoder.getFrameInfo();
        const decoded = copyCells(decoder.getDecodedBuffer(), precision > 8);
        const expected = rows * columns * samplesPerPixel;
        const agrees = width === columns && height === rows && componentCount === samplesPerPixel;
        if (!agrees || decoded.length !== expected) {
          throw new WasmFailure(`The decoder gave ${decoded.length} samples; expected ${expected}.`);
        }
        return decoder.getInterleaveMode() === 0 ? interleavePlanes(decoded, samplesPerPixel) : decoded;
      });
    });
    const photometricInterpretation = photometricOf(description);
    return frameOfCells(
      { rows, columns, samplesPerPixel, cells, precision, signed: false, photometricInterpretation },
      description,
    );
  } catch (error) {
    throwIfModuleIsMissing(error);
    throw decodeFailure(transferSyntaxUid, error instanceof Error ? error.message : 'The decoder failed.', error);
  }
}
