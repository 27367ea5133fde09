import { displayModality } from '../../pixels/modality.ts';
import type { VisibleMember } from '../../tiles/decoded-member.ts';
import { type Contrast, chooseContrast } from '../../tiles/render-tile.ts';
import type { FilmSettings } from '../../types/view-settings.ts';

/**
 * The contrast of a film's frames, of which only some are in memory: the windows are chosen from a sample, so that the
 * brightness does not change from frame to frame.
 */
export class FilmContrast {
  readonly #sample: readonly VisibleMember[];
  readonly #chosen: Contrast;
  readonly #settings: FilmSettings;

  /** @param sample frames from all over the film, decoded */
  constructor(sample: readonly VisibleMember[], settings: FilmSettings) {
    this.#sample = sample;
    this.#settings = settings;
    this.#chosen = chooseContrast(sample, settings);
  }

  get warnings(): readonly string[] {
    return this.#chosen.warnings;
  }

  /** The contrast of one frame: that of the frame of the sample that is nearest to it. */
  of(member: VisibleMember): Contrast {
    // Each has its own, which only it tells.
    if (this.#settings.contrast.kind === 'embedded') {
      return { frames: chooseContrast([member], this.#settings).frames, warnings: [] };
    }
    const distance = (other: VisibleMember): number => Math.abs(other.selection.index - member.selection.index);
    const [nearest] = this.#sample.toSorted((one, other) => distance(one) - distance(other));
    const contrast = nearest === undefined ? undefined : this.#chosen.frames.get(nearest.selection);
    if (contrast === undefined) return { frames: new Map(), warnings: [] };
    const modality = displayModality(member.attributes.modality, member.header.modality);
    return { frames: new Map([[member.selection, { ...contrast, modality }]]), warnings: [] };
  }
}
