import { describe, expect, it } from 'vitest';
import { withWholeHeaders } from '../../../src/series/header-pass/keep-headers.ts';
import { type SeriesScan, scanOrRecall } from '../../../src/series/header-pass/scan-or-recall.ts';
import { ctSeries } from '../../support/dicom/index.js';
import { listed, MemoryStore } from '../../support/memory-store.ts';

describe('withWholeHeaders', () => {
  const far = ctSeries({ instances: 2, rows: 8, privateHeaderBytes: 20_000 });

  async function bothScans(): Promise<readonly [first: SeriesScan, whole: SeriesScan]> {
    const place = { store: new MemoryStore(far), known: undefined, isImmutable: true };
    return [
      await scanOrRecall(place, listed(far), { wholeObjects: false }),
      await scanOrRecall(place, listed(far), { wholeObjects: true }),
    ];
  }

  it('completes instances whose whole header was read, and no others', async () => {
    const [first, whole] = await bothScans();
    const [instance] = first.instances;
    const header = whole.instances[0]?.header;
    if (instance === undefined || header === undefined) throw new Error('Not scanned.');
    const [upgraded, other] = withWholeHeaders(first, [{ instance, header }]);
    expect(upgraded?.found).toEqual({ kind: 'instance', instance: { ...instance, header, complete: true } });
    expect(other).toBe(first.indexed[1]);
  });

  it('leaves an instance as it is where the whole header would put it elsewhere', async () => {
    const [first, whole] = await bothScans();
    const [instance] = first.instances;
    const header = whole.instances[0]?.header;
    if (instance === undefined || header === undefined) throw new Error('Not scanned.');
    for (const change of [{ numberOfFrames: 2 }, { instanceNumber: 99 }, { frames: [] }]) {
      const [kept] = withWholeHeaders(first, [{ instance, header: { ...header, ...change } }]);
      expect(kept).toBe(first.indexed[0]);
    }
  });
});
