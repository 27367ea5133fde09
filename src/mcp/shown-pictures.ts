import { randomInt } from 'node:crypto';
import { type Preview, type PreviewReport, type Series, UsageError } from '../index.ts';

/** What can be referred to later, at most. The oldest is forgotten first. */
const maxPictures = 64;
const maxAgeMs = 3600 * 1000;
/** Characters of a random name: a million millions of names. */
const nameLength = 8;
const nameLetters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** How pictures are named: by numbers where they are all of one client, else by names that no other client guesses. */
export type PictureNaming = 'numbers' | 'random';

/** A kind of picture, as references name it. */
export type PictureKind = 'mosaic' | 'image' | 'contrasts' | 'planes';

/** A tile that was shown: which image of which series it is. */
export interface ShownTile {
  /** Into the ordered list of the series. */
  readonly index: number;
  /** From 1; undefined where the tile shows a slide's whole level. */
  readonly frame: number | undefined;
}

/** A picture that was shown. Pixels are not kept. */
export interface ShownPicture {
  readonly name: string;
  readonly kind: PictureKind;
  /** Number of the root, and name of the series below it. */
  readonly root: number;
  readonly series: string;
  readonly tiles: ReadonlyMap<string, ShownTile>;
  /** Draws it once more, as large as a client takes it. */
  readonly drawFull: (series: Series, signal: AbortSignal) => Promise<Preview>;
}

const reference =
  /^\s*([a-z]{1,4}[0-9]{1,5})(?:\s+(?:of\s+)?(?:(mosaic|image|contrasts|planes|picture)\s+)?([a-z0-9]{1,16}))?\s*$/i;

/** The pictures that a client was shown, so that it can refer to their tiles. */
export class ShownPictures {
  readonly #naming: PictureNaming;
  readonly #pictures = new Map<string, ShownPicture & { readonly shownAt: number }>();
  #last = 0;

  constructor(naming: PictureNaming) {
    this.#naming = naming;
  }

  /** Remembers a picture under a new name. */
  add(picture: Omit<ShownPicture, 'name' | 'tiles'>, tiles: PreviewReport['tiles']): ShownPicture {
    this.#forgetOld();
    const name = this.#naming === 'numbers' ? String(++this.#last) : randomName();
    const shown = {
      ...{ ...picture, name, shownAt: Date.now() },
      tiles: new Map(
        tiles
          .filter(({ error }) => error === undefined)
          .map(({ address, index, frame, shows }) => [
            address,
            { index, frame: shows === 'overview' ? undefined : frame },
          ]),
      ),
    };
    this.#pictures.set(name, shown);
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= maxPictures) break;
      this.#pictures.delete(oldest);
    }
    return shown;
  }

  /** @throws UsageError where no such picture was shown, or it was forgotten */
  byName(name: string): ShownPicture {
    this.#forgetOld();
    const found = this.#pictures.get(name.toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(
      `Expected the name of a picture that was shown in the last hour${this.#examples()} but received '${name}'. Show it again with view_mosaic.`,
    );
  }

  /**
   * The tile that a text such as 'C4 of mosaic 2' refers to. Where a client sees numbers, 'C4' alone is a tile of the last
   * picture.
   *
   * @throws UsageError for other texts, and for tiles that are not there
   */
  tile(text: string): { readonly picture: ShownPicture; readonly address: string; readonly tile: ShownTile } {
    const [, address = '', , name] = reference.exec(text) ?? [];
    const last = this.#naming === 'numbers' ? this.#lastWithTiles() : undefined;
    if (address === '' || (name === undefined && last === undefined)) {
      throw new UsageError(
        `Expected a tile of a picture that was shown, such as 'C4 of mosaic 2'${this.#examples()}, but received '${text}'.`,
      );
    }
    const picture = name === undefined && last !== undefined ? last : this.byName(name ?? '');
    const tile = picture.tiles.get(address.toUpperCase());
    if (tile !== undefined) return { picture, address: address.toUpperCase(), tile };
    const addresses = [...picture.tiles.keys()];
    throw new UsageError(
      `Expected a tile of ${picture.kind} ${picture.name}, from ${addresses[0] ?? 'none'} to ${addresses.at(-1) ?? 'none'}, but received '${address.toUpperCase()}'.`,
    );
  }

  /** All that can be referred to, the newest last. */
  all(): readonly ShownPicture[] {
    this.#forgetOld();
    return [...this.#pictures.values()];
  }

  #lastWithTiles(): ShownPicture | undefined {
    return this.all().findLast(({ kind }) => kind === 'mosaic' || kind === 'contrasts');
  }

  #examples(): string {
    const known = this.#naming === 'numbers' ? this.all().slice(-3) : [];
    return known.length === 0 ? '' : ` (there are ${known.map(({ kind, name }) => `${kind} ${name}`).join(', ')})`;
  }

  #forgetOld(): void {
    for (const [name, { shownAt }] of this.#pictures) if (Date.now() - shownAt > maxAgeMs) this.#pictures.delete(name);
  }
}

function randomName(): string {
  return Array.from({ length: nameLength }, () => nameLetters[randomInt(nameLetters.length)]).join('');
}
