import { printableLines } from '../base/printable.ts';
import type * as library from '../index.ts';

/** What the command line uses of the library, and all it uses. */
export type Library = Pick<
  typeof library,
  | 'createMosaic'
  | 'createImage'
  | 'createPreviewer'
  | 'createContrastSheet'
  | 'planMosaic'
  | 'planImage'
  | 'createPlanes'
  | 'createFilm'
  | 'filmFormatOf'
  | 'planContrastSheet'
  | 'mosaicFormatOf'
  | 'terminalPicture'
  | 'buildIndex'
  | 'getIndex'
  | 'clearIndex'
  | 'outputFormatOf'
  | 'checkWritable'
  | 'writeWhole'
  | 'withOutputPath'
>;

/** Where a command runs: handed in, so that tests can replace the terminal and the library. */
export interface Context {
  /** Loads the library. Late, because `--help` needs none of it. */
  readonly loadLibrary: () => Promise<Library>;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Lets a command take longer to end after an interrupt than the usual two seconds. */
  readonly allowMs?: (milliseconds: number) => void;
  /** The name that the program was started under. */
  readonly programName: string;
  /** Variables of the environment. Default: those of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The part of a stream that commands write to. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** The words warning and error are to be coloured. */
  readonly isColoured?: boolean;
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean;
}

/** Standard output was closed by its reader, or failed. */
class StreamError extends Error {
  readonly code = 'output';
  override readonly name = 'StreamError';
  /** The reader went away, as `head` does when it has enough. */
  readonly isClosed: boolean;

  constructor(message: string, options: { readonly isClosed: boolean; readonly cause: Error }) {
    super(message, { cause: options.cause });
    this.isClosed = options.isClosed;
  }
}

/** Whether an error says that the reader of standard output went away: nothing that anybody needs to be told. */
export function isClosedByReader(error: unknown): boolean {
  return error instanceof StreamError && error.isClosed;
}

/** Writes lines for people to read. Control characters of what comes from outside are shown, not sent. */
export function say(stream: TextStream, text: string): void {
  const shown = printableLines(text);
  stream.write(`${stream.isColoured === true ? shown.replace(/^(warning|error)(?=:)/, coloured) : shown}\n`);
}

/** The word in bold yellow or red (ECMA-48 SGR). */
function coloured(word: string): string {
  return `\u001b[1;${word === 'error' ? 31 : 33}m${word}\u001b[0m`;
}

/** Writes everything, and waits until the reader has taken it. */
export function writeAll(stream: TextStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error === undefined || error === null) {
        resolve();
        return;
      }
      const isClosed = 'code' in error && error.code === 'EPIPE';
      const what = isClosed ? 'was closed before everything was written' : `could not be written (${error.message})`;
      reject(new StreamError(`Standard output ${what}.`, { isClosed, cause: error }));
    });
  });
}

/** Writes lines for people to read to standard output, where they are the result: that must not get lost. */
export function sayResult(stdout: TextStream, lines: readonly string[]): Promise<void> {
  return writeAll(stdout, lines.map((line) => `${printableLines(line)}\n`).join(''));
}

/** Writes a report for programs, to a file or to standard output (`-`). */
export async function writeJson({ stdout, loadLibrary }: Context, target: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  if (target === '-') await writeAll(stdout, text);
  else await (await loadLibrary()).writeWhole(target, new TextEncoder().encode(text));
}
