/** A step as alignment sees it. */
export interface AlignedStep {
  /** Label of its stage: the name, or the number of one without. */
  readonly stage: string;
  /** The instruction as written. */
  readonly source: string;
}

/**
 * Which step of an earlier build each step of this one is: instructions are matched by what they say, in order, so that one that
 * was put in or taken out moves nobody else. What is left over between two matched ones is paired where it is alike; an
 * instruction that moved is found by its text. Answers the index in `earlier` for each of `now`.
 */
export function alignSteps(
  now: readonly AlignedStep[],
  earlier: readonly AlignedStep[],
): readonly (number | undefined)[] {
  const found = new Array<number | undefined>(now.length).fill(undefined);
  const stages = pairStages(now, earlier);
  for (const [stage, other] of stages) {
    const mine = indexesOf(now, stage);
    const theirs = indexesOf(earlier, other);
    for (const [i, j] of alignTexts(
      mine.map((index) => now[index]!.source),
      theirs.map((index) => earlier[index]!.source),
    ))
      found[mine[i]!] = theirs[j];
  }
  findMoved(now, earlier, found);
  return found;
}

function indexesOf(steps: readonly AlignedStep[], stage: string): readonly number[] {
  return steps.flatMap((step, index) => (step.stage === stage ? [index] : []));
}

/** Stages of one name belong together; those without a name, and those whose name is new, go by the instructions they share. */
function pairStages(
  now: readonly AlignedStep[],
  earlier: readonly AlignedStep[],
): readonly (readonly [string, string])[] {
  const mine = textsByStage(now);
  const theirs = textsByStage(earlier);
  const pairs: [string, string][] = [];
  const pair = (stage: string, other: string): void => {
    pairs.push([stage, other]);
    mine.delete(stage);
    theirs.delete(other);
  };
  for (const stage of [...mine.keys()]) if (!isNumber(stage) && theirs.has(stage)) pair(stage, stage);
  const likely = [...mine].flatMap(([stage, texts]) =>
    [...theirs].map(([other, others]) => ({ stage, other, shared: shared(texts, others) })),
  );
  likely.sort((a, b) => b.shared - a.shared || Number(b.stage === b.other) - Number(a.stage === a.other));
  for (const { stage, other, shared: count } of likely)
    if ((count > 0 || stage === other) && mine.has(stage) && theirs.has(other)) pair(stage, other);
  return pairs;
}

function textsByStage(steps: readonly AlignedStep[]): Map<string, Set<string>> {
  const stages = new Map<string, Set<string>>();
  for (const { stage, source } of steps) {
    const texts = stages.get(stage);
    if (texts) texts.add(source);
    else stages.set(stage, new Set([source]));
  }
  return stages;
}

function shared(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let count = 0;
  for (const text of a) if (b.has(text)) count++;
  return count;
}

function isNumber(label: string): boolean {
  return /^\d+$/.test(label);
}

/** The cheapest way from one list to the other: an equal text costs nothing, one put in or taken out 1, one changed between. */
function alignTexts(
  now: readonly string[],
  earlier: readonly string[],
): readonly (readonly [number, number])[] {
  const mine = now.map(wordsOf);
  const theirs = earlier.map(wordsOf);
  const change = (i: number, j: number): number =>
    now[i] === earlier[j] ? 0 : changeCost(mine[i]!, theirs[j]!);
  const costs: number[][] = [Array.from({ length: earlier.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= now.length; i++) {
    const above = costs[i - 1]!;
    const row = [i];
    for (let j = 1; j <= earlier.length; j++)
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change(i - 1, j - 1)));
    costs.push(row);
  }
  const pairs: (readonly [number, number])[] = [];
  for (let [i, j] = [now.length, earlier.length]; i > 0 && j > 0;) {
    const cost = costs[i]![j]!;
    if (cost === costs[i - 1]![j - 1]! + change(i - 1, j - 1)) pairs.push([--i, --j]);
    else if (cost === costs[i - 1]![j]! + 1) i--;
    else j--;
  }
  return pairs;
}

/** Always less than taking one out and putting another in. */
function changeCost(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const alike = (2 * shared(a, b)) / (a.size + b.size);
  return 1.9 - alike;
}

const LONGEST = 2_000;

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.slice(0, LONGEST).split(/[\s/]+/));
}

function findMoved(
  now: readonly AlignedStep[],
  earlier: readonly AlignedStep[],
  found: (number | undefined)[],
): void {
  const taken = new Set(found);
  for (const [index, { source }] of now.entries()) {
    const at = found[index];
    if (at !== undefined && earlier[at]!.source === source) continue;
    const moved = earlier.findIndex((step, other) => !taken.has(other) && step.source === source);
    if (moved < 0) continue;
    taken.add(moved);
    found[index] = moved;
  }
}
