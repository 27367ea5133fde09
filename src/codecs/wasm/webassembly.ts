/** Compiled code; opaque. */
export interface WasmCode {
  readonly [Symbol.toStringTag]: string;
}

/** A memory of a WebAssembly instance; `buffer` changes whenever it grows. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What an instance exports: functions over numbers, and its memory. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Functions that a module imports, by module name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The part of the WebAssembly JavaScript API that is used here; the compiler's ES library does not describe it. */
interface WasmRuntime {
  compile(bytes: Uint8Array): Promise<WasmCode>;
  instantiate(code: WasmCode, imports: WasmImports): Promise<WasmInstance>;
}

/** The host's WebAssembly. */
export const webAssembly: WasmRuntime = Reflect.get(globalThis, 'WebAssembly');
