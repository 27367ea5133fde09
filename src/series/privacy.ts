import { PrivacyError } from '../base/errors.ts';
import { sopClassUids, whatSopClassMayReveal } from '../dicom/sop-classes.ts';
import type { InstanceHeader } from '../types/instance.ts';
import type { PrivacyRisk, PrivacyRiskKind } from '../types/series-info.ts';
import { showsLabel } from './slide.ts';

/** Each kind in words, for the one warning of a series; in the order in which it is told. */
const inWords: Readonly<Record<PrivacyRiskKind, string>> = {
  'burned-in-annotation': 'Burned In Annotation is YES',
  'recognizable-features': 'Recognizable Visual Features is YES',
  'slide-label': 'labels of slides are shown',
  'secondary-capture': 'secondary captures often hold text',
  'screen-capture': 'screen captures often hold text',
  ultrasound: 'ultrasound images often hold text',
  photograph: 'photographs can show a face',
};

/** Modalities of what is no image of a device: Other, (retired) Secondary Capture, Document. */
const captureModalities: ReadonlySet<string> = new Set(['OT', 'SC', 'DOC']);

/**
 * What in the pixels of these images may tell who the patient is, as far as their headers say. Headers alone cannot prove
 * that there is nothing: Burned In Annotation is often absent or wrong, so that its NO is not taken as an answer.
 */
export function privacyRisks(headers: Iterable<InstanceHeader>): readonly PrivacyRisk[] {
  const counts = new Map<PrivacyRiskKind, number>();
  for (const header of headers) {
    for (const kind of risksOf(header)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  return kinds.flatMap((kind) => {
    const instances = counts.get(kind);
    return instances === undefined ? [] : { kind, instances };
  });
}

const kinds = Object.keys(inWords).filter(isKind);

function isKind(name: string): name is PrivacyRiskKind {
  return Object.hasOwn(inWords, name);
}

function risksOf(header: InstanceHeader): ReadonlySet<PrivacyRiskKind> {
  const { saidOfPixels: said, sopClassUid, imageType, modality } = header;
  const risks = new Set<PrivacyRiskKind>();
  if (said.includes('burnedInAnnotation')) risks.add('burned-in-annotation');
  if (said.includes('recognizableVisualFeatures')) risks.add('recognizable-features');
  if (said.includes('specimenLabelInImage') || showsLabel(sopClassUid, imageType)) risks.add('slide-label');
  const revealing = whatSopClassMayReveal(sopClassUid);
  if (revealing !== undefined) risks.add(revealing);
  if (modality === 'US' || modality === 'IVUS') risks.add('ultrasound');
  if (modality === 'XC') risks.add('photograph');
  const isCapture = imageType.some((value) => /SCREEN|CAPTURE/i.test(value)) || isOfCaptureModality(header);
  if (isCapture && revealing !== 'secondary-capture') risks.add('screen-capture');
  return risks;
}

/** Computed values (segments, parametric maps) have such modalities too, and no text. */
function isOfCaptureModality({ modality, sopClassUid, segmentation }: InstanceHeader): boolean {
  return captureModalities.has(modality) && segmentation === undefined && sopClassUid !== sopClassUids.parametricMap;
}

/** The one warning of a series; none where there is nothing to warn of. */
export function privacyWarnings(risks: readonly PrivacyRisk[], instances: number): readonly string[] {
  if (risks.length === 0) return [];
  return [
    `The picture may tell who the patient is: ${reasons(risks, instances)}. Look at it before you share it (docs/privacy.md).`,
  ];
}

/** @throws PrivacyError where there is a risk */
export function refuseRisks(risks: readonly PrivacyRisk[], instances: number): void {
  if (risks.length === 0) return;
  throw new PrivacyError(
    `Expected images without a sign of patient data in their pixels, as strict privacy asks for, but ${reasons(risks, instances)}. No picture was made. Without strict privacy there is one, with a warning.`,
    { risks },
  );
}

function reasons(risks: readonly PrivacyRisk[], total: number): string {
  return risks
    .map(({ kind, instances }) => inWords[kind] + (instances < total ? ` (${instances} of ${total} instances)` : ''))
    .join('; ');
}
