import type { JSX, TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageState } from './page-state.ts';
import { type QueryResult, type SortName, sortNames } from './protocol.ts';

interface ToolbarProps {
  readonly state: PageState;
  readonly result: QueryResult | undefined;
  readonly title: string;
  readonly isFilterOpen: boolean;
  readonly change: (part: Partial<PageState>) => void;
  readonly onFilter: () => void;
}

const sortLabels: Readonly<Record<SortName, string>> = {
  ...{ place: 'As built', description: 'Description', modality: 'Modality', collection: 'Collection' },
  ...{ body_part: 'Body part', orientation: 'Orientation', manufacturer: 'Manufacturer', series_date: 'Date' },
  ...{ instances: 'Instances', byte_length: 'Size', status: 'Status' },
};

/** Typing is searched for after a pause of this length. */
const pauseMs = 100;

/** Search, order, counts, colours. */
export function Toolbar({ state, result, title, isFilterOpen, change, onFilter }: ToolbarProps): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest('input, select, dialog') !== null;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const onInput = ({ currentTarget: { value } }: TargetedEvent<HTMLInputElement>): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ text: value }), pauseMs);
  };
  const onSort = ({ currentTarget: { value } }: TargetedEvent<HTMLSelectElement>): void => {
    change({ sort: sortNames.find((name) => name === value) ?? 'place' });
  };
  return (
    <header>
      <div class="title">
        <h1>Atlas</h1>
        <span class="source" title={title}>
          {title}
        </span>
        <span class="count" role="status">
          {countText(result)}
        </span>
      </div>
      <div class="tools">
        <button type="button" class="filter" aria-expanded={isFilterOpen} aria-controls="facets" onClick={onFilter}>
          Filter
        </button>
        <input
          ref={search}
          type="search"
          value={state.text}
          placeholder="Search ( / )"
          aria-label="Search descriptions, UIDs and more"
          onInput={onInput}
        />
        <label>
          <span class="wide">Sort by </span>
          <select aria-label="Sort by" value={state.sort} onChange={onSort}>
            {sortNames.map((name) => (
              <option key={name} value={name}>
                {sortLabels[name]}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-pressed={state.descending}
          aria-label="Reverse the order"
          title="Reverse the order"
          onClick={() => change({ descending: !state.descending })}
        >
          {state.descending ? '↑' : '↓'}
        </button>
        <ThemeButton />
      </div>
    </header>
  );
}

function countText(result: QueryResult | undefined): string {
  if (result === undefined) return 'Reading …';
  const { shown, loaded, rows } = result;
  const reading = loaded < rows ? `, ${Math.floor((100 * loaded) / rows)} % read` : '';
  const number = (count: number): string => count.toLocaleString('en');
  return shown === rows ? `${number(rows)} series` : `${number(shown)} of ${number(rows)} series${reading}`;
}

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const themeKey = 'dicom-series-preview.theme';

/** Colours as the system has them, or light, or dark. */
function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(keptTheme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(themeKey, theme);
    } catch {
      // Pages from a disk may keep nothing in some browsers.
    }
  }, [theme]);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  return (
    <button
      type="button"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
      onClick={() => setTheme(next)}
    >
      {theme === 'system' ? '◐' : theme === 'light' ? '○' : '●'}
    </button>
  );
}

function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(themeKey);
    return themes.find((theme) => theme === kept) ?? 'system';
  } catch {
    return 'system';
  }
}
