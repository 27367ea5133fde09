// The encoders in the packages whose decoders are used here: enough to make frames of every kind without any tool.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export interface EncoderFrame {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsStored: number;
  readonly signed?: boolean;
}

interface Encoder {
  getDecodedBuffer(info: {
    width: number;
    height: number;
    bitsPerSample: number;
    componentCount: number;
    isSigned: boolean;
    isUsingColorTransform: boolean;
  }): Uint8Array;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
  setNearLossless?(near: number): void;
  setInterleaveMode?(mode: number): void;
  setQuality?(reversible: boolean, step: number): void;
  setDecompositions?(count: number): void;
  setProgressionOrder?(order: number): void;
}

type EncoderClass = new () => Encoder;
const modules = new Map<string, Promise<Readonly<Record<string, EncoderClass>>>>();

function load(name: string): Promise<Readonly<Record<string, EncoderClass>>> {
  let found = modules.get(name);
  if (found === undefined) {
    const factory = require(`@cornerstonejs/${name}/wasmjs`);
    const quiet = (): void => undefined;
    found = Promise.resolve(
      factory({ locateFile: () => require.resolve(`@cornerstonejs/${name}/wasm`), print: quiet, printErr: quiet }),
    );
    modules.set(name, found);
  }
  return found;
}

/** Bytes of samples: one each for up to 8 bits, else two, little endian. */
export function sampleBytes(values: ArrayLike<number>, bitsStored: number): Uint8Array {
  if (bitsStored <= 8) return Uint8Array.from(values);
  return new Uint8Array(Uint16Array.from(values).buffer);
}

async function encode(
  library: string,
  name: string,
  values: ArrayLike<number>,
  frame: EncoderFrame,
  set: (encoder: Encoder) => void,
  colourTransform = false,
): Promise<Uint8Array> {
  const classes = await load(library);
  const EncoderOf = classes[name];
  if (EncoderOf === undefined) throw new Error(`no ${name}`);
  const encoder = new EncoderOf();
  const target = encoder.getDecodedBuffer({
    width: frame.columns,
    height: frame.rows,
    bitsPerSample: frame.bitsStored,
    componentCount: frame.samplesPerPixel,
    isSigned: frame.signed === true,
    isUsingColorTransform: colourTransform,
  });
  target.set(sampleBytes(values, frame.bitsStored));
  set(encoder);
  encoder.encode();
  const coded = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return coded;
}

export function encodeJpegLs(
  values: ArrayLike<number>,
  frame: EncoderFrame,
  near = 0,
  interleave = 2,
): Promise<Uint8Array> {
  return encode('codec-charls', 'JpegLSEncoder', values, frame, (encoder) => {
    encoder.setNearLossless?.(near);
    encoder.setInterleaveMode?.(frame.samplesPerPixel === 1 ? 0 : interleave);
  });
}

export function encodeJ2k(values: ArrayLike<number>, frame: EncoderFrame, lossless = true): Promise<Uint8Array> {
  return encode('codec-openjpeg', 'J2KEncoder', values, frame, (encoder) => encoder.setQuality?.(lossless, 0));
}

export function encodeHtj2k(values: ArrayLike<number>, frame: EncoderFrame): Promise<Uint8Array> {
  // Without component transform this encoder puts the lines of colour into the wrong components.
  const colourTransform = frame.samplesPerPixel === 3;
  const set = (encoder: Encoder): void => encoder.setQuality?.(true, 0);
  return encode('codec-openjph', 'HTJ2KEncoder', values, frame, set, colourTransform);
}

type Exported = Readonly<Record<string, (...numbers: number[]) => number>> & {
  readonly memory: { readonly buffer: ArrayBuffer };
};
let native: Exported | undefined;

/** Encoders of DCMTK's JPEG and of libjxl, in the module of dcmjs-codecs. */
function nativeEncoders(): Exported {
  if (native !== undefined) return native;
  const done = (): number => 0;
  const runtime = Reflect.get(globalThis, 'WebAssembly');
  const code = new runtime.Module(readFileSync(require.resolve('dcmjs-codecs/build/dcmjs-native-codecs.wasm')));
  const fail = (pointer?: number, length?: number): never => {
    const memory = native?.memory.buffer;
    const said =
      memory === undefined ? '' : new TextDecoder().decode(new Uint8Array(memory, pointer ?? 0, length ?? 0));
    throw new Error(`the encoder failed: ${said}`);
  };
  const instance = new runtime.Instance(code, {
    env: { onCodecsException: fail, onCodecsInfo: done, onCodecsTrace: done, emscripten_notify_memory_growth: done },
    wasi_snapshot_preview1: {
      proc_exit: fail,
      clock_time_get: done,
      fd_write: fail,
      fd_close: done,
      fd_seek: done,
      environ_sizes_get: done,
      environ_get: done,
    },
  });
  const exported: Exported = instance.exports;
  exported['_initialize']?.();
  native = exported;
  return exported;
}

function encodeNative(
  name: 'EncodeJpeg' | 'EncodeJpegXl',
  values: ArrayLike<number>,
  frame: EncoderFrame,
  parameters: Readonly<Record<string, number>>,
): Uint8Array {
  const library = nativeEncoders();
  const call = (key: string, ...numbers: number[]): number => library[key]?.(...numbers) ?? 0;
  const context = call('CreateCodecsContext');
  const bitsAllocated = frame.bitsStored <= 8 ? 8 : 16;
  const attributes: Readonly<Record<string, number>> = {
    SetColumns: frame.columns,
    SetRows: frame.rows,
    SetBitsAllocated: bitsAllocated,
    SetBitsStored: frame.bitsStored,
    SetSamplesPerPixel: frame.samplesPerPixel,
    SetPixelRepresentation: 0,
    SetPlanarConfiguration: 0,
    SetPhotometricInterpretation: frame.samplesPerPixel === 3 ? 3 : 1,
  };
  for (const [key, value] of Object.entries(attributes)) call(key, context, value);
  const raw = sampleBytes(values, bitsAllocated);
  call('SetDecodedBufferSize', context, raw.length);
  new Uint8Array(library.memory.buffer).set(raw, call('GetDecodedBuffer', context));
  const options = call('CreateEncoderParameters');
  for (const [key, value] of Object.entries(parameters)) call(`Set${key}`, options, value);
  call(name, context, options);
  const start = call('GetEncodedBuffer', context);
  const coded = new Uint8Array(library.memory.buffer).slice(start, start + call('GetEncodedBufferSize', context));
  call('ReleaseCodecsContext', context);
  return coded;
}

/** Lossless JPEG of up to 16 bits, with DCMTK's encoder. */
export function encodeJpegLosslessNative(
  values: ArrayLike<number>,
  frame: EncoderFrame,
  predictor: number,
): Uint8Array {
  return encodeNative('EncodeJpeg', values, frame, { Lossy: 0, Predictor: predictor, PointTransform: 0, Quality: 90 });
}

export function encodeJpegXl(values: ArrayLike<number>, frame: EncoderFrame, lossless = true): Uint8Array {
  return encodeNative('EncodeJpegXl', values, frame, { Lossy: lossless ? 0 : 1, Quality: 90 });
}
