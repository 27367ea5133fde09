/** A part of an object: `length` bytes from `offset`. A length of `Infinity` means "to the end". */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a listing says of one object. */
export interface StoredObject {
  /** Relative to the store's root, `/`-separated, decoded (no percent escapes), without a leading slash. */
  readonly key: string;
  /** Size in bytes where the listing gives it. */
  readonly byteLength: number | undefined;
  /** The version, as an opaque text, where the listing gives it. */
  readonly etag: string | undefined;
  /** When it was last changed, as an opaque text, where the listing gives that and no version. */
  readonly modified?: string | undefined;
}

/** Bytes read from an object. */
export interface ReadResult {
  /**
   * Exactly the range that was asked for. It is shorter only where the object ends inside the range, and empty where
   * the object ends before it. The memory belongs to the caller.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of the whole object in bytes, where the reply tells it. */
  readonly objectByteLength: number | undefined;
  readonly etag: string | undefined;
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** The version read before: when the object no longer has it, the read throws an `ObjectChangedError`. */
  readonly etag?: string | undefined;
  /**
   * Memory of the caller to read into, at least as long as the range. A store may use it to save new memory: the
   * answered bytes may lie in it or not.
   */
  readonly target?: Uint8Array<ArrayBuffer> | undefined;
}

/** What a store has done so far. Every attempt counts as a request, retries too. */
export interface StoreStatistics {
  readonly requests: number;
  readonly receivedBytes: number;
}

/**
 * A place that holds objects under keys. All methods may be called concurrently; the store bounds how many requests
 * are under way. They throw NotFoundError, AccessDeniedError, StorageError, TimeoutError, ObjectChangedError,
 * AbortedError and, where credentials need a package that is not installed, MissingComponentError; nothing else.
 */
export interface Store {
  /** Printable location of the root, without credentials, query or fragment: `s3://idc-open-data`. */
  readonly location: string;
  /** How many reads at a time are useful: callers need not start more. */
  readonly concurrency: number;
  /**
   * Every object below the prefix (a folder, without trailing slash; '' is the root), folders within it included,
   * sorted by key. A folder that is not there, and in buckets one without objects, is a NotFoundError; an empty local
   * or web folder gives nothing. A root that is itself one object gives that object, with its name as the key.
   */
  list(prefix: string, options?: ListOptions): Promise<readonly StoredObject[]>;
  /** Names of the folders directly below the prefix that begin with `startsWith`, sorted, without slashes. */
  listFolders(prefix: string, startsWith: string, options?: ListOptions): Promise<readonly string[]>;
  /** One range of one object. */
  read(key: string, range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
  /**
   * Only on a local disk: reads into `target`, from its start, without a promise, and returns the number of bytes read
   * and the object's size. This is far cheaper where thousands of headers are read. `listedByteLength` is the size that
   * the listing told: it saves asking for it again.
   */
  readonly readSync?: (
    key: string,
    offset: number,
    target: Uint8Array,
    listedByteLength?: number,
  ) => { readonly length: number; readonly objectByteLength: number };
  /**
   * Whether a series may be searched for by reading the UIDs in all instances, as on a local disk: archives are small.
   */
  readonly isSearchable?: boolean;
  /**
   * Only over DICOMweb: the store itself answers headers and frames, which takes fewer requests and bytes than reading
   * objects.
   */
  readonly frames?: FrameSource;
  readonly statistics: StoreStatistics;
  /** Ends connections. Reads under way fail. */
  close(): Promise<void>;
}

/** A store that knows instances and frames (DICOMweb, PS3.18). Keys are those of `list`. */
export interface FrameSource {
  /**
   * The headers of all instances below the prefix, in one request: data sets in Explicit VR Little Endian, without
   * preamble and Transfer Syntax UID. Pixel data are left out; Float Pixel Data are an element without a value. An
   * instance without an entry must be read as an object.
   */
  readHeaders(prefix: string, options?: ListOptions): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  /**
   * The header of one instance with what `readHeaders` left out because the server keeps it elsewhere: lookup tables,
   * palettes, overlays. Undefined where nothing was left out; that takes no request.
   */
  completeHeader?(key: string, options?: ListOptions): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** One frame (from 1) of an instance, as the server sends it, and its transfer syntax. */
  readFrame(
    key: string,
    frame: number,
    options?: ReadOptions,
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly transferSyntaxUid: string }>;
}
