import type { ByteSource } from './byte-source.ts';
import type { PicturePlace, View } from './protocol.ts';

/** Most reports are shorter; a longer one takes a second request. */
const firstReadLength = 64 * 1024;
const blockLength = 512;

/** The pictures of a series, with what their tiles are: from the JSON file that follows them in the tar file. */
export async function viewsOf(source: ByteSource, picturesJson: string, shard: string): Promise<readonly View[]> {
  const places: readonly (PicturePlace & Pick<View, 'view' | 'width' | 'height'>)[] = JSON.parse(picturesJson);
  const last = places.at(-1);
  if (last === undefined || shard === '') return [];
  const bare = places.map((place): View => ({ ...place, shard, tiles: [] }));
  const { reports } = await readReport(source, shard, last);
  return bare.map((place) => {
    const { tiles = [], output } = reports[place.view] ?? {};
    return { ...place, tiles, ...(output?.grid === undefined ? {} : { grid: output.grid }) };
  });
}

interface SeriesReport {
  readonly reports: {
    readonly [view: string]: { readonly tiles?: View['tiles']; readonly output?: Pick<View, 'grid'> };
  };
}

async function readReport(
  source: ByteSource,
  shard: string,
  { offset, length }: Pick<PicturePlace, 'offset' | 'length'>,
): Promise<SeriesReport> {
  const at = offset + Math.ceil(length / blockLength) * blockLength;
  const first = await source.read(shard, at, firstReadLength);
  // The size stands in octal digits (POSIX.1-2017, pax, ustar).
  const size = Number.parseInt(new TextDecoder().decode(first.subarray(124, 136)), 8);
  if (!(size > 0)) return { reports: {} };
  const whole = blockLength + size <= first.length ? first.subarray(blockLength) : undefined;
  const bytes = whole ?? (await source.read(shard, at + blockLength, size));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, size)));
}
