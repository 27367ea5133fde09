/** Browsers cut elements at some 17 (Firefox) or 33 (Chromium) million pixels. */
const maxHeight = 8_000_000;
/** Near either end, and after a pause anywhere, so many pixels can be scrolled one by one. */
const room = 50_000;

/**
 * Scrolls through more pixels than an element can be high. Small moves (wheel, fingers, keys) go pixel by pixel; a drag of the
 * scroll bar goes to the same share of the whole.
 */
export class TallScroll {
  readonly element: HTMLElement;
  /** Where the view begins, of `height`. */
  offset = 0;
  #height = 0;
  #top = 0;

  constructor(element: HTMLElement) {
    this.element = element;
  }

  /** Of all rows, in pixels. */
  set height(height: number) {
    this.#height = height;
  }

  /** What the scrolled element is given. */
  get elementHeight(): number {
    return Math.min(this.#height, maxHeight);
  }

  /** What is to be drawn at `y` stands at `y - shift` of the element. */
  get shift(): number {
    return this.offset - this.#top;
  }

  /** After the element was scrolled by somebody. */
  onScroll(): void {
    const { scrollTop, clientHeight } = this.element;
    const moved = scrollTop - this.#top;
    this.#top = scrollTop;
    const end = this.#end;
    if (this.#height <= maxHeight) this.offset = scrollTop;
    else if (Math.abs(moved) > 3 * clientHeight) {
      this.offset = Math.round((scrollTop / Math.max(1, maxHeight - clientHeight)) * end);
    } else this.offset = Math.max(0, Math.min(end, this.offset + moved));
  }

  /** After the scrolling has ended: there is room to go on in both directions. */
  onRest(): void {
    if (this.#height > maxHeight) this.#settle();
  }

  scrollTo(offset: number): void {
    this.offset = Math.max(0, Math.min(this.#end, offset));
    this.#settle();
  }

  #settle(): void {
    const elementEnd = Math.max(0, this.elementHeight - this.element.clientHeight);
    let top = this.offset;
    if (this.#height > maxHeight) {
      const left = this.#end - this.offset;
      const share = Math.round((this.offset / this.#end) * elementEnd);
      if (this.offset <= room) top = this.offset;
      else if (left <= room) top = elementEnd - left;
      else top = Math.max(room, Math.min(elementEnd - room, share));
    }
    this.element.scrollTop = top;
    this.#top = this.element.scrollTop;
  }

  get #end(): number {
    return Math.max(0, this.#height - this.element.clientHeight);
  }
}
