import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { EngineClient } from './engine-client.ts';
import type { Card, QueryResult } from './protocol.ts';

const maxCards = 4000;

/** The cards at positions, as the engine hands them over. Until those of a new query come, the old ones stay. */
export function useCards(
  client: EngineClient,
  result: QueryResult | undefined,
  isInOrder: boolean,
  from: number,
  to: number,
): ReadonlyMap<number, Card> {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const kept = useRef({ epoch: '', cards: new Map<number, Card>() });
  const wanted = useRef('');
  const version = result?.version ?? 0;
  // Rows that are read later change the place of all others, unless they come last.
  const epoch = `${version}:${isInOrder ? '' : result?.loaded}`;
  useEffect(() => {
    if (to <= from) return;
    const { current } = kept;
    if (current.epoch === epoch && isThere(current.cards, from, to)) return;
    const request = `${epoch}:${from}:${to}`;
    if (wanted.current === request) return;
    wanted.current = request;
    const take = (cards: readonly Card[]): void => {
      if (wanted.current === request) wanted.current = '';
      if (cards.length === 0) return;
      const isNew = kept.current.epoch !== epoch || kept.current.cards.size > maxCards;
      // An answer to an older question, which came late.
      if (isNew && wanted.current !== '' && !wanted.current.startsWith(`${epoch}:`)) return;
      const all = isNew ? new Map<number, Card>() : kept.current.cards;
      for (const [index, card] of cards.entries()) all.set(from + index, card);
      kept.current = { epoch, cards: all };
      redraw(undefined);
    };
    client.cards(version, from, to).then(take, () => undefined);
  });
  return kept.current.cards;
}

function isThere(cards: ReadonlyMap<number, Card>, from: number, to: number): boolean {
  for (let position = from; position < to; position++) if (!cards.has(position)) return false;
  return true;
}
