import type { HeaderIndexRow } from '../header-index/columns.ts';
import { exportedRows } from '../header-index/export.ts';
import type { OpenedSeries } from '../series/opened-series.ts';

/**
 * What the header pass found, one row a frame, without patient attributes. Reads nothing.
 *
 * @throws UnsupportedError where there are too many frames
 */
export function headers({ located, pass, instances }: OpenedSeries): readonly HeaderIndexRow[] {
  const { seriesInstanceUid, store } = located;
  const wanted = seriesInstanceUid === undefined ? undefined : new Set(instances);
  const objects = pass.scan.indexed.filter(
    ({ found }) => wanted === undefined || (found.kind === 'instance' && wanted.has(found.instance)),
  );
  return exportedRows(objects, store.location);
}
