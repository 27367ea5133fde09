import type { PreviewProgress } from '../index.ts';
import type { TextStream } from './context.ts';

const verbs: Readonly<Record<PreviewProgress['stage'], string>> = {
  list: 'Listing instances',
  headers: 'Reading headers',
  pixels: 'Reading images',
  encode: 'Encoding',
};

/** The line is written at most this often, so that a terminal does not slow the work down. */
const minIntervalMs = 80;

/** One line on a terminal that tells how far the work is. */
export interface ProgressLine {
  readonly report: (progress: PreviewProgress) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

/** A progress line on a terminal; nothing on any other stream, or where it is not wanted. */
export function progressLine(stream: TextStream, wanted: boolean): ProgressLine {
  if (!wanted || stream.isTTY !== true) return { report: () => undefined, clear: () => undefined };
  let shown = false;
  let stage = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    report: (progress) => {
      const now = performance.now();
      if (progress.stage === stage && progress.done !== progress.total && now - drawnAt < minIntervalMs) return;
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

/** For --verbose: a line at the end of each stage of the work, so that a failure shows how far it came. */
export function stageLog(stream: TextStream): (progress: PreviewProgress) => void {
  const start = performance.now();
  const finished = new Set<string>();
  return ({ stage, done, total }) => {
    if (done !== total || finished.has(stage)) return;
    finished.add(stage);
    stream.write(`Stage ${stage}: ${done} done after ${Math.round(performance.now() - start)} ms\n`);
  };
}
