/** A file of a sink. */
export interface SinkFile {
  /** Below the sink, with `/` between folders. */
  readonly name: string;
  /** Bytes. */
  readonly byteLength: number;
}

/**
 * Where an atlas is written: named files that appear whole or not at all, in a folder or in a bucket. Its methods may be
 * called concurrently. Names are made by this package: letters, digits, `.`, `-`, `_` and `/`.
 */
export interface Sink {
  /** Printable, without credentials. */
  readonly location: string;
  /** All files whose names begin so, in the order of their names; none where there is no such folder. */
  list(prefix: string): Promise<readonly SinkFile[]>;
  /**
   * The whole file, or a range of it.
   *
   * @throws NotFoundError where there is no such file
   */
  read(name: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array>;
  /**
   * Writes a file, or replaces it.
   *
   * @throws OutputError, AccessDeniedError and the errors of stores
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** The same with the content of a file on this machine, which may be large. The file may be moved away by it. */
  writeFile(name: string, path: string): Promise<void>;
  /** Removes a file; one that is not there is no error. */
  remove(name: string): Promise<void>;
  /** Ends connections. */
  close(): Promise<void>;
}
