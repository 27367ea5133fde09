import type { FrameAttributes, ImageComponent } from '../../types/instance.ts';
import type { DataSet } from '../elements/data-set.ts';
import { tags } from '../tags.ts';
import { type FrameScope, holder } from './frame-scope.ts';

/*
 * What kind of image a frame is: its echo, its diffusion weighting, its part of complex values, its side. Images of one
 * place that differ in these belong to different volumes.
 */

/** Effective Echo Time of the functional groups (PS3.3 C.8.13.5.4), or Echo Time. Milliseconds. */
export function readEchoTime(scope: FrameScope): number | undefined {
  const effective = holder(scope, tags.mrEchoSequence, tags.effectiveEchoTime)?.float64s(tags.effectiveEchoTime)[0];
  return effective !== undefined && Number.isFinite(effective) ? effective : scope.top.decimal(tags.echoTime);
}

/** GE adds this to the b-value of some images. */
const geOffset = 1_000_000_000;

/** The private elements that hold a b-value. */
const privateBValues: readonly {
  readonly tag: number;
  readonly creatorTag: number;
  readonly creator: string;
  /** How the maker's name begins, in capital letters. */
  readonly maker: string;
  readonly read: (top: DataSet, tag: number) => number | undefined;
}[] = [
  {
    ...{ tag: tags.siemensBValue, creatorTag: tags.siemensCreator, creator: 'SIEMENS MR HEADER', maker: 'SIEMENS' },
    read: (top, tag) => top.decimal(tag),
  },
  {
    ...{ tag: tags.geBValue, creatorTag: tags.geCreator, creator: 'GEMS_PARM_01', maker: 'GE ' },
    read: (top, tag) => {
      const value = top.decimal(tag);
      return value === undefined || value < geOffset ? value : value - geOffset;
    },
  },
  {
    ...{ tag: tags.uihBValue, creatorTag: tags.uihCreator, creator: 'IMAGE PRIVATE HEADER', maker: 'UIH' },
    read: (top, tag) => top.float64s(tag)[0],
  },
  {
    ...{
      tag: tags.philipsBValue,
      creatorTag: tags.philipsCreator,
      creator: 'PHILIPS IMAGING DD 001',
      maker: 'PHILIPS',
    },
    read: (top, tag) => top.float32s(tag)[0],
  },
];

/**
 * Diffusion b-value (PS3.3 C.8.13.5.9), or the private element of the maker where that is missing. Anonymisers often remove
 * the elements that say whose private elements these are: the maker's name says it then.
 */
export function readBValue(scope: FrameScope): number | undefined {
  const { top, manufacturer } = scope;
  const standard = holder(scope, tags.mrDiffusionSequence, tags.diffusionBValue)?.float64s(tags.diffusionBValue)[0];
  if (standard !== undefined) return usable(standard);
  for (const { tag, creatorTag, creator, maker, read } of privateBValues) {
    if (!top.has(tag)) continue;
    const named = top.text(creatorTag)?.toUpperCase();
    const isOwn = named === undefined ? manufacturer.toUpperCase().startsWith(maker) : named === creator;
    if (isOwn) return usable(read(top, tag));
  }
  return undefined;
}

/** No scanner reaches higher b-values; greater numbers mean "none". */
const maxBValue = 100_000;

function usable(bValue: number | undefined): number | undefined {
  return bValue !== undefined && bValue >= 0 && bValue <= maxBValue ? bValue : undefined;
}

const components: ReadonlyMap<string, ImageComponent> = new Map([
  ['M', 'MAGNITUDE'],
  ['P', 'PHASE'],
  ['R', 'REAL'],
  ['I', 'IMAGINARY'],
  ['PHASE MAP', 'PHASE'],
  ...(['MAGNITUDE', 'PHASE', 'REAL', 'IMAGINARY', 'MIXED'] as const).map((name) => [name, name] as const),
]);

/**
 * Complex Image Component (PS3.3 C.8.13.3.1.1), or the value 3 of Image Type (C.8.3.1.1.1), in which makers write M, P, R
 * or I; Philips writes it as value 4.
 */
export function readImageComponent(scope: FrameScope): ImageComponent | undefined {
  const { top } = scope;
  if (top.text(tags.modality) !== 'MR') return undefined;
  const source = holder(scope, tags.mrImageFrameTypeSequence, tags.complexImageComponent);
  const told = components.get(source?.text(tags.complexImageComponent) ?? '');
  if (told !== undefined) return told;
  const [, , third = '', fourth = ''] = top.texts(tags.imageType);
  return components.get(third) ?? components.get(fourth);
}

export function readLaterality(scope: FrameScope): string | undefined {
  const { top } = scope;
  const frame = holder(scope, tags.frameAnatomySequence, tags.frameLaterality)?.text(tags.frameLaterality);
  return frame || top.text(tags.imageLaterality) || top.text(tags.laterality) || undefined;
}

export function readPatientOrientation({ top }: FrameScope): FrameAttributes['patientOrientation'] {
  const [row = '', column = ''] = top.texts(tags.patientOrientation);
  return row === '' || column === '' ? undefined : [row, column];
}
