import { concatenate } from '../../base/bytes.ts';
import { InvalidDicomError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { beginsCodestream } from '../../dicom/pixel-data/begins-codestream.ts';
import { descriptionForLength, nativeFrameLocation, surplusNote } from '../../dicom/pixel-data/native-frames.ts';
import { findTransferSyntax, hasBigEndianPixels, isVideo } from '../../dicom/transfer-syntaxes.ts';
import type { InstanceHeader, PixelDataLocation } from '../../types/instance.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { PixelDescription } from '../../types/pixels.ts';
import type { Store } from '../../types/storage.ts';
import { nextHeaderLength } from '../header-pass/header-growth.ts';
import type { AdmitFrame, EncapsulatedFrames } from './encapsulated-frames.ts';
import { type FrameBytes, storedFramesOf, storedIndexOf } from './frame-bytes.ts';
import { maxFrameLength, tooLargeFrame } from './frame-limits.ts';
import type { FrameMemory } from './frame-memory.ts';
import { InflatedBytes } from './inflated-bytes.ts';
import { requirePixels } from './require-pixels.ts';
import { SourceFrames } from './source-frames.ts';

/** An instance whose header is known up to the pixel data. */
interface OpenInstance {
  readonly header: InstanceHeader;
  readonly pixels: PixelDescription;
  readonly pixelData: PixelDataLocation;
  readonly source: ByteSource;
}

/** Bytes of an object, or of its inflated data set: from memory if they are there, else from the store. */
interface ByteSource {
  read(offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array>;
  readonly byteLength: number | undefined;
}

/** Objects of one frame up to this size are read whole, if it is not known yet where their pixel data lie. */
export const maxWholeReadLength: number = 16 * 1024 * 1024;
/** Bytes read first of larger ones, to find their frames. */
export const firstReadLength: number = 64 * 1024;
/** Bytes that tell a codestream. */
const markLength = 16;

/**
 * Reads frames of one instance with as few bytes and requests as its layout allows. Frames may be asked for
 * concurrently; what they share (header, offset table) is read once.
 */
export class InstanceReader {
  readonly #store: Store;
  readonly #instance: ScannedInstance;
  readonly #memory: FrameMemory | undefined;
  readonly #limits: Limits;
  /** Set where the store answers frames itself. */
  readonly #sourceFrames: SourceFrames | undefined;
  #opened: Promise<OpenInstance> | undefined;
  #frames: Promise<EncapsulatedFrames> | undefined;
  readonly #notes = new Set<string>();
  #header: InstanceHeader | undefined;
  #receivedBytes = 0;
  #objectLength: number | undefined;

  /** @param memory to read into; the caller gives it back when nobody needs the bytes, nor asks for another frame */
  constructor(store: Store, instance: ScannedInstance, limits: Limits = defaultLimits, memory?: FrameMemory) {
    this.#store = store;
    this.#instance = instance;
    this.#limits = limits;
    this.#memory = memory;
    if (store.frames !== undefined && instance.isFromSource === true) {
      this.#sourceFrames = new SourceFrames(store.frames, instance, limits);
    }
  }

  /** Bytes read from the store by this reader so far. */
  get receivedBytes(): number {
    return this.#receivedBytes + (this.#sourceFrames?.receivedBytes ?? 0);
  }

  /** What was noticed about the pixel data so far, in sentences: for where reading or decoding fails. */
  get notes(): readonly string[] {
    return [...this.#notes];
  }

  /** The whole header, once it was read. */
  get header(): InstanceHeader | undefined {
    return this.#header;
  }

  /**
   * One frame's bytes.
   *
   * @param admit called before a frame is read whose length the header does not tell
   * @throws UnsupportedError where the object has no pixels, InvalidDicomError where it is damaged, and the store's
   * errors
   */
  async readFrame(frameIndex: number, signal: AbortSignal | undefined, admit?: AdmitFrame): Promise<FrameBytes> {
    const answered = await this.#sourceFrames?.read(storedIndexOf(this.#instance.header, frameIndex), signal);
    if (answered !== undefined) return answered;
    this.#opened ??= this.#open(signal);
    const opened = await this.#opened;
    const { header, pixels, pixelData, source } = opened;
    if (frameIndex >= header.numberOfFrames) {
      throw new InvalidDicomError(
        `Expected a frame from 1 to ${header.numberOfFrames} in '${printable(this.#instance.key)}' but frame ${frameIndex + 1} was asked for.`,
      );
    }
    const storedIndex = storedIndexOf(header, frameIndex);
    if (!pixelData.encapsulated) {
      const bare = await this.#readBareCodestream(opened, signal);
      if (bare !== undefined) return bare;
      const description = descriptionForLength(pixels, storedFramesOf(header), pixelData.length);
      const { offset, length, bitOffset } = nativeFrameLocation(description, storedIndex, isSwapped(header));
      if (length > maxFrameLength) throw tooLargeFrame(this.#instance.key, length);
      const bytes = await source.read(pixelData.offset + offset, length, signal);
      const frame = { bytes, bitOffset, description, header, streamFrameIndex: undefined };
      const there = source.byteLength === undefined ? undefined : source.byteLength - pixelData.offset;
      const valueLength = Math.min(pixelData.length ?? 0, there ?? 0);
      const note = surplusNote(description, storedFramesOf(header), valueLength);
      if (note === undefined) return frame;
      this.#notes.add(note);
      return { ...frame, notes: [note] };
    }
    const isStream = isVideo(header.transferSyntaxUid);
    this.#frames ??= this.#findFrames(opened, isStream, signal);
    const frames = await this.#frames;
    const frame = await frames.read(isStream ? 0 : storedIndex, signal, admit);
    const streamFrameIndex = isStream ? frameIndex : undefined;
    return { ...frame, bitOffset: 0, description: pixels, header, streamFrameIndex };
  }

  /** @param isStream whether the value is one stream, whatever the number of frames */
  async #findFrames(
    { header, pixelData, source }: OpenInstance,
    isStream: boolean,
    signal: AbortSignal | undefined,
  ): Promise<EncapsulatedFrames> {
    const { findEncapsulatedFrames } = await import('./encapsulated-frames.ts');
    const value = {
      key: this.#instance.key,
      numberOfFrames: isStream ? 1 : storedFramesOf(header),
      extendedOffsets: header.extendedOffsets,
      byteLength: source.byteLength === undefined ? undefined : source.byteLength - pixelData.offset,
      read: (offset: number, length: number, inner: AbortSignal | undefined) =>
        source.read(pixelData.offset + offset, length, inner),
      note: (text: string) => this.#notes.add(text),
    };
    return findEncapsulatedFrames(value, signal);
  }

  /**
   * Some writers put compressed data into a value of defined length, without items (against PS3.5 A.4): then the whole
   * value is the frame. Undefined where the value is native.
   */
  async #readBareCodestream(opened: OpenInstance, signal: AbortSignal | undefined): Promise<FrameBytes | undefined> {
    const { header, pixels, pixelData, source } = opened;
    const { transferSyntaxUid } = header;
    const coding = findTransferSyntax(transferSyntaxUid)?.coding;
    if (coding === undefined || coding === 'native' || coding === 'video') return undefined;
    const start = await source.read(pixelData.offset, markLength, signal);
    if (!beginsCodestream(start, 0)) return undefined;
    const key = printable(this.#instance.key);
    const what = 'compressed data in a value of defined length, without items (PS3.5 A.4)';
    if (storedFramesOf(header) > 1) {
      throw new InvalidDicomError(
        `Expected ${storedFramesOf(header)} frames in items in '${key}' but its Pixel Data are ${what}: the frames cannot be told apart.`,
      );
    }
    const length = pixelData.length ?? maxFrameLength;
    if (length > maxFrameLength) throw tooLargeFrame(this.#instance.key, length);
    const bytes = await source.read(pixelData.offset, length, signal);
    const note = `The Pixel Data are ${what}: they are read as one frame.`;
    this.#notes.add(note);
    return { bytes, bitOffset: 0, description: pixels, header, streamFrameIndex: undefined, notes: [note] };
  }

  async #open(signal: AbortSignal | undefined): Promise<OpenInstance> {
    const instance = this.#instance;
    if (instance.complete) {
      return this.#describe(instance.header, this.#sourceFrom(instance.bytes ?? new Uint8Array(0)));
    }
    let bytes: Uint8Array = instance.bytes ?? new Uint8Array(0);
    let length = this.#firstLength();
    const limits = this.#limits;
    for (;;) {
      if (bytes.length < length) {
        const read = await this.#readObject(bytes.length, length - bytes.length, signal);
        bytes = bytes.length === 0 ? read : concatenate(bytes, read);
      }
      const { parseHeader } = await import('../../dicom/header/parse-header.ts');
      const objectByteLength = this.#objectByteLength;
      const complete = bytes.length < length || (objectByteLength !== undefined && bytes.length >= objectByteLength);
      const there = complete ? bytes.length : objectByteLength;
      const parsed = parseHeader(bytes, { complete, objectByteLength: there, limits });
      const { deflatedAt, extent } = parsed;
      if (deflatedAt !== undefined && (extent === 'end' || complete)) {
        const source = new InflatedBytes(instance.key, bytes.subarray(deflatedAt), limits);
        return this.#describe(parsed.header, source, parsed.truncatedIn);
      }
      const needed = deflatedAt === undefined ? parsed.neededLength : bytes.length + 1;
      const isDone = deflatedAt === undefined && (extent === 'pixels' || extent === 'end');
      if (isDone) return this.#describe(parsed.header, this.#sourceFrom(bytes), parsed.truncatedIn);
      const next = nextHeaderLength(bytes.length, needed, objectByteLength, limits);
      if (next === undefined) {
        const whole = { complete: true, objectByteLength: bytes.length, limits };
        const { header, truncatedIn } = parseHeader(bytes, whole);
        return this.#describe(header, this.#sourceFrom(bytes), truncatedIn);
      }
      length = next;
    }
  }

  get #objectByteLength(): number | undefined {
    return this.#objectLength ?? this.#instance.objectByteLength;
  }

  /**
   * How much to read first: all of a deflated data set, which is of no use in part, and of a small object of one frame.
   */
  #firstLength(): number {
    const known = this.#instance.objectByteLength;
    // Without ranges every read begins at the object's start, so the first one takes everything.
    if (this.#store.frames !== undefined) return maxFrameLength;
    if (this.#instance.deflated) return Math.min(known ?? maxWholeReadLength, maxFrameLength);
    const isMultiFrame = storedFramesOf(this.#instance.header) > 1;
    if (known === undefined) return isMultiFrame ? firstReadLength : maxWholeReadLength;
    return known <= maxWholeReadLength && !isMultiFrame ? known : Math.min(known, firstReadLength);
  }

  #describe(header: InstanceHeader, source: ByteSource, truncatedIn?: string): OpenInstance {
    this.#header = header;
    return { header, source, ...requirePixels(this.#instance.key, header, truncatedIn) };
  }

  async #readObject(offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { key, etag } = this.#instance;
    const result = await this.#store.read(key, { offset, length }, { signal, etag, memory: this.#memory });
    this.#receivedBytes += result.bytes.length;
    this.#objectLength = result.objectByteLength ?? this.#objectLength;
    return result.bytes;
  }

  /** The object's bytes: from what has been read already where that holds them. */
  #sourceFrom(prefix: Uint8Array): ByteSource {
    const read: ByteSource['read'] = async (offset, length, signal) => {
      const known = this.#objectByteLength;
      const wanted = known === undefined ? length : Math.max(0, Math.min(length, known - offset));
      if (offset + wanted <= prefix.length) return prefix.subarray(offset, offset + wanted);
      if (offset >= prefix.length) return this.#readObject(offset, wanted, signal);
      const rest = await this.#readObject(prefix.length, offset + wanted - prefix.length, signal);
      return concatenate(prefix.subarray(offset), rest);
    };
    const reader = this;
    return {
      read,
      get byteLength(): number | undefined {
        return reader.#objectByteLength;
      },
    };
  }
}

/** Whether bytes of up to 8-bit samples come in swapped pairs: where pixels are big endian, unless they are OB. */
function isSwapped({ transferSyntaxUid, pixelsAreBytes, pixels }: InstanceHeader): boolean {
  return hasBigEndianPixels(transferSyntaxUid) && pixelsAreBytes !== true && (pixels?.bitsAllocated ?? 16) <= 8;
}
