import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ByteSource } from './byte-source.ts';
import type { Tile, View } from './protocol.ts';

interface TiledPictureProps {
  readonly view: View;
  readonly source: ByteSource;
  readonly label: string;
}

/** A picture at its own size whose tiles say which instance they show: under the pointer, or by the arrow keys. */
export function TiledPicture({ view, source, label }: TiledPictureProps): JSX.Element {
  const [url, setUrl] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [tile, setTile] = useState<Tile>();
  const { shard, offset, length, format, grid, tiles, width, height } = view;
  useEffect(() => {
    let made: string | undefined;
    let isWanted = true;
    const load = async (): Promise<void> => {
      const bytes = await source.read(shard, offset, length);
      if (!isWanted) return;
      made = URL.createObjectURL(new Blob([bytes], { type: `image/${format}` }));
      setUrl(made);
    };
    load().catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
    return () => {
      isWanted = false;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [source, shard, offset, length, format]);

  const tileAt = (column: number, row: number): Tile | undefined =>
    tiles.find((each) => each.column === column && each.row === row);
  const onPointer = (event: TargetedPointerEvent<HTMLElement>): void => {
    if (grid === undefined) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width - grid.left;
    const y = ((event.clientY - box.top) / box.height) * height - grid.top;
    setTile(tileAt(Math.floor(x / (grid.cellWidth + grid.gap)), Math.floor(y / (grid.cellHeight + grid.gap))));
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid?.columns ?? 1, ArrowUp: -(grid?.columns ?? 1) };
    const by = Object.entries(step).find(([key]) => key === event.key)?.[1];
    if (by === undefined || tiles.length === 0) return;
    // The arrows go to other series elsewhere in the dialog.
    event.preventDefault();
    const index = tile === undefined ? -1 : tiles.indexOf(tile);
    const next = index < 0 ? tiles[0] : tiles[index + by];
    if (next !== undefined) setTile(next);
  };
  const share = (length: number, whole: number): string => `${(100 * length) / whole}%`;
  return (
    <figure>
      <button
        type="button"
        class="tiled"
        aria-label={tiles.length > 0 ? `${label}. Arrow keys go through its tiles.` : label}
        style={{
          aspectRatio: `${width} / ${height}`,
          maxWidth: `min(${Math.max(width, 512)}px, ${Math.round((78 * width) / height)}vh)`,
        }}
        onPointerMove={onPointer}
        onPointerDown={onPointer}
        onPointerLeave={(event) => event.pointerType === 'mouse' && setTile(undefined)}
        onKeyDown={onKeyDown}
      >
        {url !== undefined && (
          <img src={url} alt={label} onError={() => setFailure('This browser does not show the picture.')} />
        )}
        {failure !== undefined && <span class="failure">{failure}</span>}
        {tile !== undefined && grid !== undefined && (
          <span
            class="mark"
            style={{
              left: share(grid.left + tile.column * (grid.cellWidth + grid.gap), width),
              top: share(grid.top + tile.row * (grid.cellHeight + grid.gap), height),
              width: share(grid.cellWidth, width),
              height: share(grid.cellHeight, height),
            }}
          />
        )}
      </button>
      <figcaption aria-live="polite">
        {tile === undefined ? (
          <span class="dim">{tiles.length > 0 ? 'Point at a tile' : ''}</span>
        ) : (
          <TileText tile={tile} />
        )}
      </figcaption>
    </figure>
  );
}

function TileText({ tile }: { readonly tile: Tile }): JSX.Element {
  const { instanceNumber, frame, positionMm, window, sopInstanceUid } = tile;
  const parts = [
    typeof instanceNumber === 'number' ? `Instance ${instanceNumber}` : '',
    typeof frame === 'number' && frame > 1 ? `frame ${frame}` : '',
    typeof positionMm === 'number' ? `${Number(positionMm.toFixed(1))} mm` : '',
    window === undefined ? '' : `window ${Math.round(window.width)} / ${Math.round(window.center)}`,
  ];
  return (
    <>
      {parts.filter(Boolean).join(' · ')}
      <code>{sopInstanceUid ?? ''}</code>
    </>
  );
}
