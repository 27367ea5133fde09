import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ByteSource } from './byte-source.ts';
import type { AtlasAbout } from './commands.ts';
import type { News } from './engine.ts';
import type { EngineClient } from './engine-client.ts';
import { Facets } from './facets.tsx';
import { SheetGrid } from './grid.tsx';
import { fragmentOf, type PageState, stateOfFragment, toggled } from './page-state.ts';
import { Pictures } from './pictures.ts';
import type { QueryResult } from './protocol.ts';
import { SeriesDialog } from './series-dialog.tsx';
import { Toolbar } from './toolbar.tsx';

interface AppProps {
  readonly source: ByteSource;
  readonly start: (tell: (news: News) => void) => EngineClient;
}

/** The page: what is shown follows from the state, and the state stands in the link. */
export function App({ source, start }: AppProps): JSX.Element {
  const [state, setState] = useState<PageState>(() => stateOfFragment(location.hash));
  const [result, setResult] = useState<QueryResult>();
  const [about, setAbout] = useState<AtlasAbout>({});
  const [failure, setFailure] = useState<string>();
  const [isFilterOpen, setFilterOpen] = useState(false);
  const pictures = useMemo(() => new Pictures(source), [source]);
  const client = useMemo(
    () =>
      start((news) => {
        if (news.kind === 'result') setResult(news.result);
        else if (news.kind === 'opened') setAbout(JSON.parse(news.atlasJson));
        else setFailure(news.message);
      }),
    [start],
  );
  const { text, chosen, sort, descending, series } = state;
  useEffect(() => client.query({ text, chosen, sort, descending }), [client, text, chosen, sort, descending]);
  useLink(state, setState);
  const change = (part: Partial<PageState>): void => setState((before) => ({ ...before, at: 0, ...part }));
  const isEmpty = result !== undefined && result.shown === 0 && result.loaded === result.rows;
  return (
    <>
      <Toolbar
        {...{ state, result, change, isFilterOpen }}
        title={about.source ?? ''}
        onFilter={() => setFilterOpen(!isFilterOpen)}
      />
      {failure !== undefined && (
        <p class="failure" role="alert">
          {failure} Reload the page to try again.
        </p>
      )}
      <div class="body">
        <Facets
          {...{ state, result, isFilterOpen }}
          onToggle={(name, value) => change({ chosen: toggled(state, name, value) })}
          onClear={() => change({ chosen: {}, text: '' })}
        />
        <main>
          {isEmpty && <p class="empty">No series is like that. Take a filter away.</p>}
          <SheetGrid
            {...{ client, pictures, result, at: state.at }}
            isInOrder={sort === 'place' && !descending}
            onAt={(at) => setState((before) => (before.at === at ? before : { ...before, at }))}
            onOpen={(uid) => setState((before) => ({ ...before, series: uid }))}
          />
        </main>
      </div>
      {series !== undefined && (
        <SeriesDialog
          {...{ client, source, about, result, uid: series }}
          onUid={(uid) => setState((before) => ({ ...before, series: uid }))}
        />
      )}
    </>
  );
}

/** Keeps state and link the same. Opening a series is a step to go back from; all else is not. */
function useLink(state: PageState, setState: (state: PageState) => void): void {
  const opened = useRef(state.series);
  useEffect(() => {
    const fragment = fragmentOf(state);
    if (fragment === location.hash) return;
    const url = `${location.pathname}${location.search}${fragment}`;
    if (state.series !== undefined && opened.current === undefined) history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    opened.current = state.series;
  }, [state]);
  useEffect(() => {
    const follow = (): void => {
      const told = stateOfFragment(location.hash);
      opened.current = told.series;
      setState(told);
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [setState]);
}
