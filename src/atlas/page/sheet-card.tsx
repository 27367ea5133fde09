import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Pictures } from './pictures.ts';
import type { Card } from './protocol.ts';

interface SheetCardProps {
  readonly card: Card;
  readonly pictures: Pictures;
  readonly cell: number;
  readonly position: number;
  readonly isTabStop: boolean;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: TargetedKeyboardEvent<HTMLElement>) => void;
  readonly onOpen: (uid: string) => void;
}

/** One series in the grid: its picture, small, and two lines about it. */
export function SheetCard(props: SheetCardProps): JSX.Element {
  const { card, pictures, cell, position, isTabStop, onFocus, onKeyDown, onOpen } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isLost, setLost] = useState(false);
  const { row, picture, modality, description, bodyPart, instances, flags, status, errorCode } = card;
  useLayoutEffect(() => {
    const draw = (): void => {
      const bitmap = pictures.get(row);
      if (bitmap === null) setLost(true);
      else if (bitmap !== undefined && canvas.current !== null) drawOn(canvas.current, bitmap);
    };
    const stop = pictures.whenThere(row, draw);
    draw();
    const drawnOn = canvas.current;
    return () => {
      stop();
      // Its pixels are given back now, and not at some time.
      if (drawnOn !== null) drawnOn.width = 0;
    };
  }, [pictures, row, cell]);
  const name = description || '(no description)';
  const details = [bodyPart, `${instances.toLocaleString('en')} inst.`].filter(Boolean).join(' · ');
  const problem = status === 'failed' ? `Failed: ${errorCode}` : isLost ? 'No picture' : '';
  const label = [modality, name, details, status === 'done' ? '' : status, flags].filter(Boolean).join(', ');
  return (
    <button
      type="button"
      class="sheet"
      data-position={position}
      data-status={status}
      aria-label={label}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      onClick={() => onOpen(card.uid)}
    >
      <span class="picture" style={{ height: `${cell}px` }}>
        {picture !== undefined && !isLost && <canvas ref={canvas} />}
        {problem !== '' && <span class="problem">{problem}</span>}
        {flags !== '' && (
          <span class="flag" title={flags}>
            ⚑ {flags.split(',').length}
          </span>
        )}
      </span>
      <span class="line">
        <b>{modality}</b> {name}
      </span>
      <span class="line dim">{details}</span>
    </button>
  );
}

function drawOn(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  canvas.dataset['drawn'] = 'yes';
}
