import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Compiled WebAssembly code. */
export interface WasmCode {
  readonly [Symbol.toStringTag]: string;
}

/** The memory of a WebAssembly instance. `buffer` is another one whenever the memory has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What an instance exports: functions over numbers, and its memory. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** The functions that WebAssembly code imports, by module name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The part of the WebAssembly API that is used here: the types of ES2023 do not describe it. */
interface WasmRuntime {
  compile(bytes: Uint8Array): Promise<WasmCode>;
  instantiate(code: WasmCode, imports: WasmImports): Promise<WasmInstance>;
}

/** The WebAssembly object of this runtime. */
export const webAssembly: WasmRuntime = Reflect.get(globalThis, 'WebAssembly');

/** What the Emscripten builds of all decoders share. None of them ships types. */
export interface EmscriptenModule {
  readonly HEAPU8?: Uint8Array;
}

/** The options of an Emscripten module factory that are used here. */
interface EmscriptenOptions {
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (imports: WasmImports, receive: (instance: WasmInstance) => void) => Record<string, never>;
}

type EmscriptenFactory<M> = (options: EmscriptenOptions) => Promise<M>;

/** What all decoders tell of a frame. */
export interface DecoderFrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

/** What a decoder object of every build can do. It holds memory of the module until `delete()` is called. */
export interface WasmDecoder {
  getEncodedBuffer(byteLength: number): Uint8Array;
  decode(): void;
  getFrameInfo(): DecoderFrameInfo;
  getDecodedBuffer(): Uint8Array | Uint8ClampedArray;
  delete(): void;
}

/** A module with more memory than this is not kept for the next frame: WebAssembly memory never shrinks. */
const maxKeptByteLength = 256 * 1024 * 1024;

/**
 * One decoder library. Its code is compiled once; its instance is kept from frame to frame, but thrown away after any
 * failure, because a failed decoder may leave its memory in any state.
 */
export interface WasmLibrary<M extends EmscriptenModule> {
  /**
   * Calls `use` with an instance.
   *
   * @throws {WasmFailure} where `use` threw anything, or the library printed a complaint
   */
  run<T>(use: (module: M) => T): Promise<T>;
  /** Compiles and instantiates the library, so that the first frame need not wait for it. */
  load(): Promise<void>;
}

/** A decoder threw something, or complained. The message is a full sentence. */
export class WasmFailure extends Error {}

/**
 * @param javascript the module specifier of the factory (CommonJS)
 * @param wasm the module specifier of its WebAssembly file
 * @param isComplaint whether a line that the library prints means that the picture is wrong
 */
export function wasmLibrary<M extends EmscriptenModule>(
  javascript: string,
  wasm: string,
  isComplaint: (line: string) => boolean,
): WasmLibrary<M> {
  const require = createRequire(import.meta.url);
  let compiled: Promise<WasmCode> | undefined;
  let kept: M | undefined;
  let complaint: string | undefined;
  const listen = (line: string): void => {
    if (complaint === undefined && isComplaint(line)) complaint = line;
  };

  async function instance(): Promise<M> {
    if (kept !== undefined) return kept;
    compiled ??= readFile(require.resolve(wasm)).then((bytes) => webAssembly.compile(bytes));
    const code = await compiled;
    const factory = require(javascript) as EmscriptenFactory<M>;
    kept = await factory({
      print: listen,
      printErr: listen,
      instantiateWasm: (imports, receive) => {
        void webAssembly.instantiate(code, imports).then(receive);
        return {};
      },
    });
    return kept;
  }

  return {
    async run(use) {
      const module = await instance();
      complaint = undefined;
      try {
        const result = use(module);
        if (complaint !== undefined) throw new WasmFailure(`The decoder says: ${tidy(complaint)}.`);
        if ((module.HEAPU8?.length ?? 0) > maxKeptByteLength) kept = undefined;
        return result;
      } catch (error) {
        kept = undefined;
        if (error instanceof WasmFailure) throw error;
        const said = complaint === undefined ? '' : `: ${tidy(complaint)}`;
        throw new WasmFailure(`The decoder gave up${said}.`, { cause: describe(error) });
      }
    },
    async load() {
      await instance();
    },
  };
}

/**
 * Gives one frame to a decoder object and deletes the object afterwards. It is not used again: after a broken frame, a
 * reused object may return the picture of the frame before.
 */
export function withDecoder<D extends WasmDecoder, T>(decoder: D, bytes: Uint8Array, use: (decoder: D) => T): T {
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    return use(decoder);
  } finally {
    decoder.delete();
  }
}

/** A copy of the decoded bytes outside of the module's memory, as bytes or as words of 16 bits. */
export function copyCells(decoded: Uint8Array | Uint8ClampedArray, wide: boolean): Uint8Array | Uint16Array {
  const copy = new Uint8Array(decoded);
  return wide ? new Uint16Array(copy.buffer, 0, copy.length >> 1) : copy;
}

/** C++ exceptions arrive as numbers (pointers), which tell nothing as a `cause`. */
function describe(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown : new Error(`The decoder threw ${String(thrown)}`);
}

function tidy(line: string): string {
  return line
    .replace(/^\[?[A-Z]+\]?:?\s*/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.!]+$/, '')
    .slice(0, 200);
}
