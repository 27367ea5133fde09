/**
 * The public buckets of the Imaging Data Commons on Amazon, and their mirrors on Google Cloud. Keys are
 * `<series UUID>/<instance UUID>.dcm`. A UUID names one version of a series for ever.
 */
const buckets: readonly { readonly s3: string; readonly gs: string }[] = [
  { s3: 'idc-open-data', gs: 'idc-open-data' },
  { s3: 'idc-open-data-two', gs: 'idc-open-idc1' },
  { s3: 'idc-open-data-cr', gs: 'idc-open-cr' },
];

/**
 * The public buckets of the Imaging Data Commons as roots: those on Amazon first, then their mirrors on Google Cloud.
 *
 * @example
 * ```ts
 * const previewer = createPreviewer({ root: idcRoots[0] }); // s3://idc-open-data, and nothing else
 * ```
 */
export const idcRoots: readonly string[] = [
  ...buckets.map(({ s3 }) => `s3://${s3}`),
  ...buckets.map(({ gs }) => `gs://${gs}`),
];

type Scheme = 's3' | 'gs';

const root = /^(s3|gs):\/\/([^/]+)\/*$/;
const seriesFolder = /^(s3|gs):\/\/([^/]+)\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function schemeOf(match: RegExpExecArray | null): Scheme | undefined {
  const scheme = match?.[1] === 'gs' ? 'gs' : 's3';
  return buckets.some((bucket) => bucket[scheme] === match?.[2]) ? scheme : undefined;
}

/** Whether a location is a whole bucket of the Imaging Data Commons. */
export function isIdcRoot(location: string): boolean {
  return schemeOf(root.exec(location)) !== undefined;
}

/** Whether a location is the folder of a series in a bucket of the Imaging Data Commons: its objects never change. */
export function isImmutable(location: string): boolean {
  return schemeOf(seriesFolder.exec(location)) !== undefined;
}

/** The other buckets of the same provider, as roots. Empty where the location is not a bucket of the Imaging Data Commons. */
export function otherIdcRoots(location: string): readonly string[] {
  const match = root.exec(location);
  const scheme = schemeOf(match);
  if (scheme === undefined) return [];
  return buckets.map((bucket) => bucket[scheme]).flatMap((name) => (name === match?.[2] ? [] : `${scheme}://${name}`));
}

/** The root of a bucket, or of its mirror, with the provider of `location`. Undefined where the bucket is not known. */
export function idcRootOfBucket(awsBucket: string, location: string): string | undefined {
  const scheme = schemeOf(root.exec(location)) ?? 's3';
  const found = buckets.find(({ s3 }) => s3 === awsBucket);
  return found === undefined ? undefined : `${scheme}://${found[scheme]}`;
}
