import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageState } from './page-state.ts';
import { type FacetName, type FacetValue, facetNames, type QueryResult } from './protocol.ts';

interface FacetsProps {
  readonly state: PageState;
  readonly result: QueryResult | undefined;
  readonly isFilterOpen: boolean;
  readonly onToggle: (name: FacetName, value: string) => void;
  readonly onClear: () => void;
}

const labels: Readonly<Record<FacetName, string>> = {
  ...{ modality: 'Modality', collection: 'Collection', body_part: 'Body part', orientation: 'Orientation' },
  ...{ flags: 'Flags', status: 'Status' },
};
/** Values of a facet that are shown before 'more' is asked for. */
const fewValues = 7;
const manyValues = 500;

/** What can be chosen, with how many rows there would be. */
export function Facets({ state, result, isFilterOpen, onToggle, onClear }: FacetsProps): JSX.Element {
  const isFiltered = state.text !== '' || Object.keys(state.chosen).length > 0;
  return (
    <aside id="facets" aria-label="Filters" class={isFilterOpen ? 'open' : ''}>
      {isFiltered && (
        <button type="button" class="clear" onClick={onClear}>
          Clear all filters
        </button>
      )}
      {facetNames.map((name) => (
        <Facet
          key={name}
          label={labels[name]}
          values={result?.facets[name] ?? []}
          chosen={state.chosen[name] ?? []}
          onToggle={(value) => onToggle(name, value)}
        />
      ))}
    </aside>
  );
}

interface FacetProps {
  readonly label: string;
  readonly values: readonly FacetValue[];
  readonly chosen: readonly string[];
  readonly onToggle: (value: string) => void;
}

function Facet({ label, values, chosen, onToggle }: FacetProps): JSX.Element | null {
  const [isLong, setLong] = useState(false);
  // What is chosen stays in reach, whatever else is filtered.
  const gone = chosen.filter((value) => values.every((each) => each.value !== value));
  const all = [...values.filter(({ count, value }) => count > 0 || chosen.includes(value))];
  for (const value of gone) all.push({ value, count: 0 });
  if (chosen.length === 0 && (all.length === 0 || (all.length === 1 && all[0]?.value === ''))) return null;
  const shown = all.slice(0, isLong ? manyValues : fewValues);
  for (const value of all.slice(shown.length)) if (chosen.includes(value.value)) shown.push(value);
  return (
    <fieldset>
      <legend>{label}</legend>
      <ul class={isLong ? 'long' : ''}>
        {shown.map(({ value, count }) => (
          <li key={value}>
            <label>
              <input class="check" type="checkbox" checked={chosen.includes(value)} onChange={() => onToggle(value)} />
              <span class="value">{value === '' ? '(none)' : value}</span>
              <span class="number">{count.toLocaleString('en')}</span>
            </label>
          </li>
        ))}
      </ul>
      {all.length > fewValues && (
        <button
          type="button"
          class="more"
          aria-label={`${isLong ? 'Fewer' : 'All'}: ${label}`}
          onClick={() => setLong(!isLong)}
        >
          {isLong ? 'Fewer' : `All ${all.length}`}
        </button>
      )}
    </fieldset>
  );
}
