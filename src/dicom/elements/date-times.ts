/** The number that `count` digits from `at` on make; NaN where one of them is not a digit. */
function digits(text: string, at: number, count: number): number {
  let number = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * Seconds since midnight, from a TM value such as `112233.456` (PS3.5 6.2), also with colons; undefined for other text.
 */
export function parseTime(text: string | undefined): number | undefined {
  // A fast way for the usual form, since thousands of headers have a time each.
  if (text !== undefined && (text.length === 6 || (text.length > 7 && text.length < 14 && text[6] === '.'))) {
    const seconds = digits(text, 0, 2) * 3600 + digits(text, 2, 2) * 60 + digits(text, 4, 2);
    const places = Math.max(text.length - 7, 0);
    const fraction = digits(text, 7, places) / 10 ** places;
    if (!Number.isNaN(seconds + fraction)) return seconds + fraction;
  }
  const match = /^(\d{2}):?(\d{2})?:?(\d{2})?(\.\d{1,6})?$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(fraction);
}

/** Seconds since 1970-01-01, from a DA value such as `20240131`; undefined for other text. */
export function parseDate(text: string | undefined): number | undefined {
  if (text?.length === 8) {
    const seconds = Date.UTC(digits(text, 0, 4), digits(text, 4, 2) - 1, digits(text, 6, 2)) / 1000;
    if (!Number.isNaN(seconds)) return seconds;
  }
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(text ?? '');
  if (match === null) return undefined;
  const seconds = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** Seconds since 1970-01-01, from a DT value such as `20240131112233.456+0100`; undefined for other text. */
export function parseDateTime(text: string | undefined): number | undefined {
  const match = /^(\d{8})(\d{2,6}(?:\.\d{1,6})?)?(?:[+-]\d{4})?$/.exec(text ?? '');
  if (match === null) return undefined;
  const date = parseDate(match[1]);
  if (date === undefined) return undefined;
  return date + (parseTime(match[2]) ?? 0);
}

/** A time of a day: seconds since 1970-01-01, or since midnight where the day is not known. */
export function combine(date: string | undefined, time: string | undefined): number | undefined {
  const seconds = parseTime(time);
  return seconds === undefined ? undefined : (parseDate(date) ?? 0) + seconds;
}
