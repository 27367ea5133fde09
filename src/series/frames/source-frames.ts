import { InvalidDicomError, NotFoundError, StorageError } from '../../base/errors.ts';
import { beginsCodestream } from '../../dicom/pixel-data/begins-codestream.ts';
import { nativeFrameBits } from '../../dicom/pixel-data/native-frames.ts';
import { findTransferSyntax, type PixelCoding, transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { Limits } from '../../types/limits.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { PixelDescription } from '../../types/pixels.ts';
import type { FrameSource } from '../../types/storage.ts';
import { type FrameBytes, storedFramesOf } from './frame-bytes.ts';

/** Codings that have a mark of their own: a frame that does not begin with it is not of that coding. */
const markedCodings: ReadonlySet<PixelCoding> = new Set(['rle', 'jpeg', 'jpeg-ls', 'jpeg-2000']);

/**
 * Frames of one instance that the store itself answers (DICOMweb). A frame that does not fit the header, or could be
 * read in two ways, is refused: then the instance itself must be read.
 */
export class SourceFrames {
  readonly #source: FrameSource;
  readonly #instance: ScannedInstance;
  readonly #limits: Limits;
  #header: Promise<InstanceHeader | undefined> | undefined;
  #refused = false;
  #receivedBytes = 0;

  constructor(source: FrameSource, instance: ScannedInstance, limits: Limits) {
    this.#limits = limits;
    this.#source = source;
    this.#instance = instance;
  }

  /** Bytes of frames that have come so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * A stored frame, from 0. Undefined where the instance itself must be read: from then on it is so for all its frames.
   *
   * @throws AccessDeniedError, TimeoutError and AbortedError of the store
   */
  async read(storedIndex: number, signal: AbortSignal | undefined): Promise<FrameBytes | undefined> {
    if (this.#refused) return undefined;
    const frame = await this.#read(storedIndex, signal);
    if (frame === undefined) this.#refused = true;
    return frame;
  }

  async #read(storedIndex: number, signal: AbortSignal | undefined): Promise<FrameBytes | undefined> {
    const { key } = this.#instance;
    try {
      this.#header ??= this.#complete(signal);
      const header = await this.#header;
      if (header?.pixels === undefined) return undefined;
      const reply = await this.#source.readFrame(key, storedIndex + 1, { signal });
      this.#receivedBytes += reply.bytes.length;
      return frameOf(header, header.pixels, storedIndex, reply);
    } catch (error) {
      const mayBeInObject =
        error instanceof NotFoundError || error instanceof StorageError || error instanceof InvalidDicomError;
      if (mayBeInObject) return undefined;
      throw error;
    }
  }

  /** The header with the lookup tables, palettes and overlays that the header pass left out. */
  async #complete(signal: AbortSignal | undefined): Promise<InstanceHeader | undefined> {
    const bytes = await this.#source.completeHeader?.(this.#instance.key, { signal });
    if (bytes === undefined) return this.#instance.header;
    const { parseSourceHeader } = await import('../header-pass/source-headers.ts');
    return parseSourceHeader(bytes, this.#limits);
  }
}

/** The frame that the store answered; undefined where it does not fit the header. */
function frameOf(
  header: InstanceHeader,
  pixels: PixelDescription,
  storedIndex: number,
  reply: { readonly bytes: Uint8Array; readonly transferSyntaxUid: string },
): FrameBytes | undefined {
  const { transferSyntaxUid } = reply;
  // Of videos the whole stream is needed; the byte order of big endian frames is not settled (PS3.18 retired them).
  const syntax = findTransferSyntax(transferSyntaxUid);
  if (syntax?.coding === 'video' || syntax?.bigEndianPixels === true) return undefined;
  const frame = { bitOffset: 0, description: pixels, streamFrameIndex: undefined };
  // Baseline JPEG has 8 bits a sample: what has more was made to be looked at, not measured.
  if (transferSyntaxUid === transferSyntaxUids.jpegBaseline8Bit && pixels.bitsStored > 8) return undefined;
  if (syntax?.coding !== 'native') {
    if (syntax !== undefined && markedCodings.has(syntax.coding) && !beginsCodestream(reply.bytes, 0)) return undefined;
    return { ...frame, bytes: reply.bytes, header: { ...header, transferSyntaxUid } };
  }
  const bytes = nativeFrame(header, pixels, storedIndex, reply.bytes);
  if (bytes === undefined) return undefined;
  return { ...frame, bytes, header: { ...header, transferSyntaxUid: transferSyntaxUids.explicitVrLittleEndian } };
}

/** The bytes of one native frame, exactly as many as it has (a byte of padding aside). */
function nativeFrame(
  header: InstanceHeader,
  pixels: PixelDescription,
  storedIndex: number,
  bytes: Uint8Array,
): Uint8Array | undefined {
  // Whether a server that decompressed YCbCr converted it to RGB cannot be told from the frame.
  if (pixels.samplesPerPixel > 1 && pixels.photometricInterpretation !== 'RGB') return undefined;
  const storedFrames = storedFramesOf(header);
  const bits = nativeFrameBits(pixels);
  // A frame of 1 bit a pixel may end within a byte: servers disagree on where the next one begins.
  if (bits % 8 !== 0 && storedFrames > 1) return undefined;
  const length = Math.ceil(bits / 8);
  if (isPadded(bytes.length, length)) return bytes.subarray(0, length);
  // A server that ignores the frame number sends all frames.
  if (storedFrames === 1 || !isPadded(bytes.length, length * storedFrames)) return undefined;
  return bytes.subarray(length * storedIndex, length * (storedIndex + 1));
}

function isPadded(found: number, length: number): boolean {
  return found === length || (length % 2 === 1 && found === length + 1);
}
