/**
 * How many there are, in words that agree with the number: `1 chunk`, `2 chunks`; `1 of them is`, `2 of them are`.
 *
 * @param many the word or words for any other number than 1
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
