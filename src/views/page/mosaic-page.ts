import { counted } from '../../base/counted.ts';
import { printable } from '../../base/printable.ts';
import { sizeInCell } from '../../compose/cell-size.ts';
import { encode } from '../../compose/encode.ts';
import { failedTile } from '../../compose/failed-tile.ts';
import { type PageImage, type PageTile, writePage } from '../../compose/write-page.ts';
import { parseContrast } from '../../pixels/contrast/presets.ts';
import type { Selection } from '../../series/select.ts';
import { type DecodedMember, isVisible } from '../../tiles/decoded-member.ts';
import { type Contrast, chooseContrast, renderTile } from '../../tiles/render-tile.ts';
import type { TileWindow } from '../../types/report.ts';
import type { ContrastChoice, MosaicSettings } from '../../types/settings.ts';
import type { Grid, PageParts } from '../picture/choose-tiles.ts';

/** The windows that a page offers, besides the one that was asked for. */
const offered: Readonly<Record<string, readonly string[]>> = {
  CT: ['lung', 'mediastinum', 'bone', 'brain'],
  MR: ['auto', 'embedded'],
  PT: ['auto'],
};

/** What makes a page of a mosaic: no tile is drawn before all values are there, because they are drawn several times. */
export function pageOf(settings: MosaicSettings): Pick<Grid, 'arrange' | 'encodePage'> {
  return {
    arrange: (tiles, shared) => ({ tiles, contrast: chooseContrast(tiles.filter(isVisible), settings, shared) }),
    encodePage: (parts) => makePage(parts, settings),
  };
}

async function makePage(parts: PageParts, settings: MosaicSettings): Promise<Uint8Array> {
  const visible = parts.tiles.filter(isVisible);
  const header = visible[0]?.header;
  const choices = choicesFor(header?.modality ?? '', settings.contrast);
  const contrasts = choices.map(({ name, choice }) => ({
    name,
    contrast: chooseContrast(visible, { ...settings, contrast: choice }, parts.shared),
  }));
  // Images in colour have no windows to choose from.
  const hasWindows = visible.some(({ selection }) => contrasts[0]?.contrast.frames.get(selection)?.voi !== undefined);
  const useful = hasWindows ? contrasts : contrasts.slice(0, 1);
  const tiles: PageTile[] = [];
  for (const [index, member] of parts.tiles.entries()) {
    const images: PageImage[] = [];
    for (const { contrast } of useful) {
      const image = drawTile(member, contrast, parts, settings);
      const bytes = await encode(image, { format: settings.format, quality: settings.quality });
      const shown = contrast.frames.get(member.selection)?.window ?? null;
      images.push({ bytes, width: image.width, height: image.height, window: windowText(shown) });
    }
    tiles.push({ ...namesOf(member, index, parts), images });
  }
  return writePage({
    title: printable(`${header?.modality ?? ''} ${header?.seriesDescription ?? ''}`.trim() || 'Series'),
    summary: `${visible.length} of ${counted(parts.members, 'image')}${parts.isDraft ? ', DRAFT: a sample of the series' : ''}`,
    windows: useful.map(({ name }) => name),
    columns: parts.grid.columns,
    cellWidth: parts.grid.cellWidth,
    imageType: `image/${settings.format}`,
    tiles,
    warnings: parts.warnings.map(printable),
  });
}

function choicesFor(
  modality: string,
  asked: ContrastChoice,
): readonly { readonly name: string; readonly choice: ContrastChoice }[] {
  const first = { name: nameOf(asked), choice: asked };
  const others = (offered[modality] ?? ['auto']).filter((name) => name !== first.name);
  return [first, ...others.map((name) => ({ name, choice: parseContrast(name) }))];
}

function nameOf(choice: ContrastChoice): string {
  switch (choice.kind) {
    case 'default':
      return 'stored';
    case 'preset':
      return choice.preset.name;
    case 'window':
      return `${choice.width},${choice.center}`;
    default:
      return choice.kind;
  }
}

function drawTile(
  member: DecodedMember,
  contrast: Contrast,
  { grid }: PageParts,
  settings: MosaicSettings,
): ReturnType<typeof renderTile> {
  const cell = { width: grid.cellWidth, height: grid.cellHeight };
  if (!isVisible(member)) return failedTile(cell.width, cell.height);
  const size = sizeInCell(member.naturalSize, cell, settings.imageWidth);
  return renderTile(member, contrast.frames.get(member.selection), size, settings);
}

function namesOf(member: DecodedMember, tile: number, { members }: PageParts): Pick<PageTile, 'name' | 'details'> {
  const { index, ordered }: Selection = member.selection;
  const { instance, frameIndex } = ordered.member;
  const { instanceNumber, sopInstanceUid, numberOfFrames } = instance.header;
  const place = ordered.positionMm === undefined ? [] : [`${ordered.positionMm.toFixed(1)} mm`];
  const frame = numberOfFrames > 1 ? [`frame ${frameIndex + 1}`] : [];
  return {
    name: [`Image ${index + 1} of ${members}`, ...place, ...frame].join(', '),
    details: [
      `Tile ${tile + 1}`,
      instanceNumber === undefined ? 'Instance without a number' : `Instance ${instanceNumber}`,
      printable(instance.key),
      printable(sopInstanceUid),
      ...(member.error === undefined ? [] : [`Not shown: ${printable(member.error.message)}`]),
    ],
  };
}

function windowText(window: TileWindow | null): string {
  if (window === null) return '';
  return `window ${Number(window.width.toPrecision(4))}/${Number(window.center.toPrecision(4))}`;
}
