import { NotFoundError } from '../../base/errors.ts';
import type { IdcSearchResult } from '../../types/idc-search.ts';
import { answerOfIdcIndex } from './idc-answers.ts';
import { type FindIdcOptions, indexPlaces } from './idc-lookup.ts';
import type { IdcPage, IdcQueryFilters } from './thread/messages.ts';

/**
 * Finds the series of the Imaging Data Commons that fit. Reads the columns of the filters whole (each range once, where a
 * cache folder is there), then the rows to tell.
 *
 * @throws NotFoundError where the index lacks a column that is asked for; StorageError where it cannot be read; TimeoutError
 *   where that would never end; the store's errors
 */
export async function queryIdcIndex(
  filters: IdcQueryFilters,
  page: IdcPage,
  options: FindIdcOptions,
): Promise<IdcSearchResult> {
  const { idcIndex, folder } = indexPlaces(options);
  const job = { kind: 'query', filters, page } as const;
  const { answer, file } = await answerOfIdcIndex(idcIndex, job, { ...options, folder });
  if (answer.kind === 'result') return answer.result;
  const column = answer.kind === 'no-column' ? answer.column : '';
  throw new NotFoundError(`The index of the Imaging Data Commons at ${file.location} has no column ${column}.`, {
    location: file.location,
  });
}
