import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ByteSource } from './byte-source.ts';
import { type AtlasAbout, downloadCommand, remakeCommand } from './commands.ts';
import type { EngineClient } from './engine-client.ts';
import { factLines } from './fact-lines.ts';
import type { Facts, Found, QueryResult } from './protocol.ts';
import { TiledPicture } from './tiled-picture.tsx';

interface DialogProps {
  readonly client: EngineClient;
  readonly source: ByteSource;
  readonly about: AtlasAbout;
  readonly result: QueryResult | undefined;
  readonly uid: string;
  readonly onUid: (uid: string | undefined) => void;
}

/** A series, enlarged, with all that is known of it. */
export function SeriesDialog({ client, source, about, result, uid, onUid }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [found, setFound] = useState<Found>();
  const [facts, setFacts] = useState<Facts>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    let isWanted = true;
    setFailure(undefined);
    const load = async (): Promise<void> => {
      const place = await client.find(uid);
      if (!isWanted) return;
      setFound(place);
      if (place.row < 0) throw new Error(`There is no series ${uid} in this atlas.`);
      const read = await client.facts(place.row);
      if (isWanted) setFacts(read);
    };
    load().catch((error: unknown) => {
      if (isWanted) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => {
      isWanted = false;
    };
  }, [client, uid]);

  const position = found?.position ?? -1;
  const shown = result?.shown ?? 0;
  const go = async (to: number): Promise<void> => {
    if (position < 0 || to < 0 || to >= shown) return;
    const [card] = await client.cards(result?.version ?? 0, to, to + 1);
    if (card !== undefined) onUid(card.uid);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDialogElement>): void => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'ArrowRight' || event.key === 'j') void go(position + 1);
    else if (event.key === 'ArrowLeft' || event.key === 'k') void go(position - 1);
  };
  const close = (): void => onUid(undefined);
  const values = facts?.values ?? {};
  const heading = [values['modality'], values['description'] || '(no description)'].filter(Boolean).join(' · ');
  return (
    <dialog
      ref={dialog}
      aria-labelledby="series-heading"
      onKeyDown={onKeyDown}
      onCancel={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="dialog">
        <div class="heading">
          <h2 id="series-heading">{facts === undefined ? 'Reading …' : heading}</h2>
          <span class="dim">
            {position < 0 ? '' : `${(position + 1).toLocaleString('en')} of ${shown.toLocaleString('en')}`}
          </span>
          <button
            type="button"
            aria-label="Previous series"
            title="Previous (←)"
            disabled={position <= 0}
            onClick={() => go(position - 1)}
          >
            ←
          </button>
          <button
            type="button"
            aria-label="Next series"
            title="Next (→)"
            disabled={position < 0 || position >= shown - 1}
            onClick={() => go(position + 1)}
          >
            →
          </button>
          <button type="button" aria-label="Close" title="Close (Esc)" onClick={close}>
            ✕
          </button>
        </div>
        {failure !== undefined && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        {facts !== undefined && <SeriesFacts key={facts.row} {...{ facts, source, about }} />}
      </div>
    </dialog>
  );
}

interface FactsProps {
  readonly facts: Facts;
  readonly source: ByteSource;
  readonly about: AtlasAbout;
}

function SeriesFacts({ facts, source, about }: FactsProps): JSX.Element {
  const [chosen, setChosen] = useState(0);
  const { values, warnings, views } = facts;
  const view = views[chosen];
  const uid = String(values['series_instance_uid'] ?? '');
  const message = values['error_message'];
  return (
    <div class="series">
      <div class="enlarged">
        {views.length > 1 && (
          <fieldset class="views">
            <legend class="hidden">Pictures</legend>
            {views.map((each, index) => (
              <button type="button" key={each.view} aria-pressed={index === chosen} onClick={() => setChosen(index)}>
                {each.view}
              </button>
            ))}
          </fieldset>
        )}
        {view === undefined ? (
          <p class="empty">There is no picture.</p>
        ) : (
          <TiledPicture
            key={view.view}
            {...{ view, source }}
            label={`${view.view} of ${values['description'] || uid}`}
          />
        )}
      </div>
      <div class="facts">
        {typeof message === 'string' && message !== '' && <p class="failure">{message}</p>}
        {warnings.length > 0 && (
          <ul class="warnings" aria-label="Warnings">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        )}
        <div class="copies">
          <CopyButton label="Copy UID" text={uid} />
          <CopyButton label="Copy command" text={remakeCommand(values, about)} />
          <CopyButton label="Copy IDC download" text={downloadCommand(values, about)} />
          <CopyButton label="Copy link" text={location.href} />
        </div>
        <dl>
          {factLines(values).map(([label, text]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}

/** Copies a text, and shows it: it can be selected by hand where a page may not write to the clipboard. */
function CopyButton({
  label,
  text,
}: {
  readonly label: string;
  readonly text: string | undefined;
}): JSX.Element | null {
  const [said, setSaid] = useState('');
  if (text === undefined || text === '') return null;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('copied');
    } catch {
      setSaid(text);
    }
    setTimeout(() => setSaid((before) => (before === 'copied' ? '' : before)), 1500);
  };
  return (
    <span class="copy">
      <button type="button" title={text} onClick={copy}>
        {said === 'copied' ? 'Copied' : label}
      </button>
      <span role="status" class={said === 'copied' ? 'hidden' : 'by-hand'}>
        {said}
      </span>
    </span>
  );
}
