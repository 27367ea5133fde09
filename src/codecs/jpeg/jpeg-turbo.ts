import {
  copyCells,
  type EmscriptenModule,
  type WasmDecoder,
  WasmFailure,
  wasmLibrary,
  withDecoder,
} from '../wasm/emscripten.ts';
import type { JpegHeaders } from './jpeg-headers.ts';

interface TurboModule extends EmscriptenModule {
  readonly JPEGDecoder: new () => WasmDecoder;
}

/** libjpeg-turbo decodes whole pictures of 8 bits fastest. It prints nothing that says a picture is wrong. */
const library = wasmLibrary<TurboModule>(
  '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs',
  '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm',
  () => false,
);

/** Loads the library. */
export function loadJpegTurbo(): Promise<void> {
  return library.load();
}

/**
 * Decodes 8-bit JPEG with DCT, at full size.
 *
 * @param rgb whether three components are RGB and not YCbCr: the library is told so by an Adobe marker
 * @returns samples by pixel: grey, or RGB (converted where the codestream holds YCbCr)
 * @throws {WasmFailure} broken, cut off, or so unusual that libjpeg-turbo warns
 */
export function decodeJpegTurbo(bytes: Uint8Array, headers: JpegHeaders, rgb: boolean): Promise<Uint8Array> {
  const { rows, columns, components, start } = headers;
  const codestream = components.length === 3 ? withAdobeMarker(bytes, start, rgb) : bytes.subarray(start);
  return library.run((module) =>
    withDecoder(new module.JPEGDecoder(), codestream, (decoder) => {
      decoder.decode();
      const { width, height, componentCount } = decoder.getFrameInfo();
      const decoded = copyCells(decoder.getDecodedBuffer(), false);
      const expected = rows * columns * components.length;
      if (width !== columns || height !== rows || componentCount !== components.length || decoded.length !== expected) {
        throw new WasmFailure(`The decoder gave ${decoded.length} bytes; expected ${expected}.`);
      }
      return decoded as Uint8Array;
    }),
  );
}

/** A copy with an Adobe APP14 marker before all others: libjpeg has nothing to guess then. */
function withAdobeMarker(bytes: Uint8Array, start: number, rgb: boolean): Uint8Array {
  const marker = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, rgb ? 0 : 1];
  const result = new Uint8Array(bytes.length - start + marker.length);
  result.set(bytes.subarray(start, start + 2));
  result.set(marker, 2);
  result.set(bytes.subarray(start + 2), 2 + marker.length);
  return result;
}
