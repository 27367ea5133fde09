import { UsageError } from '../../base/errors.ts';
import type { ContrastChoice, ContrastPreset } from '../../types/settings.ts';

/**
 * The presets of the option `contrast` with their windows, in the order in which they are listed.
 *
 * @example
 * ```ts
 * for (const { name, width, center } of contrastPresets) console.log(name, width, center);
 * ```
 */
export const contrastPresets: readonly ContrastPreset[] = [
  { name: 'lung', aliases: [], modality: 'CT', width: 1500, center: -500 },
  { name: 'bone', aliases: [], modality: 'CT', width: 2000, center: 300 },
  { name: 'brain', aliases: [], modality: 'CT', width: 80, center: 40 },
  { name: 'abdomen', aliases: [], modality: 'CT', width: 350, center: 50 },
  { name: 'mediastinum', aliases: ['media'], modality: 'CT', width: 350, center: 50 },
  { name: 'liver', aliases: [], modality: 'CT', width: 150, center: 30 },
  { name: 'soft-tissue', aliases: ['soft'], modality: 'CT', width: 400, center: 50 },
  { name: 'vascular', aliases: [], modality: 'CT', width: 700, center: 200 },
  { name: 't1', aliases: [], modality: 'MR', width: 700, center: 300 },
  { name: 't2', aliases: [], modality: 'MR', width: 475, center: 155 },
  { name: 'proton', aliases: [], modality: 'MR', width: 920, center: 420 },
];

const numberPattern = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const windowPattern = new RegExp(String.raw`^(${numberPattern})\s*[,/]\s*(${numberPattern})$`);

/**
 * Reads a contrast: `undefined` (the stored window, else auto), `auto`, `embedded`, the name or alias of a preset (also
 * with `ct-` or `mr-` before it), or `WIDTH,CENTER` (also `WIDTH/CENTER`). Upper and lower case are the same.
 *
 * @throws UsageError for anything else, and for a width that is not above 0
 */
export function parseContrast(text: string | undefined): ContrastChoice {
  if (text === undefined) return { kind: 'default' };
  const word = text.trim().toLowerCase();
  if (word === 'auto' || word === 'embedded') return { kind: word };
  const [, widthText, centerText] = windowPattern.exec(word) ?? [];
  if (widthText !== undefined && centerText !== undefined)
    return windowChoice(Number(widthText), Number(centerText), text);
  const preset = contrastPresets.find((candidate) => namesOf(candidate).includes(word));
  if (preset !== undefined) return { kind: 'preset', preset };
  throw new UsageError(unknownContrast(text, word));
}

function windowChoice(width: number, center: number, text: string): ContrastChoice {
  if (!(width > 0) || !Number.isFinite(width) || !Number.isFinite(center)) {
    throw new UsageError(
      `Expected a window as WIDTH,CENTER with a width above 0, such as 1500,-500, but received '${text}'.`,
    );
  }
  return { kind: 'window', width, center };
}

function namesOf(preset: ContrastPreset): readonly string[] {
  const names = [preset.name, ...preset.aliases];
  return [...names, ...names.map((name) => `${preset.modality.toLowerCase()}-${name}`)];
}

function unknownContrast(text: string, word: string): string {
  const presets = contrastPresets.map(({ name, aliases }) => [name, ...aliases].join(' or ')).join(', ');
  const nearest = nearestName(word);
  return [
    `Expected a contrast but received '${text}'.`,
    ...(nearest === undefined ? [] : [`Did you mean '${nearest}'?`]),
    `Presets: ${presets}. Also: auto, embedded, or a window as WIDTH,CENTER (1500,-500).`,
  ].join(' ');
}

/** The name that needs the fewest changed letters, where these are at most a third of the word (or 2). */
function nearestName(word: string): string | undefined {
  const names = ['auto', 'embedded', ...contrastPresets.flatMap(namesOf)];
  const ranked = names
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .toSorted((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.name : undefined;
}

/** How many letters must be inserted, removed or replaced (Levenshtein). Of long words, all letters count. */
function editDistance(word: string, name: string): number {
  if (word.length > 40) return word.length;
  let row = Array.from({ length: name.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...word].entries()) {
    const next = [index + 1];
    for (const [position, other] of [...name].entries()) {
      const replaced = (row[position] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[position + 1] ?? 0) + 1, (next[position] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
