const MAX_LENGTH = 64;

/**
 * The candidate that `word` was probably meant to be, compared without case; undefined where none is near enough. One
 * slip (a letter wrong, missing, extra, or two swapped) is allowed for every three letters, and always one.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || word.length > MAX_LENGTH) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The hint that goes with {@link suggest}: `Did you mean RUN?`, with `prefix` before the word. */
export function suggestion(word: string, candidates: readonly string[], prefix = ''): string | undefined {
  const best = suggest(word, candidates);
  return best === undefined ? undefined : `Did you mean ${prefix}${best}?`;
}

/** Damerau-Levenshtein distance, each pair of neighbours swapped at most once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
