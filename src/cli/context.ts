import type * as library from '../index.ts';

/** What the command line uses of the library, and all it uses. */
export type Library = Pick<
  typeof library,
  | 'createMosaic'
  | 'createImage'
  | 'buildIndex'
  | 'getIndex'
  | 'clearIndex'
  | 'outputFormatOf'
  | 'checkWritable'
  | 'writeWhole'
  | 'withOutputPath'
>;

/** The part of a stream that commands write to. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean;
}

/** Where a command runs: handed in, so that tests can stand in for the terminal and the library. */
export interface Context {
  /** Loads the library: late, because `--help` does without it. */
  readonly loadLibrary: () => Promise<Library>;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** The name the program was started under. */
  readonly programName: string;
}
