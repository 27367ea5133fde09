import { counted } from '../base/counted.ts';
import { UnsupportedError } from '../base/errors.ts';
import { round } from '../base/numbers.ts';
import { printable } from '../base/printable.ts';
import { withWarnings } from '../base/with-warnings.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { preloadEncoder } from '../compose/encode.ts';
import { encodeWithin } from '../compose/encode-within.ts';
import { membersOf } from '../series/members.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { orderMembers } from '../series/order.ts';
import { privacyWarnings, refuseRisks } from '../series/privacy.ts';
import { sliceStack } from '../series/slice-stack.ts';
import { withoutLabels } from '../series/slide.ts';
import { notesOfMembers } from '../tiles/decoded-member.ts';
import type { RunOptions } from '../types/options.ts';
import type { PlaneReport, Preview, TileWindow } from '../types/report.ts';
import type { PlanesSettings } from '../types/view-settings.ts';
import { boundsOf, StaleHeadersError, sizeWarning } from './picture/draw-picture.ts';
import { headerParts } from './picture/label-texts.ts';
import { buildReport, scaledGrid } from './picture/report.ts';
import { headersRead, laterNotes, risksOf, stopwatch } from './picture/shown-members.ts';
import { drawPlanes } from './planes/draw-planes.ts';
import { windowOfPlanes } from './planes/plane-windows.ts';
import { type Resliced, type ReslicedPlane, reslice } from './planes/reslice.ts';
import { tiltOf } from './planes/stack-frame.ts';

/**
 * Axial, coronal and sagittal planes through a stack of slices, side by side and in one scale. Slices are read one after the
 * other: each gives its lines to the planes and is dropped.
 *
 * @throws UnsupportedError for series without enough parallel slices, for colour and for segmentations; StaleHeadersError;
 * the errors of reading, decoding and encoding
 */
export async function planes(
  series: OpenedSeries,
  settings: PlanesSettings,
  decoder: FrameDecoder,
  run: RunOptions,
): Promise<Preview> {
  const warnings: string[] = [];
  try {
    return await makePlanes(series, settings, decoder, run, warnings);
  } catch (error) {
    throw withWarnings(error, warnings);
  }
}

async function makePlanes(
  series: OpenedSeries,
  settings: PlanesSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
  warnings: string[],
): Promise<Preview> {
  const { pass, openingMs, located } = series;
  const time = stopwatch();
  const { instances } = withoutLabels(series.instances);
  if (instances.some(({ header }) => header.segmentation !== undefined)) {
    throw new UnsupportedError(
      "Expected images of amounts, but this is a segmentation, whose values are names. 'mosaic' shows it.",
    );
  }
  const members = membersOf(instances, located.limits);
  const plan = { instances, ordered: orderMembers(members) };
  const stack = sliceStack(members);
  warnings.push(...stack.warnings);
  if (settings.strictPrivacy) refuseRisks(risksOf(plan, []), instances.length);
  const headers = openingMs.headers + time();
  preloadEncoder();
  const keep = series.keepHeaders();

  const found = await reslice(series, stack, plan.ordered, settings, decoder, { signal, onProgress });
  const { read } = found;
  if (await series.isStale(read.map(({ error }) => error?.code))) throw new StaleHeadersError();
  const risks = risksOf(plan, read);
  if (settings.strictPrivacy) refuseRisks(risks, instances.length);
  warnings.push(...privacyWarnings(risks, instances.length), ...laterNotes(read), ...notesOfMembers(read));
  warnings.push(...found.warnings);
  const pixels = time();
  const tilt = tiltOf(stack);

  const planesOfPixels = found.planes.map(({ pixels: plane }) => plane);
  const contrast = windowOfPlanes(planesOfPixels, found.like, found.shown, settings);
  warnings.push(...contrast.warnings);
  const window = contrast.frames[0]?.window ?? null;
  const drawn = drawPlanes(
    found.planes.map((plane, index) => ({ ...plane, contrast: contrast.frames[index] })),
    found.like,
    settings,
    {
      headerParts: headerOf(found, window, settings, { instances: instances.length, members: members.length, tilt }),
      pixelMm: found.pixelMm,
      kind: kindOf(settings),
    },
  );
  const render = time();
  const { format, quality } = settings;
  const encoding = encodeWithin(drawn.image, { format, quality }, boundsOf(settings));
  const keeping = keep(headersRead(read));
  const encoded = await encoding;
  const scale = encoded.width / drawn.image.width;
  onProgress?.({ stage: 'encode', done: 1, total: 1 });
  const index = await keeping;
  const pixelBytes = found.pixelBytes + pass.scan.wholeBytes;
  const report = buildReport({
    ...{ plan, shown: [], windows: [], picture: encoded, grid: scaledGrid(drawn.grid, scale), index, privacy: risks },
    quality: settings.maxByteLength === undefined ? undefined : encoded.quality,
    planes: {
      shown: found.planes.map((plane, at) => planeReport(plane, drawn.places[at], scale)),
      projection: settings.projection ?? null,
      slabMm: Number.isFinite(settings.slabMm) ? settings.slabMm : null,
      pixelMm: round(found.pixelMm / scale, 1e4),
      window,
      slices: stack.slices.length,
      slicesRead: read.length,
      slicesFailed: read.length - found.shown.length,
      spacingMm: round(stack.spacingMm, 1e4),
      tiltDegrees: tilt,
      gaps: found.gaps,
    },
    colourMap: settings.colourMap,
    ...{ format, byteLength: encoded.bytes.length, draft: undefined, estimated: undefined },
    io: { requests: series.statistics.requests, headerBytes: pass.scan.headerBytes, pixelBytes },
    timings: { list: openingMs.list, headers, pixels, render, encode: time() },
    unreadable: pass.scan.unreadable,
    warnings: [...series.warnings, ...warnings, ...sizeWarning(encoded, scale)],
  });
  return { bytes: encoded.bytes, report };
}

function kindOf({ projection, slabMm }: PlanesSettings): string {
  if (projection === undefined) return '';
  return Number.isFinite(slabMm) ? `${projection} ${round(slabMm, 10)} mm` : projection;
}

function headerOf(
  found: Resliced,
  window: TileWindow | null,
  settings: PlanesSettings,
  { tilt, ...all }: { readonly instances: number; readonly members: number; readonly tilt: number },
): readonly string[] {
  const counts = { shown: found.shown.length, ...all };
  const parts = headerParts(found.like.header, [window], counts, settings.layout.includePatient);
  const leaning = tilt === 0 ? [] : [`tilt ${tilt} degrees`];
  const gaps = found.gaps.length === 0 ? [] : [counted(found.gaps.length, 'gap')];
  return [...parts, ...leaning, ...gaps];
}

function planeReport(
  { shown, position, positionMm, image }: ReslicedPlane,
  place: { readonly left: number; readonly top: number; readonly width: number; readonly height: number } | undefined,
  scale: number,
): PlaneReport {
  const { plane, oblique, letters } = shown;
  const scaled = (pixels = 0): number => (scale === 1 ? pixels : round(pixels * scale, 100));
  const [left, top] = [scaled(place?.left), scaled(place?.top)];
  const [width, height] = [scaled(place?.width), scaled(place?.height)];
  return {
    ...{ plane, oblique, left, top, width, height, letters },
    position: round(position, 1e6),
    positionMm: round(positionMm, 1e4),
    image:
      image === undefined
        ? null
        : {
            index: image.index,
            key: printable(image.member.instance.key),
            sopInstanceUid: printable(image.member.instance.header.sopInstanceUid),
            instanceNumber: image.member.instance.header.instanceNumber ?? null,
            frame: image.member.frameIndex + 1,
          },
  };
}
