import { observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { EngineClient } from './engine-client.ts';
import type { Pictures } from './pictures.ts';
import type { Card, QueryResult } from './protocol.ts';
import { SheetCard } from './sheet-card.tsx';
import { TallScroll } from './tall-scroll.ts';
import { useCards } from './use-cards.ts';

interface GridProps {
  readonly client: EngineClient;
  readonly pictures: Pictures;
  readonly result: QueryResult | undefined;
  /** The first position in view. */
  readonly at: number;
  /** Rows that are read later come after all others. */
  readonly isInOrder: boolean;
  readonly onAt: (at: number) => void;
  readonly onOpen: (uid: string) => void;
}

const gap = 10;
const captionHeight = 50;
/** Rows of the grid above and below the view that are made ready. */
const overscan = 2;
const restMs = 150;
/** Of a small picture; larger ones cost memory and tell little more. */
const maxPicturePixels = 448;

/** The sheets, a few rows of them in the document at a time. */
export function SheetGrid({ client, pictures, result, at, isInOrder, onAt, onOpen }: GridProps): JSX.Element {
  const view = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [width, setWidth] = useState(0);
  const [focused, setFocused] = useState(at);
  const wantsFocus = useRef(false);
  const shown = result?.shown ?? 0;
  const minCell = width < 560 ? 150 : 210;
  const columns = Math.max(2, Math.floor((width + gap) / (minCell + gap)));
  const cell = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const rowHeight = cell + captionHeight + gap;
  const rows = width === 0 ? 0 : Math.ceil(shown / columns);
  const scroll = useTallVirtualizer(view, rows, rowHeight, redraw);
  const items = scroll?.virtualizer.getVirtualItems() ?? [];
  const from = (items[0]?.index ?? 0) * columns;
  const to = Math.min(shown, ((items.at(-1)?.index ?? -1) + 1) * columns);
  const cards = useCards(client, result, isInOrder, from, to);

  useLayoutEffect(() => {
    const element = view.current;
    if (element === null) return;
    const measure = (): void => setWidth(element.clientWidth - 2 * gap);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const first = scroll === undefined ? 0 : Math.round(scroll.tall.offset / rowHeight) * columns;
  const told = useRef(at);
  const version = useRef(result?.version);
  useEffect(() => {
    // A link may name a place that is not read so far.
    if (width === 0 || told.current === at || scroll === undefined) return;
    told.current = at;
    scroll.goTo(Math.floor(at / columns) * rowHeight);
  });
  const isLinkFollowed = useRef(at === 0);
  useEffect(() => {
    if (isLinkFollowed.current || scroll === undefined || rows === 0) return;
    if (shown <= at && result !== undefined && result.loaded < result.rows) return;
    isLinkFollowed.current = true;
    scroll.goTo(Math.floor(at / columns) * rowHeight);
  });
  useEffect(() => {
    if (!isLinkFollowed.current || width === 0) return;
    const timer = setTimeout(() => {
      told.current = first;
      onAt(first);
    }, 400);
    return () => clearTimeout(timer);
  }, [first, width]);

  useEffect(() => {
    const isNew = version.current !== undefined && version.current !== result?.version;
    version.current = result?.version;
    if (isNew && at === 0) scroll?.goTo(0);
  }, [result?.version]);

  useEffect(() => {
    const top = first - columns;
    const near: Card[] = [];
    const far: Card[] = [];
    const inView = columns * (Math.ceil((view.current?.clientHeight ?? 0) / rowHeight) + 2);
    for (let position = from; position < to; position++) {
      const card = cards.get(position);
      if (card !== undefined) (position >= top && position < top + inView ? near : far).push(card);
    }
    const pixels = Math.min(maxPicturePixels, Math.ceil(cell * devicePixelRatio));
    if (width > 0) pictures.want([...near, ...far], pixels);
  });

  const focusOn = (position: number): void => {
    const next = Math.max(0, Math.min(shown - 1, position));
    wantsFocus.current = true;
    setFocused(next);
    const top = Math.floor(next / columns) * rowHeight;
    const height = view.current?.clientHeight ?? 0;
    const offset = scroll?.tall.offset ?? 0;
    if (top < offset) scroll?.goTo(top);
    else if (top + rowHeight > offset + height) scroll?.goTo(top + rowHeight - height + gap);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const page = columns * Math.max(1, Math.floor((view.current?.clientHeight ?? 0) / rowHeight));
    const target: Readonly<Record<string, number>> = {
      ...{ ArrowRight: focused + 1, ArrowLeft: focused - 1, ArrowDown: focused + columns, ArrowUp: focused - columns },
      ...{ PageDown: focused + page, PageUp: focused - page, Home: 0, End: shown - 1 },
    };
    const next = target[event.key];
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    focusOn(next);
  };
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const button = view.current?.querySelector<HTMLElement>(`[data-position="${focused}"]`);
    if (button === null || button === undefined) return;
    wantsFocus.current = false;
    button.focus({ preventScroll: true });
  });

  const shift = scroll?.tall.shift ?? 0;
  // The sheet that Tab goes to is one that is in the document.
  const tabStop = focused >= from && focused < to ? focused : first;
  return (
    <div class="scroll" ref={view}>
      <ul class="grid" aria-label="Series" style={{ height: `${scroll?.tall.elementHeight ?? 0}px` }}>
        {Array.from({ length: Math.max(0, to - from) }, (_, index) => {
          const position = from + index;
          const top = Math.floor(position / columns) * rowHeight - shift;
          const left = (position % columns) * (cell + gap);
          const card = cards.get(position);
          return (
            <li
              key={card === undefined ? `p${position}` : card.row}
              class="cell"
              aria-setsize={shown}
              aria-posinset={position + 1}
              style={{
                transform: `translate(${left}px, ${top}px)`,
                width: `${cell}px`,
                height: `${rowHeight - gap}px`,
              }}
            >
              {card !== undefined && (
                <SheetCard
                  {...{ card, pictures, cell, position, onOpen, onKeyDown }}
                  isTabStop={position === tabStop}
                  onFocus={() => setFocused(position)}
                />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface TallVirtualizer {
  readonly virtualizer: Virtualizer<HTMLDivElement, Element>;
  readonly tall: TallScroll;
  readonly goTo: (offset: number) => void;
}

/** Which rows are to be in the document, for more rows than an element can be high. */
function useTallVirtualizer(
  view: { readonly current: HTMLDivElement | null },
  rows: number,
  rowHeight: number,
  redraw: (action: undefined) => void,
): TallVirtualizer | undefined {
  const [made, setMade] = useState<TallVirtualizer>();
  const measured = useRef(0);
  useLayoutEffect(() => {
    const element = view.current;
    if (element === null) return;
    const tall = new TallScroll(element);
    let tell: (offset: number, isScrolling: boolean) => void = () => undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onScroll = (): void => {
      tall.onScroll();
      tell(tall.offset, true);
      redraw(undefined);
      clearTimeout(timer);
      timer = setTimeout(() => {
        tall.onRest();
        tell(tall.offset, false);
        redraw(undefined);
      }, restMs);
    };
    const virtualizer = new Virtualizer<HTMLDivElement, Element>({
      ...{ count: 0, estimateSize: () => rowHeight, overscan, getScrollElement: () => element },
      ...{ observeElementRect, scrollToFn: () => undefined, onChange: () => redraw(undefined) },
      observeElementOffset: (_, told) => {
        tell = told;
        element.addEventListener('scroll', onScroll, { passive: true });
        return () => element.removeEventListener('scroll', onScroll);
      },
    });
    const goTo = (offset: number): void => {
      tall.scrollTo(offset);
      tell(tall.offset, false);
      redraw(undefined);
    };
    const leave = virtualizer._didMount();
    setMade({ virtualizer, tall, goTo });
    return leave;
  }, [view, redraw]);
  if (made !== undefined) {
    const { virtualizer, tall } = made;
    tall.height = rows * rowHeight;
    virtualizer.setOptions({ ...virtualizer.options, count: rows, estimateSize: () => rowHeight });
    if (measured.current !== rowHeight) virtualizer.measure();
    measured.current = rowHeight;
  }
  useLayoutEffect(() => made?.virtualizer._willUpdate());
  return made;
}
