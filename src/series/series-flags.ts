import { isLossyTransferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { SeriesFlag, StackGeometry } from '../types/series-info.ts';
import type { OrderedSeries } from './order.ts';

/** What flags are derived from. */
export interface FlagFacts {
  readonly ordered: OrderedSeries;
  readonly stacks: readonly StackGeometry[];
  readonly instances: readonly ScannedInstance[];
}

const stackModalities: ReadonlySet<string> = new Set(['CT', 'MR', 'PT']);
/** Fewer images than this are few for a stack. */
const minImages = 10;
/** Distances may differ from the spacing by this share: header values are rounded. */
const maxDeviation = 0.1;

const tests: Readonly<Record<SeriesFlag, (facts: FlagFacts) => boolean>> = {
  'few-instances': ({ ordered, instances }) =>
    ordered.members.length < minImages && stackModalities.has(instances[0]?.header.modality ?? ''),
  localizer: ({ instances }) => instances.some(isLocalizer),
  'mixed-orientation': ({ ordered }) => ordered.orientation === 'mixed',
  'no-position': ({ stacks }) => stacks.some(({ extentMm }) => extentMm === null),
  gaps: ({ stacks }) => stacks.some(({ gaps }) => gaps.length > 0),
  'irregular-spacing': ({ stacks }) => stacks.some(isIrregular),
  'several-volumes': ({ stacks }) => stacks.some(({ repeatedPlaces, places }) => isMost(repeatedPlaces, places)),
  'repeated-places': ({ stacks }) =>
    stacks.some(({ repeatedPlaces, places }) => repeatedPlaces > 0 && !isMost(repeatedPlaces, places)),
  'missing-places': ({ stacks }) =>
    stacks.some(
      ({ repeatedPlaces, places, incompletePlaces }) => isMost(repeatedPlaces, places) && incompletePlaces > 0,
    ),
  'mixed-sizes': ({ instances }) => haveSeveral(instances, ({ header: { pixels } }) => sizeOf(pixels)),
  'mixed-transfer-syntaxes': ({ instances }) => haveSeveral(instances, ({ header }) => header.transferSyntaxUid),
  'mixed-sop-classes': ({ instances }) => haveSeveral(instances, ({ header }) => header.sopClassUid),
  'lossy-compression': ({ instances }) =>
    instances.some(
      ({ header }) => header.lossyImageCompression === true || isLossyTransferSyntax(header.transferSyntaxUid),
    ),
  'lossy-twice': ({ instances }) => instances.some(({ header }) => (header.lossyCompressions ?? 0) > 1),
  'burned-in-annotation': ({ instances }) => instances.some(({ header }) => header.burnedInAnnotation === true),
  'no-pixel-data': ({ instances }) =>
    instances.every(({ header, complete }) => complete && header.pixelData === undefined),
};

/** What whoever checks a series wants to know of, in the order of the type. */
export function flagsOf(facts: FlagFacts): readonly SeriesFlag[] {
  const names: readonly SeriesFlag[] = [
    ...(['few-instances', 'localizer', 'mixed-orientation', 'no-position', 'gaps', 'irregular-spacing'] as const),
    ...(['several-volumes', 'repeated-places', 'missing-places', 'mixed-sizes', 'mixed-transfer-syntaxes'] as const),
    ...(['mixed-sop-classes', 'lossy-compression', 'lossy-twice', 'burned-in-annotation', 'no-pixel-data'] as const),
  ];
  return names.filter((name) => tests[name](facts));
}

function isMost(part: number, all: number): boolean {
  return part > 0 && part * 2 >= all;
}

function isLocalizer({ header }: ScannedInstance): boolean {
  return (
    header.imageType.includes('LOCALIZER') || /\b(localizer|scout|topogram|survey)\b/i.test(header.seriesDescription)
  );
}

function isIrregular({ spacingMm, spacingRangeMm }: StackGeometry): boolean {
  if (spacingMm === null || spacingRangeMm === null) return false;
  const [least, greatest] = spacingRangeMm;
  return spacingMm - least > spacingMm * maxDeviation || greatest - spacingMm > spacingMm * maxDeviation;
}

function sizeOf(pixels: ScannedInstance['header']['pixels']): string | undefined {
  return pixels === undefined ? undefined : `${pixels.rows} ${pixels.columns}`;
}

function haveSeveral(
  instances: readonly ScannedInstance[],
  of: (instance: ScannedInstance) => string | undefined,
): boolean {
  const values = new Set(instances.map(of));
  values.delete(undefined);
  return values.size > 1;
}
