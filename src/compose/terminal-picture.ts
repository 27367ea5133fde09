import { OutputError, UsageError } from '../base/errors.ts';
import type { TerminalProtocol } from './terminal-protocols.ts';

/** How a terminal shows a picture. */
export interface TerminalOptions {
  /** 'blocks' has 24 bits of colour, 'blocks-256' the 256 colours of older terminals. */
  readonly protocol: TerminalProtocol;
  /** Width in characters (1..1000). A smaller picture stays as it is. */
  readonly columns: number;
}

const maxColumns = 1000;

/**
 * The text that shows a picture in a terminal, with a line break at its end. It holds escape sequences and no text of the
 * picture's.
 *
 * @param picture an encoded picture, as calls return it
 * @throws UsageError for columns out of their range; OutputError where it is no picture
 * @example
 * ```ts
 * const { bytes } = await createMosaic('./CT', { width: 640 });
 * process.stdout.write(await terminalPicture(bytes, { protocol: 'kitty', columns: 80 }));
 * ```
 */
export async function terminalPicture(picture: Uint8Array, { protocol, columns }: TerminalOptions): Promise<string> {
  if (!(Number.isSafeInteger(columns) && columns >= 1 && columns <= maxColumns)) {
    throw new UsageError(`Expected 1 to ${maxColumns} columns but received ${String(columns)}.`);
  }
  const { textOfPicture } = await import('./terminal-protocols.ts');
  try {
    return await textOfPicture(picture, protocol, columns);
  } catch (error) {
    if (error instanceof OutputError || error instanceof UsageError) throw error;
    throw new OutputError('The picture could not be decoded to be shown in a terminal.', { cause: error });
  }
}
