import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type WasmCode, type WasmImports, type WasmInstance, webAssembly } from './webassembly.ts';

/** What the Emscripten builds of the decoders share; none of them ships types. */
export interface EmscriptenModule {
  readonly HEAPU8?: Uint8Array;
}

/** Options of an Emscripten module factory that are used here. */
interface EmscriptenOptions {
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (imports: WasmImports, receive: (instance: WasmInstance) => void) => Record<string, never>;
}

type EmscriptenFactory<M> = (options: EmscriptenOptions) => Promise<M>;

/** The frame information that all decoders give. */
export interface DecoderFrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

/** What a decoder object of any of the builds can do. It holds memory of the module until `delete()`. */
export interface WasmDecoder {
  getEncodedBuffer(byteLength: number): Uint8Array;
  decode(): void;
  getFrameInfo(): DecoderFrameInfo;
  getDecodedBuffer(): Uint8Array | Uint8ClampedArray;
  delete(): void;
}

/** Memory that a module may keep between frames: WebAssembly memory grows and never shrinks. */
const KEPT_MEMORY = 256 * 1024 * 1024;

/**
 * One decoder library: its code compiled once, its instance kept from frame to frame and thrown away after any
 * failure, as nobody can tell in what state a failed decoder leaves its memory.
 */
export interface WasmLibrary<M extends EmscriptenModule> {
  /**
   * Runs `use` with an instance.
   *
   * @throws {WasmFailure} whatever went wrong inside, and where the library printed anything like an error
   */
  run<T>(use: (module: M) => T): Promise<T>;
  /** Compiles and instantiates ahead of the first frame. */
  load(): Promise<void>;
}

/** A decoder threw (numbers, mostly) or complained; the message is a full sentence. */
export class WasmFailure extends Error {}

/**
 * @param javascript module specifier of the factory (CommonJS)
 * @param wasm module specifier of its WebAssembly file
 * @param isComplaint which of the lines that the library prints mean that the picture is not right
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
        if ((module.HEAPU8?.length ?? 0) > KEPT_MEMORY) kept = undefined;
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
 * Feeds one frame to a decoder object that lives for this frame only (a reused one may answer a broken frame with the
 * picture before it).
 */
export function withDecoder<D extends WasmDecoder, T>(decoder: D, bytes: Uint8Array, use: (decoder: D) => T): T {
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    return use(decoder);
  } finally {
    decoder.delete();
  }
}

/** Decoded bytes, copied out of the module's memory, as bytes or as words of 16 bits. */
export function copyCells(decoded: Uint8Array | Uint8ClampedArray, wide: boolean): Uint8Array | Uint16Array {
  const copy = new Uint8Array(decoded);
  return wide ? new Uint16Array(copy.buffer, 0, copy.length >> 1) : copy;
}

/** C++ exceptions arrive as numbers (pointers): not fit to be anybody's `cause`. */
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
