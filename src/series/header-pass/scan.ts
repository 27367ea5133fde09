import { setImmediate } from 'node:timers/promises';
import { concatenate } from '../../base/bytes.ts';
import { mapConcurrently } from '../../base/concurrently.ts';
import {
  AccessDeniedError,
  InvalidDicomError,
  NotDicomError,
  NotFoundError,
  PreviewError,
  StorageError,
  throwIfAborted,
} from '../../base/errors.ts';
import { HeaderMemory } from '../../dicom/header/header-memory.ts';
import { type ParsedHeader, type ParseOptions, parseHeader } from '../../dicom/header/parse-header.ts';
import type { Limits } from '../../types/limits.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { FrameSource, Store, StoredObject } from '../../types/storage.ts';
import { nextHeaderLength } from './header-growth.ts';
import { isIncomplete, readSourceHeaders, type SourceHeader } from './source-headers.ts';

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Read whole objects (up to 8 MiB) and keep their bytes, so that a short series takes one pass. */
  readonly wholeObjects: boolean;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** What headers may cost. */
  readonly limits?: Limits | undefined;
  /** Called with the first instance that is found, long before the pass ends. */
  readonly onFirst?: ((instance: ScannedInstance) => void) | undefined;
}

/** What was found besides instances. */
export interface ScanFindings {
  /** Keys of objects that are not DICOM. */
  readonly passedOver: readonly string[];
  /** Why the first of them is not DICOM. */
  readonly firstPassedOver?: string | undefined;
  /** DICOM objects that are too damaged to be put in order. */
  readonly damaged: readonly { readonly key: string; readonly message: string }[];
  /** Objects that were listed and could not be read: by others alone, gone since, or broken in their store. */
  readonly unreadable: readonly UnreadableObject[];
}

export interface UnreadableObject {
  readonly key: string;
  readonly error: PreviewError;
}

export interface ScanResult extends ScanFindings {
  readonly instances: readonly ScannedInstance[];
  /** Bytes read for headers; those of whole objects are counted in `wholeBytes`. */
  readonly headerBytes: number;
  readonly wholeBytes: number;
}

/** All that ordering needs lies within this many bytes in nearly every instance. */
export const firstHeaderLength = 8192;
/** With `wholeObjects`, objects up to this size are read at once. Larger ones may have frames that nobody asked for. */
const maxWholeObjectLength = 8 * 1024 * 1024;
/** Bytes that are then read at once of an object whose size the listing does not tell. */
const unknownObjectLength = 1024 * 1024;
/** Bytes read first over DICOMweb, where every read begins at the object's start: reading on would read them again. */
const sourceObjectLength = 64 * 1024;
/** Objects that are read from a local disk before other work gets its turn; or fewer, where they take so long. */
const turnLength = 256;
const maxTurnMs = 50;

/** After so many failures one after the other, a store that is not a disk is taken to fail for all objects. */
const maxFailuresInRow = 32;

/** A header pass under way. */
interface Pass extends ScanOptions {
  /** What the headers of the series have in common. */
  readonly memory: HeaderMemory;
}

type Outcome =
  | { readonly kind: 'instance'; readonly instance: ScannedInstance; readonly byteLength: number }
  | { readonly kind: 'passed-over'; readonly message: string; readonly byteLength: number }
  | { readonly kind: 'damaged'; readonly key: string; readonly message: string; readonly byteLength: number }
  | ({ readonly kind: 'unreadable'; readonly byteLength: number } & UnreadableObject);

/**
 * Reads the headers of a series' objects, as far as ordering needs them.
 *
 * @throws the store's errors, unless they are about single objects; these, damaged objects and those that are not DICOM are
 * counted, not thrown
 */
export async function scanObjects(
  store: Store,
  objects: readonly StoredObject[],
  options: ScanOptions,
): Promise<ScanResult> {
  const outcomes = await scanBy(store, objects, options);
  const instances: ScannedInstance[] = [];
  const damaged: { readonly key: string; readonly message: string }[] = [];
  const unreadable: UnreadableObject[] = [];
  const passedOver: string[] = [];
  let firstPassedOver: string | undefined;
  let byteLength = 0;
  outcomes.forEach((outcome, index) => {
    byteLength += outcome.byteLength;
    if (outcome.kind === 'instance') instances.push(outcome.instance);
    else if (outcome.kind === 'damaged') damaged.push(outcome);
    else if (outcome.kind === 'unreadable') unreadable.push(outcome);
    else {
      passedOver.push(objects[index]?.key ?? '');
      firstPassedOver ??= outcome.message;
    }
  });
  const isWhole = options.wholeObjects && store.frames === undefined;
  const [headerBytes, wholeBytes] = isWhole ? [0, byteLength] : [byteLength, 0];
  return { instances, passedOver, firstPassedOver, damaged, unreadable, headerBytes, wholeBytes };
}

function scanBy(store: Store, objects: readonly StoredObject[], options: ScanOptions): Promise<readonly Outcome[]> {
  let isFirst = true;
  const onFirst = (instance: ScannedInstance): void => {
    if (isFirst) options.onFirst?.(instance);
    isFirst = false;
  };
  const pass: Pass = { ...options, memory: new HeaderMemory(), onFirst };
  if (store.frames !== undefined) return scanSource(store, store.frames, objects, pass);
  if (store.readSync === undefined || options.wholeObjects) return scanConcurrently(store, objects, pass);
  return scanInTurn(store, store.readSync, objects, pass);
}

/**
 * For a store that tells headers itself. Objects are read only where it tells nothing, or too little for order and
 * picture.
 */
async function scanSource(
  store: Store,
  frames: FrameSource,
  objects: readonly StoredObject[],
  pass: Pass,
): Promise<readonly Outcome[]> {
  const told = await readSourceHeaders(frames, objects, pass.signal, pass.limits);
  const outcomes = new Map<string, Outcome>();
  for (const [key, header] of told) outcomes.set(key, toldOutcome(key, header));
  const incomplete = objects.filter(({ key }) => {
    const found = told.get(key);
    return found !== undefined && isIncomplete(found.header);
  });
  const missing = objects.filter(({ key }) => !told.has(key));
  const [first, ...others] = incomplete;
  const tried = first === undefined ? undefined : await tryObject(store, first, pass);
  if (first !== undefined && tried !== undefined) outcomes.set(first.key, tried);
  const read = tried === undefined ? missing : [...missing, ...others];
  pass.onProgress?.(objects.length - read.length);
  const found = await scanConcurrently(store, read, {
    ...pass,
    onProgress: (done) => pass.onProgress?.(objects.length - read.length + done),
  });
  for (const [index, { key }] of read.entries()) {
    const outcome = found[index];
    if (outcome?.kind === 'instance' || (outcome !== undefined && !told.has(key))) outcomes.set(key, outcome);
  }
  return objects.flatMap(({ key }) => outcomes.get(key) ?? []);
}

function toldOutcome(key: string, { header, byteLength }: SourceHeader): Outcome {
  const found = { etag: undefined, objectByteLength: undefined, bytes: undefined };
  const instance = { key, header, complete: false, deflated: false, isFromSource: true, ...found };
  return { kind: 'instance', instance, byteLength };
}

/**
 * Reads the header from the object itself, where the store told too little. Undefined where the object tells no more:
 * then the other objects need not be read either.
 */
async function tryObject(store: Store, object: StoredObject, pass: Pass): Promise<Outcome | undefined> {
  try {
    const outcome = await scanObject(store, object, pass, pass.signal);
    return outcome.kind === 'instance' && !isIncomplete(outcome.instance.header) ? outcome : undefined;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof StorageError) return undefined;
    throw error;
  }
}

async function scanConcurrently(
  store: Store,
  objects: readonly StoredObject[],
  pass: Pass,
): Promise<readonly Outcome[]> {
  let done = 0;
  let failuresInRow = 0;
  return mapConcurrently(objects, store.concurrency, pass.signal, async (object, signal) => {
    const outcome = await scanObject(store, object, pass, signal).catch((error: unknown) => {
      if (!isOfObject(error)) throw error;
      failuresInRow++;
      if (store.readSync === undefined && failuresInRow > maxFailuresInRow) throw error;
      return unreadable(object.key, error);
    });
    if (outcome.kind !== 'unreadable') failuresInRow = 0;
    done++;
    pass.onProgress?.(done);
    return outcome;
  });
}

/** Whether an error may be about one object alone, so that the others are worth a try. */
function isOfObject(error: unknown): error is PreviewError {
  return error instanceof AccessDeniedError || error instanceof NotFoundError || error instanceof StorageError;
}

function unreadable(key: string, error: PreviewError): Outcome {
  return { kind: 'unreadable', key, error, byteLength: 0 };
}

async function scanObject(
  store: Store,
  object: StoredObject,
  { wholeObjects, memory, limits, onFirst }: Pass,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const isSource = store.frames !== undefined;
  let length = isSource ? sourceObjectLength : firstHeaderLength;
  if (wholeObjects) length = isSource ? maxWholeObjectLength : firstLengthOf(object);
  let bytes = new Uint8Array(0);
  let objectByteLength = object.byteLength;
  let etag = object.etag;
  for (;;) {
    const asked = length - bytes.length;
    const result = await store.read(object.key, { offset: bytes.length, length: asked }, { signal, etag });
    etag = result.etag ?? etag;
    objectByteLength =
      result.objectByteLength ?? (result.bytes.length < asked ? bytes.length + result.bytes.length : objectByteLength);
    bytes = bytes.length === 0 ? result.bytes : concatenate(bytes, result.bytes);
    const complete = objectByteLength !== undefined && bytes.length >= objectByteLength;
    const step = parseStep(object.key, bytes, { complete, memory, limits, objectByteLength, orderSuffices: true });
    if (step.kind === 'more') {
      length = step.length;
      continue;
    }
    if (step.kind !== 'parsed') return { ...step, byteLength: bytes.length };
    const kept = wholeObjects ? bytes : undefined;
    const instance = toInstance(object.key, step.parsed, { etag, objectByteLength, bytes: kept });
    onFirst?.(instance);
    return { kind: 'instance', byteLength: bytes.length, instance };
  }
}

function firstLengthOf(object: StoredObject): number {
  if (object.byteLength === undefined) return unknownObjectLength;
  return object.byteLength <= maxWholeObjectLength ? Math.max(1, object.byteLength) : firstHeaderLength;
}

/**
 * For a local disk: reads one object after the other into one buffer, which costs far less than promises. Where reading turns out to
 * be slow, the rest is read concurrently.
 */
async function scanInTurn(
  store: Store,
  readSync: NonNullable<Store['readSync']>,
  objects: readonly StoredObject[],
  pass: Pass,
): Promise<readonly Outcome[]> {
  const { memory, limits } = pass;
  let buffer = Buffer.allocUnsafe(firstHeaderLength);
  // The part that the last read filled. It often fits again: instances of a series have nearly the same length.
  let bytes = buffer;
  const outcomes: Outcome[] = [];
  let turnStart = 0;
  let turnStartedAt = performance.now();
  for (const object of objects) {
    let length = firstHeaderLength;
    for (;;) {
      if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
      const target = buffer.length === length ? buffer : buffer.subarray(0, length);
      const read = tryRead(readSync, object, target);
      if (read instanceof PreviewError) {
        outcomes.push(unreadable(object.key, read));
        break;
      }
      const { objectByteLength } = read;
      const isSame = bytes.buffer === target.buffer && bytes.length === read.length;
      if (!isSame) bytes = target.length === read.length ? target : target.subarray(0, read.length);
      const complete = read.length >= objectByteLength;
      const step = parseStep(object.key, bytes, { complete, memory, limits, objectByteLength, orderSuffices: true });
      if (step.kind === 'more') {
        length = step.length;
        continue;
      }
      if (step.kind === 'parsed') {
        const found = { etag: object.etag, objectByteLength, bytes: undefined };
        const instance = toInstance(object.key, step.parsed, found);
        pass.onFirst?.(instance);
        outcomes.push({ kind: 'instance', byteLength: read.length, instance });
      } else {
        outcomes.push({ ...step, byteLength: read.length });
      }
      break;
    }
    const inTurn = outcomes.length - turnStart;
    if (inTurn < turnLength && performance.now() - turnStartedAt <= maxTurnMs) continue;
    pass.onProgress?.(outcomes.length);
    await setImmediate();
    throwIfAborted(pass.signal);
    if (store.isSlow === true) {
      return [...outcomes, ...(await scanRest(store, objects.slice(outcomes.length), outcomes.length, pass))];
    }
    turnStart = outcomes.length;
    turnStartedAt = performance.now();
  }
  pass.onProgress?.(outcomes.length);
  return outcomes;
}

/** As `scanInTurn` does, this takes objects as they are, whether or not they have changed since they were listed. */
function scanRest(
  store: Store,
  objects: readonly StoredObject[],
  done: number,
  pass: Pass,
): Promise<readonly Outcome[]> {
  return scanConcurrently(
    store,
    objects.map((object) => ({ ...object, etag: undefined })),
    { ...pass, onProgress: (more) => pass.onProgress?.(done + more) },
  );
}

function tryRead(
  readSync: NonNullable<Store['readSync']>,
  object: StoredObject,
  target: Uint8Array,
): ReturnType<typeof readSync> | PreviewError {
  try {
    return readSync(object.key, 0, target, object.byteLength);
  } catch (error) {
    if (isOfObject(error)) return error;
    throw error;
  }
}

type Step =
  | { readonly kind: 'parsed'; readonly parsed: ParsedHeader }
  | { readonly kind: 'more'; readonly length: number }
  | { readonly kind: 'passed-over'; readonly message: string }
  | { readonly kind: 'damaged'; readonly key: string; readonly message: string };

/** What to do after the bytes that have been read. */
function parseStep(key: string, bytes: Uint8Array, options: ParseOptions): Step {
  const { objectByteLength, limits } = options;
  try {
    const parsed = parseHeader(bytes, options);
    if (parsed.extent !== 'start') return { kind: 'parsed', parsed };
    const length = nextHeaderLength(bytes.length, parsed.neededLength, objectByteLength, limits);
    if (length !== undefined) return { kind: 'more', length };
    // The header claims more than the object holds: take what there is.
    return { kind: 'parsed', parsed: parseHeader(bytes, { complete: true, objectByteLength, limits }) };
  } catch (error) {
    if (error instanceof NotDicomError) return { kind: 'passed-over', message: error.message };
    if (error instanceof InvalidDicomError) return { kind: 'damaged', key, message: error.message };
    throw error;
  }
}

function toInstance(
  key: string,
  parsed: ParsedHeader,
  found: Pick<ScannedInstance, 'etag' | 'objectByteLength' | 'bytes'>,
): ScannedInstance {
  return {
    key,
    header: parsed.header,
    etag: found.etag,
    objectByteLength: found.objectByteLength,
    complete: parsed.extent === 'pixels' && parsed.deflatedAt === undefined,
    bytes: found.bytes,
    deflated: parsed.deflatedAt !== undefined,
  };
}
