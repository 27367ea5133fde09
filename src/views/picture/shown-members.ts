import { notesOf } from '../../series/header-pass/findings.ts';
import type { ReadInstance } from '../../series/header-pass/keep-headers.ts';
import { privacyRisks } from '../../series/privacy.ts';
import { type DecodedMember, isVisible } from '../../tiles/decoded-member.ts';
import type { PrivacyRisk } from '../../types/series-info.ts';
import type { PicturePlan } from './choose-tiles.ts';

/** What may tell who the patient is, by the whole headers of what is shown, and what is known of the others. */
export function risksOf(
  { instances }: Pick<PicturePlan, 'instances'>,
  shown: readonly DecodedMember[],
): readonly PrivacyRisk[] {
  const whole = new Map(headersRead(shown).map(({ instance, header }) => [instance, header]));
  return privacyRisks(instances.map((instance) => whole.get(instance) ?? instance.header));
}

/** The whole headers, which were read with the pixel data, for the header index. */
export function headersRead(shown: readonly DecodedMember[]): readonly ReadInstance[] {
  return shown
    .filter(isVisible)
    .map(({ selection, header }) => ({ instance: selection.ordered.member.instance, header }));
}

/** What instances say of themselves in the part of their header that the header pass did not reach. */
export function laterNotes(shown: readonly DecodedMember[]): readonly string[] {
  const headers = new Map(
    shown.flatMap(({ selection, header }) =>
      header === undefined ? [] : [[selection.ordered.member.instance, header] as const],
    ),
  );
  return notesOf(
    [...headers].map(([{ key, header: first }, header]) => ({
      key,
      header: { notes: header.notes.filter((note) => !first.notes.includes(note)) },
    })),
  );
}

/** A function that answers the milliseconds since it was called last. */
export function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const elapsed = now - last;
    last = now;
    return elapsed;
  };
}
