/** Pixels of a letter, and of the step from one letter to the next. */
export const letterWidth = 5;
export const letterHeight = 7;
export const letterStep: number = letterWidth + 1;

/**
 * Letters of 5 x 7 pixels for ASCII from the space on. A letter is seven digits of base 32, one a row from the top; the
 * bits of a digit are pixels, the left one first.
 */
const letters = [
  ...['0000000', '4444404', 'aaa0000', 'aavavaa', '4fke5u4', 'op248j3', 'cik8lid', '4440000', '2488842', '8422248'],
  ...['04lel40', '044v440', '0000c48', '000e000', '00000cc', '01248g0', 'ehjlphe', '4c4444e', 'eh1248v', 'v2421he'],
  ...['26aiv22', 'vgu11he', '68guhhe', 'v124888', 'ehhehhe', 'ehhf12c', '0cc0cc0', '0cc0c48', '248g842', '00v0v00'],
  ...['8421248', 'eh12404', 'eh1dlle', 'ehhvhhh', 'uhhuhhu', 'ehggghe', 'uhhhhhu', 'vgguggv', 'vgguggg', 'ehgnhhf'],
  ...['hhhvhhh', 'e44444e', '72222ic', 'hikokih', 'ggggggv', 'hrllhhh', 'hhpljhh', 'ehhhhhe', 'uhhuggg', 'ehhhlid'],
  ...['uhhukih', 'fgge11u', 'v444444', 'hhhhhhe', 'hhhhha4', 'hhhllla', 'hha4ahh', 'hhha444', 'v1248gv', 'e88888e'],
  ...['0g84210', 'e22222e', '4ah0000', '000000v', '8420000', '00e1fhf', 'ggmphhu', '00egghe', '11djhhf', '00ehvge'],
  ...['698s888', '0fhhf1e', 'ggmphhh', '40c444e', '20622ic', 'ggikoki', 'c44444e', '00qllhh', '00mphhh', '00ehhhe'],
  ...['00uhugg', '00djf11', '00mpggg', '00ege1u', '88s8896', '00hhhjd', '00hhha4', '00hhlla', '00ha4ah', '0hhhf1e'],
  ...['00v248v', '2448442', '4444444', '8442448', '008l200'],
];

/** Signs beyond ASCII that labels and descriptions use, as something that the font has. */
const otherSigns: ReadonlyMap<string, string> = new Map([
  ...([
    ['ß', 'ss'],
    ['æ', 'ae'],
    ['Æ', 'AE'],
    ['ø', 'o'],
    ['Ø', 'O'],
    ['ł', 'l'],
    ['Ł', 'L'],
    ['µ', 'u'],
    ['μ', 'u'],
    ['×', 'x'],
    ['–', '-'],
    ['—', '-'],
    ['’', "'"],
    ['²', '2'],
    ['³', '3'],
  ] as const),
]);

/**
 * The text as the font can write it: accents are left out, and what the font has no letter for becomes a question mark.
 */
export function writable(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
  return Array.from(plain, (sign) => otherSigns.get(sign) ?? (letterOf(sign) === undefined ? '?' : sign)).join('');
}

/** Whether a pixel of a letter is set. Letters that the font does not have are empty. */
export function isLetterPixel(sign: string, row: number, column: number): boolean {
  const digit = Number.parseInt(letterOf(sign)?.[row] ?? '0', 32);
  return ((digit >> (letterWidth - 1 - column)) & 1) === 1;
}

function letterOf(sign: string): string | undefined {
  return letters[(sign.codePointAt(0) ?? 0) - 32];
}
