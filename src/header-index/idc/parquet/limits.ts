/**
 * What a Parquet index may ask for. The published one has a footer of 20 kB, pages of a megabyte and a million rows in groups
 * of some hundred thousand.
 */
export const parquetLimits: Readonly<
  Record<
    | 'footer'
    | 'rows'
    | 'groupRows'
    | 'pageValues'
    | 'chunk'
    | 'pages'
    | 'pageCount'
    | 'indexedPageCount'
    | 'text'
    | 'index'
    | 'indexes',
    number
  >
> = {
  /** Bytes of the footer. */
  footer: 8 * 1024 * 1024,
  /** Rows of the file. */
  rows: 100_000_000,
  /** Rows of a row group. */
  groupRows: 2 * 1024 * 1024,
  /** Values of a page. While it is decoded, each takes a hundred bytes beside its text. */
  pageValues: 1024 * 1024,
  /** Bytes of a column in one row group, as they lie in the file. */
  chunk: 128 * 1024 * 1024,
  /** Bytes of a page after decompression, and of all pages that one read takes. */
  pages: 128 * 1024 * 1024,
  /** Pages of a column in one row group. */
  pageCount: 65_536,
  /** Pages of a column in one row group where an index of pages is used. */
  indexedPageCount: 8_192,
  /** Bytes of one text. DICOM allows 64 characters for all that is read, and URLs have a hundred. */
  text: 4_096,
  /** Bytes of one index of pages, and of one Bloom filter. Larger ones are not used. */
  index: 4 * 1024 * 1024,
  /** Bytes of all of them. */
  indexes: 64 * 1024 * 1024,
};

/**
 * A number of Parquet's structures, where anything may stand.
 *
 * @throws RangeError for anything but a whole number of 0 to `max`
 */
export function wholeNumberOf(value: unknown, max: number, what: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= max) return number;
  const found = typeof number === 'number' ? String(number) : typeof number;
  throw new RangeError(`expected ${what} of 0 to ${max} but found ${found}`);
}
