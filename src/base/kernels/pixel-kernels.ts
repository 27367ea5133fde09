import { kernelBytes } from './kernel-bytes.ts';

// Where things lie in the memory of kernels.wat, in bytes.
const sumsAt = 65_536;
const valuesAt = 98_304;
/** Stored values are copied there in pieces of so many bytes at most. The results of a piece come after it. */
const maxPieceByteLength = 262_144;
const resultsAt = valuesAt + maxPieceByteLength;
const maxColumns = (valuesAt - sumsAt) / 4;
/** What is looked at in one go, in bytes. */
const blockByteLength = 16;

/** The functions of kernels.wat. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly setBits: (byteLength: number) => number;
  readonly differingBits: (byteLength: number) => number;
  readonly averageBoxes: (
    target: number,
    columns: number,
    rows: number,
    boxWidth: number,
    boxHeight: number,
  ) => undefined;
}

/** The part of the WebAssembly API that is used here: the types of ES2023 do not describe it. */
interface Runtime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

/** Stored values to average, looked up in a table. */
export interface BoxSource {
  readonly indices: Uint8Array | Uint16Array;
  /** Values of a line: a multiple of `boxWidth`. */
  readonly width: number;
  readonly table: Uint8Array;
}

/**
 * The loops over every stored value of a frame, in WebAssembly with SIMD (kernels.wat). Unlike JavaScript they need not run for
 * a while to become fast (docs/decisions/2026-11-29-pixel-kernels.md).
 */
export class PixelKernels {
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #values: Uint16Array;

  /** @throws where this engine has no WebAssembly with SIMD */
  constructor() {
    const { Module, Instance }: Runtime = Reflect.get(globalThis, 'WebAssembly');
    this.#exports = new Instance(new Module(Buffer.from(kernelBytes, 'base64'))).exports;
    const { buffer } = this.#exports.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#values = new Uint16Array(buffer, valuesAt, maxPieceByteLength / 2);
  }

  /**
   * The bits that are set in any 32-bit word; of signed values those that differ from the bit below them. Only whole blocks of
   * 16 bytes are looked at.
   *
   * @returns the bits, and how many bytes were looked at
   */
  seenBits(bytes: Uint8Array, signed: boolean): { readonly seen: number; readonly byteLength: number } {
    const { setBits, differingBits } = this.#exports;
    const byteLength = bytes.length - (bytes.length % blockByteLength);
    let seen = 0;
    for (let at = 0; at < byteLength; at += maxPieceByteLength) {
      const piece = bytes.subarray(at, Math.min(at + maxPieceByteLength, byteLength));
      this.#bytes.set(piece, valuesAt);
      seen |= signed ? differingBits(piece.length) : setBits(piece.length);
    }
    return { seen, byteLength };
  }

  /**
   * Looks values up and averages boxes of them, rounded half up.
   *
   * @param averages length = columns * rows of boxes
   * @returns false where lines or boxes are too large for this: then nothing was done
   */
  averageBoxes(source: BoxSource, averages: Uint8Array, boxWidth: number, boxHeight: number): boolean {
    const { indices, width, table } = source;
    const columns = width / boxWidth;
    const rowLength = width * boxHeight;
    const rowsAtATime = Math.floor(this.#values.length / rowLength);
    if (columns > maxColumns || rowsAtATime === 0) return false;
    this.#bytes.set(table, 0);
    const rows = averages.length / columns;
    for (let row = 0; row < rows; row += rowsAtATime) {
      const count = Math.min(rowsAtATime, rows - row);
      this.#values.set(indices.subarray(row * rowLength, (row + count) * rowLength));
      this.#exports.averageBoxes(resultsAt, columns, count, boxWidth, boxHeight);
      averages.set(this.#bytes.subarray(resultsAt, resultsAt + count * columns), row * columns);
    }
    return true;
  }
}

let kernels: PixelKernels | undefined | 'missing';

/**
 * The kernels, made when they are first asked for. undefined where this machine cannot run them: in an engine without
 * WebAssembly, on a processor without SIMD, or with the other byte order.
 */
export function pixelKernels(): PixelKernels | undefined {
  kernels ??= makeKernels();
  return kernels === 'missing' ? undefined : kernels;
}

function makeKernels(): PixelKernels | 'missing' {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) return 'missing';
  try {
    return new PixelKernels();
  } catch {
    return 'missing';
  }
}
