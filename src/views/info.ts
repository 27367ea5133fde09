import { printable, printableLines } from '../base/printable.ts';
import { attributesOf, membersOf } from '../series/members.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { orderMembers } from '../series/order.ts';
import { stackGeometries } from '../series/stack-geometry.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { SeriesInfo } from '../types/series-info.ts';

/** Sums up what the header pass found. Reads nothing. */
export function info(series: OpenedSeries): SeriesInfo {
  const { located, instances } = series;
  const members = membersOf(instances);
  const ordered = orderMembers(members);
  const { header } = instances[0] ?? {};
  const spacing = members.map((member) => attributesOf(member).pixelSpacing).find((each) => each !== undefined);
  return {
    location: printable(located.store.location),
    seriesInstanceUid: printable(header?.seriesInstanceUid ?? ''),
    studyInstanceUid: printable(header?.studyInstanceUid ?? ''),
    modality: printable(header?.modality ?? ''),
    seriesDescription: printable(header?.seriesDescription ?? ''),
    instances: instances.length,
    frames: members.length,
    byteLength: listedLength(located.objects),
    orientation: ordered.orientation,
    orderedBy: ordered.orderedBy,
    sizes: sizesOf(instances),
    pixelSpacing: spacing ?? null,
    transferSyntaxUids: byFrequency(instances.map((each) => each.header.transferSyntaxUid)),
    sopClassUids: byFrequency(instances.map((each) => each.header.sopClassUid)),
    stacks: stackGeometries(ordered.stacks ?? []),
    warnings: series.warnings.map(printableLines),
  };
}

function listedLength(objects: readonly { readonly byteLength: number | undefined }[]): number | null {
  let sum = 0;
  for (const { byteLength } of objects) {
    if (byteLength === undefined) return null;
    sum += byteLength;
  }
  return sum;
}

function sizesOf(instances: readonly ScannedInstance[]): SeriesInfo['sizes'] {
  const sizes = new Map<string, { readonly rows: number; readonly columns: number; frames: number }>();
  for (const { header } of instances) {
    const image = header.unfolding ?? header.pixels;
    if (image === undefined) continue;
    const { rows, columns } = image;
    const known = sizes.get(`${rows} ${columns}`) ?? { rows, columns, frames: 0 };
    known.frames += header.numberOfFrames;
    sizes.set(`${rows} ${columns}`, known);
  }
  return [...sizes.values()].sort((a, b) => b.frames - a.frames);
}

function byFrequency(values: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => printable(value));
}
