import { printable, printableLines } from '../base/printable.ts';
import { volumeNotes, volumesOf } from '../series/choose-volumes.ts';
import { attributesOf, membersOf } from '../series/members.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { orderMembers } from '../series/order.ts';
import { privacyRisks } from '../series/privacy.ts';
import { flagsOf } from '../series/series-flags.ts';
import { stackGeometries } from '../series/stack-geometry.ts';
import type { InstanceHeader } from '../types/instance.ts';
import type { Member, ScannedInstance } from '../types/members.ts';
import type { SeriesInfo } from '../types/series-info.ts';

/**
 * Sums up what the header pass found. Reads nothing.
 *
 * @param includePatient tell the date too
 */
export function info(series: OpenedSeries, includePatient = false): SeriesInfo {
  const { located, instances } = series;
  const members = membersOf(instances, series.located.limits);
  const ordered = orderMembers(members);
  const { header } = instances[0] ?? {};
  const stacks = stackGeometries(ordered.stacks ?? []);
  const volumes = volumesOf(ordered, false);
  const facts = { ordered, stacks, instances };
  const spaced = members.find((member) => attributesOf(member).pixelSpacing !== undefined);
  return {
    location: printable(located.store.location),
    seriesInstanceUid: printable(header?.seriesInstanceUid ?? ''),
    studyInstanceUid: printable(header?.studyInstanceUid ?? ''),
    modality: printable(header?.modality ?? ''),
    seriesDescription: printable(header?.seriesDescription ?? ''),
    seriesNumber: header?.seriesNumber ?? null,
    ...(includePatient ? { seriesDate: printable(header?.seriesDate ?? '') } : {}),
    manufacturer: printable(header?.manufacturer ?? ''),
    manufacturerModelName: printable(header?.manufacturerModelName ?? ''),
    bodyPartExamined: printable(header?.bodyPartExamined ?? ''),
    protocolName: printable(header?.protocolName ?? ''),
    instances: instances.length,
    frames: members.length,
    byteLength: listedLength(located.objects),
    orientation: ordered.orientation,
    orderedBy: ordered.orderedBy,
    sizes: sizesOf(instances),
    pixelSpacing: spaced === undefined ? null : (attributesOf(spaced).pixelSpacing ?? null),
    imageExtentMm: spaced === undefined ? null : extentOf(spaced),
    frameRate: frameRateOf(header),
    ...windowsOf(members),
    transferSyntaxUids: byFrequency(instances.map((each) => each.header.transferSyntaxUid)),
    sopClassUids: byFrequency(instances.map((each) => each.header.sopClassUid)),
    stacks,
    privacy: privacyRisks(instances.map((each) => each.header)),
    flags: flagsOf(facts),
    notes: volumes === undefined ? [] : volumeNotes(volumes),
    warnings: series.warnings.map(printableLines),
  };
}

function extentOf(member: Member): readonly [number, number] | null {
  const { pixels, unfolding } = member.instance.header;
  const [row, column] = attributesOf(member).pixelSpacing ?? [];
  const image = unfolding ?? pixels;
  if (image === undefined || row === undefined || column === undefined) return null;
  return [image.rows * row, image.columns * column];
}

function frameRateOf(header: InstanceHeader | undefined): number | null {
  const { recommendedDisplayFrameRate, cineRate, frameTimeMs } = header ?? {};
  return recommendedDisplayFrameRate ?? cineRate ?? (frameTimeMs === undefined ? null : 1000 / frameTimeMs);
}

/** Windows that are told. */
const maxWindows = 10;

function windowsOf(members: readonly Member[]): Pick<SeriesInfo, 'windows' | 'differentWindows' | 'unknownWindows'> {
  const counts = new Map<string, { readonly center: number; readonly width: number; images: number }>();
  let unknownWindows = 0;
  for (const member of members) {
    const [first] = attributesOf(member).windows;
    if (first === undefined) {
      if (!member.instance.complete) unknownWindows++;
      continue;
    }
    const { center, width } = first;
    const known = counts.get(`${center} ${width}`) ?? { center, width, images: 0 };
    known.images++;
    counts.set(`${center} ${width}`, known);
  }
  const windows = [...counts.values()].sort((a, b) => b.images - a.images).slice(0, maxWindows);
  return { windows, differentWindows: counts.size, unknownWindows };
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
