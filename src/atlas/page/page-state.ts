import { type FacetName, facetNames, type Query, type SortName, sortNames } from './protocol.ts';

/** What the page shows: all of it stands in the link, after the '#'. */
export interface PageState extends Query {
  /** Series Instance UID of the series that is enlarged. */
  readonly series: string | undefined;
  /** The first row in view, a position among those shown. */
  readonly at: number;
}

export const firstState: PageState = {
  ...{ text: '', chosen: {}, sort: 'place', descending: false, series: undefined, at: 0 },
};

/** Names of facets in links: a link is to be read by people. */
const linkNames: Readonly<Record<FacetName, string>> = {
  ...{ modality: 'modality', collection: 'collection', body_part: 'body', orientation: 'orientation' },
  ...{ flags: 'flag', status: 'status' },
};

/** The state that a link's fragment tells. What it does not tell, or tells wrong, is as at the beginning. */
export function stateOfFragment(fragment: string): PageState {
  const said = new URLSearchParams(fragment.replace(/^#/, ''));
  const chosen: { [Name in FacetName]?: readonly string[] } = {};
  for (const name of facetNames) {
    const values = said.getAll(linkNames[name]);
    if (values.length > 0) chosen[name] = values;
  }
  const at = Number(said.get('at') ?? 0);
  return {
    text: said.get('q') ?? '',
    chosen,
    sort: sortNames.find((name: SortName) => name === said.get('sort')) ?? 'place',
    descending: said.get('order') === 'down',
    series: said.get('series') ?? undefined,
    at: Number.isSafeInteger(at) && at > 0 ? at : 0,
  };
}

/** Inverse of {@link stateOfFragment}: '' at the beginning. */
export function fragmentOf(state: PageState): string {
  const said = new URLSearchParams();
  if (state.text !== '') said.set('q', state.text);
  for (const name of facetNames) for (const value of state.chosen[name] ?? []) said.append(linkNames[name], value);
  if (state.sort !== 'place') said.set('sort', state.sort);
  if (state.descending) said.set('order', 'down');
  if (state.at > 0) said.set('at', String(state.at));
  if (state.series !== undefined) said.set('series', state.series);
  const text = said.toString();
  return text === '' ? '' : `#${text}`;
}

/** The same with a value of a facet chosen, or no longer. */
export function toggled({ chosen }: Query, name: FacetName, value: string): Query['chosen'] {
  const before = chosen[name] ?? [];
  const after = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
  const { [name]: _, ...others } = chosen;
  return after.length === 0 ? others : { ...others, [name]: after };
}
