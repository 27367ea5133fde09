/** Different notes that one header makes. */
const maxNotes = 20;

/** What a reader of the picture should know of an instance: each thing once, however many frames say it. */
export class HeaderNotes {
  readonly #notes: string[] = [];

  add(note: string): void {
    if (this.#notes.length < maxNotes && !this.#notes.includes(note)) this.#notes.push(note);
  }

  get all(): readonly string[] {
    return this.#notes;
  }
}
