import type { PreviewProgress } from '../index.ts';
import type { TextStream } from './context.ts';

/** For --verbose: a line whenever a stage of the work has come to its end, so that a failure shows how far it got. */
export function stageLog(stream: TextStream): (progress: PreviewProgress) => void {
  const start = performance.now();
  const finished = new Set<string>();
  return ({ stage, done, total }) => {
    if (done !== total || finished.has(stage)) return;
    finished.add(stage);
    stream.write(`Stage ${stage}: ${done} done after ${Math.round(performance.now() - start)} ms\n`);
  };
}
