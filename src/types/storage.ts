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
  /** The version, as an opaque string, where the listing gives it. */
  readonly etag: string | undefined;
  /** When it was last changed, as an opaque string: where listings give that and no version. */
  readonly modified?: string | undefined;
}

/** Bytes read from an object. */
export interface ReadResult {
  /**
   * Exactly the range that was asked for; shorter only where the object ends inside the range, empty where it ends
   * before it. The memory belongs to the caller.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of the whole object in bytes, where the reply told. */
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
}

/** What a store has done so far; every attempt counts as a request, retries too. */
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
  /** How many reads abreast the store takes gladly: callers need not start more at a time. */
  readonly concurrency: number;
  /**
   * Every object below the prefix (a folder, without trailing slash; '' is the root), folders within it included, sorted
   * by key. A folder that is not there, and in buckets one without objects, is a NotFoundError; an empty local or web
   * folder gives nothing. A root that is itself one object gives that object, with its name as the key.
   */
  list(prefix: string, options?: ListOptions): Promise<readonly StoredObject[]>;
  /** Names of the folders directly below the prefix that begin with `startsWith`, sorted, without slashes. */
  listFolders(prefix: string, startsWith: string, options?: ListOptions): Promise<readonly string[]>;
  /** One range of one object. */
  read(key: string, range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
  /**
   * Where the store is a local disk: the same, at once, into `target` (from its start). Returns the number of bytes
   * read and the object's size. Far cheaper than a promise a file when thousands of headers are read. `listedByteLength`
   * is the size that the listing told, which saves asking for it.
   */
  readonly readSync?: (
    key: string,
    offset: number,
    target: Uint8Array,
    listedByteLength?: number,
  ) => { readonly length: number; readonly objectByteLength: number };
  /** Whether a series may be looked for by the UID inside its instances, as on a local disk: an archive holds few. */
  readonly isSearchable?: boolean;
  /**
   * Where the store speaks DICOMweb: it answers headers and frames itself, which costs fewer requests and bytes than
   * ranges of objects.
   */
  readonly frames?: FrameSource;
  readonly statistics: StoreStatistics;
  /** Ends connections. Reads under way fail. */
  close(): Promise<void>;
}

/** A store that knows instances and frames (DICOMweb, PS3.18). Keys are those of `list`. */
export interface FrameSource {
  /**
   * The headers of all instances below the prefix in one go, as data sets in Explicit VR Little Endian up to the pixel
   * data (which are left out; float ones are an empty element), without preamble; the Transfer Syntax UID is not among
   * what they tell. An instance without an entry must be read as an object.
   */
  readHeaders(prefix: string, options?: ListOptions): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  /**
   * The header of one instance with what `readHeaders` left out because the server keeps it elsewhere (lookup tables,
   * palettes, overlays); undefined where nothing was left out, which costs no request.
   */
  completeHeader?(key: string, options?: ListOptions): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** One frame (from 1) of an instance as the server stores it, and the transfer syntax it came in. */
  readFrame(
    key: string,
    frame: number,
    options?: ReadOptions,
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly transferSyntaxUid: string }>;
}
