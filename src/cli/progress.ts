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

/** Before a stage has lasted this long, its rate says little. */
const minRatedMs = 1_000;

/**
 * A progress line on a terminal; nothing on any other stream, or where it is not wanted.
 *
 * @param clock milliseconds since any moment
 */
export function progressLine(
  stream: TextStream,
  wanted: boolean,
  clock: () => number = () => performance.now(),
): ProgressLine {
  if (!wanted || stream.isTTY !== true) return { report: () => undefined, clear: () => undefined };
  let shown = false;
  let stage = '';
  let stageBegan = { at: 0, done: 0 };
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    report: (progress) => {
      const now = clock();
      if (progress.stage === stage && progress.done !== progress.total && now - drawnAt < minIntervalMs) return;
      if (progress.stage !== stage) stageBegan = { at: now, done: progress.done };
      stage = progress.stage;
      drawnAt = now;
      shown = true;
      const counted = progress.total === undefined ? `${progress.done}` : `${progress.done}/${progress.total}`;
      const rated = rateOf(progress, progress.done - stageBegan.done, now - stageBegan.at);
      const line = `${verbs[progress.stage]} ${counted}${rated}`.slice(0, widthOf(stream) - 1);
      // Back to the first column, the text, then erase what is left of the line before (ECMA-48 EL).
      stream.write(`\r${line}\u001b[K`);
    },
    clear: () => {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

/** `, 340/s, 2 s left`; nothing at the beginning and at the end of a stage. */
function rateOf({ done, total }: PreviewProgress, doneMeanwhile: number, elapsedMs: number): string {
  if (elapsedMs < minRatedMs || doneMeanwhile <= 0 || done === total) return '';
  const perSecond = (doneMeanwhile / elapsedMs) * 1_000;
  const rate = `, ${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
  return total === undefined ? rate : `${rate}, ${duration((total - done) / perSecond)} left`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3_600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.round(whole / 360) / 10} h`;
}

/** Columns of a terminal. Some terminals say that they have none. */
function widthOf({ columns = 0 }: TextStream): number {
  return columns > 0 ? columns : 80;
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
