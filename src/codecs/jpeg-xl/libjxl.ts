import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { MissingComponentError } from '../../base/errors.ts';
import type { PixelDescription } from '../../types/pixels.ts';
import { type WasmCode, type WasmImports, type WasmMemory, webAssembly } from '../wasm/emscripten.ts';

/** The exports of the module that are needed to decode JPEG XL. Pointers and sizes are numbers. */
interface LibjxlExports {
  readonly memory: WasmMemory;
  readonly _initialize: () => void;
  readonly CreateCodecsContext: () => number;
  readonly ReleaseCodecsContext: (context: number) => void;
  readonly CreateDecoderParameters: () => number;
  readonly ReleaseDecoderParameters: (parameters: number) => void;
  readonly SetColumns: (context: number, value: number) => void;
  readonly SetRows: (context: number, value: number) => void;
  readonly SetBitsAllocated: (context: number, value: number) => void;
  readonly SetBitsStored: (context: number, value: number) => void;
  readonly SetSamplesPerPixel: (context: number, value: number) => void;
  readonly SetEncodedBufferSize: (context: number, byteLength: number) => void;
  readonly GetEncodedBuffer: (context: number) => number;
  readonly GetDecodedBuffer: (context: number) => number;
  readonly GetDecodedBufferSize: (context: number) => number;
  readonly DecodeJpegXl: (context: number, parameters: number) => void;
}

/**
 * The WebAssembly file of dcmjs-codecs, which holds libjxl. It is used directly: the package's JavaScript would load a
 * whole DICOM library, and would use the memory again after a failure that may have damaged it.
 */
const wasmFile = 'dcmjs-codecs/build/dcmjs-native-codecs.wasm';

let compiled: Promise<WasmCode> | undefined;
let kept: LibjxlExports | undefined;

/** Compiles and instantiates the module, so that the first frame need not wait for it. */
export async function loadLibjxl(): Promise<void> {
  kept ??= await instantiate();
}

/**
 * Decodes one frame.
 *
 * @returns samples by pixel, as bytes for up to 8 bits a sample, else as words of 16 bits (little endian); the values
 * are stretched to the full range of bytes or words
 */
export async function decodeWithLibjxl(
  bytes: Uint8Array,
  description: PixelDescription,
): Promise<Uint8Array<ArrayBuffer>> {
  const library = kept ?? (await instantiate());
  // The instance is kept only once the frame is done: after a failure the next frame gets a new one.
  kept = undefined;
  const context = library.CreateCodecsContext();
  const parameters = library.CreateDecoderParameters();
  library.SetColumns(context, description.columns);
  library.SetRows(context, description.rows);
  library.SetBitsAllocated(context, description.bitsAllocated);
  library.SetBitsStored(context, description.bitsStored);
  library.SetSamplesPerPixel(context, description.samplesPerPixel);
  library.SetEncodedBufferSize(context, bytes.length);
  new Uint8Array(library.memory.buffer).set(bytes, library.GetEncodedBuffer(context));
  library.DecodeJpegXl(context, parameters);
  const start = library.GetDecodedBuffer(context);
  const decoded = new Uint8Array(library.memory.buffer).slice(start, start + library.GetDecodedBufferSize(context));
  library.ReleaseDecoderParameters(parameters);
  library.ReleaseCodecsContext(context);
  kept = library;
  return decoded;
}

async function instantiate(): Promise<LibjxlExports> {
  const require = createRequire(import.meta.url);
  compiled ??= readFile(locate(require)).then((bytes) => webAssembly.compile(bytes));
  let memory: WasmMemory | undefined;
  const instance = await webAssembly.instantiate(
    await compiled,
    imports(() => memory),
  );
  const library = instance.exports as Readonly<Record<string, unknown>> & LibjxlExports;
  memory = library.memory;
  library._initialize();
  return library;
}

function locate(require: NodeJS.Require): string {
  try {
    return require.resolve(wasmFile);
  } catch (error) {
    throw new MissingComponentError(
      'JPEG XL is decoded by the package dcmjs-codecs, which is not installed: run "npm install dcmjs-codecs" and try again.',
      { component: 'dcmjs-codecs', cause: error },
    );
  }
}

/** What the module imports: a way to report failures, and the few WASI functions that it calls, which do nothing. */
function imports(memory: () => WasmMemory | undefined): WasmImports {
  const done = (): number => 0;
  let clockView: DataView | undefined;
  const text = (pointer: number, length: number): string => {
    const buffer = memory()?.buffer;
    return buffer === undefined ? '' : new TextDecoder().decode(new Uint8Array(buffer, pointer, length));
  };
  const writeZeros = (...pointers: readonly number[]): number => {
    const buffer = memory()?.buffer;
    if (buffer !== undefined) for (const pointer of pointers) new DataView(buffer).setUint32(pointer, 0, true);
    return 0;
  };
  return {
    env: {
      onCodecsException: (pointer: number, length: number): never => {
        throw new Error(text(pointer, length));
      },
      onCodecsInfo: done,
      onCodecsTrace: done,
      emscripten_notify_memory_growth: done,
    },
    wasi_snapshot_preview1: {
      proc_exit: (status: number): never => {
        throw new Error(`The module ended with status ${status}`);
      },
      // The module asks 131,072 times while it starts, so the view of its memory is kept.
      clock_time_get: (_clock: number, _precision: bigint, result: number): number => {
        const buffer = memory()?.buffer;
        if (buffer === undefined) return 0;
        if (clockView?.buffer !== buffer) clockView = new DataView(buffer);
        clockView.setUint32(result, 0, true);
        clockView.setUint32(result + 4, 0, true);
        return 0;
      },
      fd_write: (_file: number, vectors: number, count: number, written: number): number => {
        const buffer = memory()?.buffer;
        if (buffer === undefined) return 0;
        const view = new DataView(buffer);
        // Say that all bytes were written, or the C library would try again for ever.
        let total = 0;
        for (let i = 0; i < count; i++) total += view.getUint32(vectors + 8 * i + 4, true);
        view.setUint32(written, total, true);
        return 0;
      },
      fd_close: done,
      fd_seek: done,
      environ_sizes_get: (count: number, byteLength: number): number => writeZeros(count, byteLength),
      environ_get: done,
    },
  };
}
