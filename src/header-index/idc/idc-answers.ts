import { throwIfAborted } from '../../base/errors.ts';
import { type IdcIndexFile, type IdcIndexFileOptions, openIdcIndexFile } from './idc-file.ts';
import { IndexThread, type ThreadLimits } from './thread/index-thread.ts';
import type { IdcAnswer, IdcJob } from './thread/messages.ts';

export interface IdcAnswerOptions extends IdcIndexFileOptions {
  /** For tests. Default: 20 s of work without a sign of life, 5 minutes for one answer. */
  readonly threadLimits?: Partial<ThreadLimits> | undefined;
}

/** An answer, and where it comes from. */
export interface IdcAnswered {
  readonly answer: IdcAnswer;
  readonly file: Pick<IdcIndexFile, 'location' | 'requests'>;
}

/**
 * Does something with an index of the Imaging Data Commons, in a thread of its own. From the second answer on, the thread
 * prepares the next one while the caller uses this one.
 *
 * @throws StorageError where the index is damaged, TimeoutError where it makes its reader work without end, AbortedError, and
 *   the store's errors
 */
export async function* answersOfIdcIndex(
  location: string,
  job: IdcJob,
  options: IdcAnswerOptions,
): AsyncGenerator<IdcAnswered> {
  const { signal, threadLimits } = options;
  throwIfAborted(signal);
  const thread = new IndexThread(signal, threadLimits);
  let file: IdcIndexFile | undefined;
  try {
    file = await openIdcIndexFile(location, options);
    thread.start(file, job);
    let given = 0;
    let next = thread.next();
    for (;;) {
      const answer = await next;
      if (answer === undefined) return;
      given += 1;
      const isAhead = given > 1;
      if (isAhead) {
        next = thread.next();
        // What fails meanwhile is thrown when the caller comes back.
        next.catch(() => undefined);
      }
      yield { answer, file };
      if (!isAhead) next = thread.next();
    }
  } finally {
    thread.end();
    await file?.close();
  }
}

/**
 * The one answer of a job.
 *
 * @throws as answersOfIdcIndex
 */
export async function answerOfIdcIndex(location: string, job: IdcJob, options: IdcAnswerOptions): Promise<IdcAnswered> {
  for await (const answered of answersOfIdcIndex(location, job, options)) return answered;
  throw new RangeError('expected an answer');
}
