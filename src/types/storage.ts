/** A part of an object: `length` bytes from `offset`. A length of `Infinity` means "to the end". */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a listing tells of one object. */
export interface StoredObject {
  /** Relative to the store's root: names separated by `/`, not percent-encoded, without a slash at the beginning. */
  readonly key: string;
  /** Size in bytes, where the listing tells it. */
  readonly byteLength: number | undefined;
  /** The version as an opaque string, where the listing tells it. */
  readonly etag: string | undefined;
  /** The time of the last change as an opaque string, where the listing tells that and no version. */
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
  /** The version that was read before. When the object no longer has it, the read throws an `ObjectChangedError`. */
  readonly etag?: string | undefined;
  /** Where the store is a local disk: gives memory of that length, to read into. Other stores use their own. */
  readonly memory?: { readonly take: (byteLength: number) => Uint8Array<ArrayBuffer> } | undefined;
}

/** What a store has done so far. Every attempt counts as a request, also retries. */
export interface StoreStatistics {
  readonly requests: number;
  readonly receivedBytes: number;
}

/**
 * A place that holds objects under keys. All methods may be called concurrently; the store bounds how many requests
 * are under way. They throw only NotFoundError, AccessDeniedError, StorageError, TimeoutError, ObjectChangedError,
 * AbortedError, and MissingComponentError where credentials need a package that is not installed.
 */
export interface Store {
  /** Printable location of the root, without credentials, query or fragment: `s3://idc-open-data`. */
  readonly location: string;
  /** How many reads the store does at a time. Callers need not start more. */
  readonly concurrency: number;
  /**
   * Every object below the prefix, also in folders within it, sorted by key. The prefix is a folder without a slash at
   * its end; '' is the root. A missing folder is a NotFoundError, and in buckets also a folder without objects; an
   * empty local or web folder gives no objects. A root that is one object gives that object, with its name as the key.
   */
  list(prefix: string, options?: ListOptions): Promise<readonly StoredObject[]>;
  /** Names of the folders directly below the prefix that begin with `startsWith`, sorted, without slashes. */
  listFolders(prefix: string, startsWith: string, options?: ListOptions): Promise<readonly string[]>;
  /** Where a store can tell both at once: what lies directly in a folder. Keys are relative to the root, names to the folder. */
  listLevel?(prefix: string, options?: ListOptions): Promise<StoredLevel>;
  /** One range of one object. */
  read(key: string, range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
  /**
   * Where the store is a local disk: the same without a promise, into the beginning of `target`. Returns the number of
   * bytes read and the object's size. This is far cheaper than a promise for each file when thousands of headers are
   * read. `listedByteLength` is the size from the listing; it saves asking for the size again.
   */
  readonly readSync?: (
    key: string,
    offset: number,
    target: Uint8Array,
    listedByteLength?: number,
  ) => { readonly length: number; readonly objectByteLength: number };
  /** Where the store is a local disk: whether reads of late took longer than memory does. Then it pays to read several objects at a time. */
  readonly isSlow?: boolean;
  /** Where the store is a local disk: the path of the file that holds an object. */
  readonly fileOf?: (key: string) => string | Buffer;
  /** Whether a series may be looked for by the UID inside its instances: on a local disk, and in an archive. */
  readonly isSearchable?: boolean;
  /**
   * Where the store speaks DICOMweb: it gives headers and frames itself, with fewer requests and bytes than by ranges
   * of objects.
   */
  readonly frames?: FrameSource;
  readonly statistics: StoreStatistics;
  /** Ends connections. Reads under way fail. */
  close(): Promise<void>;
}

/** What lies directly in a folder. */
export interface StoredLevel {
  readonly objects: readonly StoredObject[];
  /** Names of the folders in it. */
  readonly folders: readonly string[];
}

/** What a DICOMweb service tells of a series without being asked for its instances. */
export interface SourceSeries {
  readonly study: string;
  readonly series: string;
  /** '' where the service does not tell it. */
  readonly modality: string;
  readonly seriesDescription: string;
  readonly bodyPartExamined: string;
  /** undefined where the service does not tell it. */
  readonly instances: number | undefined;
}

/** A store that knows instances and frames (DICOMweb, PS3.18). Keys are those of `list`. */
export interface FrameSource {
  /** All series of the service, study or series that the root names. */
  searchSeries?(options?: ListOptions): Promise<readonly SourceSeries[]>;
  /**
   * The headers of all instances below the prefix at once, as data sets in Explicit VR Little Endian, without preamble
   * and Transfer Syntax UID. Pixel data are left out; float pixel data are an empty element. An instance without an
   * entry must be read as an object.
   */
  readHeaders(prefix: string, options?: ListOptions): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  /**
   * The header of one instance, with the lookup tables, palettes and overlays that `readHeaders` left out because the
   * server keeps them elsewhere. undefined where nothing was left out; that costs no request.
   */
  completeHeader?(key: string, options?: ListOptions): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** One frame (from 1) of an instance as the server stores it, and its transfer syntax. */
  readFrame(
    key: string,
    frame: number,
    options?: ReadOptions,
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly transferSyntaxUid: string }>;
}
