import type { PreviewProgress } from '../index.ts';
import type { TextStream } from './context.ts';

const verbs: Readonly<Record<PreviewProgress['stage'], string>> = {
  list: 'Listing instances',
  headers: 'Reading headers',
  pixels: 'Reading images',
  encode: 'Encoding',
};

/** A new line at most this often, so that a terminal does not slow the work down. */
const intervalMs = 80;

/** One line on a terminal that says how far the work is. */
export interface ProgressLine {
  readonly report: (progress: PreviewProgress) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

/** A progress line on the stream, or, where it is no terminal or none is wanted, nothing. */
export function progressLine(stream: TextStream, wanted: boolean): ProgressLine {
  if (!wanted || stream.isTTY !== true) return { report: () => undefined, clear: () => undefined };
  let shown = false;
  let stage = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    report: (progress) => {
      const now = performance.now();
      if (progress.stage === stage && progress.done !== progress.total && now - drawnAt < intervalMs) return;
      stage = progress.stage;
      drawnAt = now;
      shown = true;
      const counted = progress.total === undefined ? `${progress.done}` : `${progress.done}/${progress.total}`;
      const line = `${verbs[progress.stage]} ${counted}`.slice(0, (stream.columns ?? 80) - 1);
      // Back to the first column, the text, then erase what is left of the line before (ECMA-48 EL).
      stream.write(`\r${line}\u001b[K`);
    },
    clear: () => {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
