import { PreviewError } from '../../src/base/errors.ts';
import type { FuzzTarget } from './target.ts';

/** Why an input is a find; undefined where all is well: a result, or an error that the target may throw. */
export async function findIn(target: FuzzTarget, bytes: Uint8Array): Promise<string | undefined> {
  try {
    await target.run(new Uint8Array(bytes));
    return undefined;
  } catch (error) {
    if (error instanceof PreviewError || target.allowed?.some((each) => error instanceof each) === true)
      return undefined;
    return error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`;
  }
}
