/**
 * How long origins take to accept connections. Many servers have a short queue for new connections (`python3 -m
 * http.server`: five). What does not fit is dropped without a word, and the sender's system tries again after 1, 3 and 7
 * seconds. A connection that takes far longer than others did is better given up: the next try, with fewer at a time, is
 * accepted at once.
 */
export class ConnectTimes {
  readonly #fastestMs = new Map<string, number>();

  /** A connection to this origin was accepted after so long. */
  add(origin: string, elapsedMs: number): void {
    this.#fastestMs.set(origin, Math.min(elapsedMs, this.#fastestMs.get(origin) ?? Infinity));
  }

  /** After how many milliseconds a connection to this origin is thought to have been dropped; Infinity where nothing is known. */
  patienceMs(origin: string): number {
    const fastest = this.#fastestMs.get(origin);
    return fastest === undefined ? Infinity : Math.max(minPatienceMs, patienceFactor * fastest);
  }
}

/** Systems try again after a second: earlier than that, and later than any busy network takes. */
const minPatienceMs = 300;
const patienceFactor = 8;
