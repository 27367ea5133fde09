// Every real object whose decoded values are known, all frames, read by this package alone: header, frames, values.
import { afterAll, describe, expect, test } from 'vitest';
import { overflowedPredictor, readManifest, realDicom } from '../support/real-frames.ts';
import { sharedDicom } from '../support/shared-data.ts';
import { hashStoredFrames } from '../support/stored-frames.ts';

describe.skipIf(sharedDicom === undefined)('stored values through the own header parser and frame reader', () => {
  const rows =
    sharedDicom === undefined
      ? []
      : readManifest().filter(({ bitExact, path }) => bitExact && !overflowedPredictor.test(path));
  let equal = 0;

  test.each(rows)('$transferSyntaxUid $path', async ({ path, sha256 }) => {
    expect(await hashStoredFrames(`${realDicom}/${path}`)).toBe(sha256);
    equal++;
  });

  afterAll(() => console.log(`${equal} of ${rows.length} objects have the known stored values`));
});
