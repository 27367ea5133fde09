/**
 * Text from outside (names of files, values of headers, words of servers) may hold characters that a terminal obeys: escape
 * codes that colour, move or overwrite what stands there, new lines that look like messages of this program, marks that turn
 * the order of letters. They are shown, as in `a\u{1b}[31m`, and never sent.
 */

/** All control characters (C0, DEL, C1), the controls of writing direction, and the two separators of lines. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const everyUnprintable = new RegExp(unprintable, 'gu');
const everyUnprintableButNewLine = /[\p{Bidi_Control}\u2028\u2029]|(?!\n)\p{Cc}/gu;
/** What JSON lets through unescaped: not C0. */
const everyRawInJson = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu;

/** A text from outside as a part of a line. */
export function printable(text: string): string {
  return unprintable.test(text) ? text.replace(everyUnprintable, shown) : text;
}

/** The same for a message of this program, which may have several lines. */
export function printableLines(text: string): string {
  return unprintable.test(text) ? text.replace(everyUnprintableButNewLine, shown) : text;
}

/** The same JSON document without one raw control character: who parses it gets the same values. */
export function printableJson(json: string): string {
  return json.replace(everyRawInJson, (character) => `\\u${hexOf(character).padStart(4, '0')}`);
}

function shown(character: string): string {
  return `\\u{${hexOf(character)}}`;
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
