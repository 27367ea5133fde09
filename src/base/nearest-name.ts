/** The name that a mistyped one was probably meant to be; undefined where none is similar. */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  const word = typed.toLowerCase();
  let nearest: string | undefined;
  // A third of the letters may differ; in short words one.
  let distance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const tried = editDistance(word, name.toLowerCase());
    if (tried < distance) {
      nearest = name;
      distance = tried;
    }
  }
  return nearest;
}

/** How many letters to insert, remove, replace, or swap with their neighbour (Damerau and Levenshtein). */
function editDistance(one: string, other: string): number {
  let beforePrevious: readonly number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (let column = 0; column < other.length; column++) {
      const replaced = (previous[column] ?? 0) + (letter === other[column] ? 0 : 1);
      const isSwapped = letter === other[column - 1] && one[row - 1] === other[column];
      const swapped = isSwapped ? (beforePrevious[column - 1] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(replaced, swapped, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[other.length] ?? 0;
}
