import { storedViews } from '../pixels/contrast/stored-voi.ts';
import { attributesOf } from '../series/members.ts';
import type { OrderedMember } from '../series/order.ts';
import type { Member } from '../types/members.ts';
import type { VoiWindow } from '../types/pixels.ts';
import type { TileSettings } from '../types/settings.ts';

/** Of a kind of images, so many must have a known window before these speak for all. */
const minKnownShare = 0.5;

/**
 * Which tiles share a window, and which windows the series stores: of all its images, shown or not, so that an image looks the
 * same whichever others are shown with it.
 */
export class SharedWindows {
  readonly #members: readonly OrderedMember[] | undefined;
  readonly #settings: Pick<TileSettings, 'windowIndex'>;
  /** The kind of a volume: images of different kinds share no window. */
  readonly kindOf: (member: Member) => string;
  #windows: ReadonlyMap<string, readonly VoiWindow[]> | undefined;

  /** @param members all of the series, in any order; undefined where shown images are judged by themselves */
  constructor(
    members: readonly OrderedMember[] | undefined,
    kindOf: (member: Member) => string,
    settings: Pick<TileSettings, 'windowIndex'>,
  ) {
    this.#members = members;
    this.kindOf = kindOf;
    this.#settings = settings;
  }

  /**
   * The stored windows of the images of one kind and one unit: of those whose headers were read that far. undefined where these
   * are fewer than half.
   */
  windowsOf(kind: string, unit: string | undefined): readonly VoiWindow[] | undefined {
    if (this.#members === undefined) return undefined;
    this.#windows ??= this.#collect(this.#members);
    return this.#windows.get(groupOf(kind, unit));
  }

  #collect(members: readonly OrderedMember[]): ReadonlyMap<string, readonly VoiWindow[]> {
    const groups = new Map<string, { readonly stored: Stored[]; unknown: number }>();
    for (const { member } of members) {
      const { windows, voiTables, unit } = attributesOf(member);
      const key = groupOf(this.kindOf(member), unit);
      const group = groups.get(key) ?? { stored: [], unknown: 0 };
      groups.set(key, group);
      const isKnown = member.instance.complete || windows.length > 0 || voiTables.length > 0;
      if (isKnown) group.stored.push({ windows, voiTables, modality: member.instance.header.modality });
      else group.unknown++;
    }
    return new Map(
      [...groups].flatMap(([key, { stored, unknown }]) =>
        stored.length < minKnownShare * (stored.length + unknown) ? [] : [[key, this.#viewsOf(stored)] as const],
      ),
    );
  }

  /** The window of each image that displays are meant to use. */
  #viewsOf(stored: readonly Stored[]): readonly VoiWindow[] {
    const { windowIndex } = this.#settings;
    const most = stored.reduce(
      (count, { windows, voiTables }) => Math.max(count, windows.length + voiTables.length),
      0,
    );
    const index = windowIndex === undefined || windowIndex >= most ? undefined : windowIndex;
    const { views } = storedViews(stored, stored[0]?.modality ?? '', index);
    return views.flatMap((view) => (view?.kind === 'window' ? [view.window] : []));
  }
}

type Stored = Pick<ReturnType<typeof attributesOf>, 'windows' | 'voiTables'> & { readonly modality: string };

function groupOf(kind: string, unit: string | undefined): string {
  return `${kind}\0${unit ?? ''}`;
}
