import { displayText, familiarReference, formatCount, shortId } from './format.ts';
import type {
  FileAspect,
  FileChange,
  FileChanges,
  ImageName,
  MissCause,
  SettingChange,
  VariableChange,
} from './miss-reason.ts';

/** How the reasons of misses are said, the same in the window and in the terminal. All text from outside comes out on one line, made safe. */

/** Names a step to people, by its id: `step 3 of builder`. */
export type PlaceOf = (step: string) => string;

/** Why, as a clause that a sentence can begin or end with: `src/app.ts changed`. A kind that a newer version wrote is said in general. */
export function causeWords(cause: MissCause, placeOf: PlaceOf): string {
  switch (cause.kind) {
    case 'new':
      return 'it was not built before';
    case 'unfinished':
      return 'it did not end well the last time';
    case 'removed':
      return `clean-up removed its result on ${dateOf(cause.at)}`;
    case 'lost':
      return 'its result is gone from the store, or damaged';
    case 'no-cache':
      return 'the build was told not to use the cache';
    case 'no-cache-filter':
      return `the build was told not to use the cache for ${name(cause.stage)}`;
    case 'version':
      return 'its result was made by another version of Slipway';
    case 'instruction':
      return 'the instruction changed';
    case 'platform':
      return `the platform changed, ${change(cause)}`;
    case 'base':
      return imageWords('the base image', cause);
    case 'flags':
    case 'settings':
      return list(cause.changes, settingWords, 0);
    case 'variables':
      return list(cause.changes, variableWords, cause.more);
    case 'files':
      return filesWords(cause);
    case 'ignore-file':
      return `${name(cause.file)} changed: ${countWords(cause)}`;
    case 'stage': {
      const by = cause.step === undefined ? `stage ${name(cause.stage)}` : placeOf(cause.step);
      return `${by} made something else${cause.changes.length > 0 ? `: ${filesWords(cause)}` : ''}`;
    }
    case 'image':
      return imageWords('the image that it copies from', cause);
    case 'earlier-step':
      return earlierWords(cause, placeOf);
    case 'removed-step':
      return `an instruction above is gone: ${displayText(firstLine(cause.text), 200)}`;
    case 'below':
      return 'what it builds on is different';
    default:
      return 'something that it depends on changed';
  }
}

function earlierWords({ step, how }: Extract<MissCause, { kind: 'earlier-step' }>, placeOf: PlaceOf): string {
  const place = placeOf(step);
  switch (how) {
    case 'restored':
      return `${place} has an older result again`;
    case 'added':
      return `${place} was not above it before`;
    case 'moved':
      return `${place} was above it before`;
    case 'unknown':
      return `${place} will run`;
    default:
      return `${place} was rebuilt`;
  }
}

/** One of the lines under a cause: a file or a variable, with a mark that tells without colour what became of it. */
export interface DetailLine {
  readonly mark: '+' | '-' | '~';
  /** The mark in words. */
  readonly word: 'added' | 'removed' | 'changed';
  readonly text: string;
}

/** What a cause lists, line by line; for an instruction its text then and now. Empty where the words have said it all. */
export function causeDetails(cause: MissCause): readonly DetailLine[] {
  switch (cause.kind) {
    case 'instruction':
      return [
        ...cause.before.split('\n').map((text) => line('-', text)),
        ...cause.after.split('\n').map((text) => line('+', text)),
      ];
    case 'files':
    case 'ignore-file':
    case 'stage':
    case 'image':
      return cause.changes.map(fileLine);
    case 'variables':
      return cause.changes.length > 1
        ? cause.changes.map((each) => line(VARIABLE_MARKS[each.change] ?? '~', variableWords(each)))
        : [];
    default:
      return [];
  }
}

/** How many more files than {@link causeDetails} lists have changed. */
export function moreFiles(cause: MissCause): number {
  return 'added' in cause ? cause.more : 0;
}

const VARIABLE_MARKS = { added: '+', removed: '-', changed: '~' } as const;
const WORDS = { '+': 'added', '-': 'removed', '~': 'changed' } as const;

function line(mark: DetailLine['mark'], text: string): DetailLine {
  return { mark, word: WORDS[mark], text: displayText(text) };
}

function fileLine(file: FileChange): DetailLine {
  const mark = file.what.includes('added') ? '+' : file.what.includes('removed') ? '-' : '~';
  const aspects = mark === '~' && !(file.what.length === 1 && file.what[0] === 'content');
  return line(mark, `${file.path}${aspects ? ` (${aspectWords(file)})` : ''}`);
}

const ASPECTS: Readonly<Record<FileAspect, string>> = {
  added: 'added',
  removed: 'removed',
  content: 'content',
  mode: 'mode',
  owner: 'owner',
  type: 'type',
  link: 'link target',
  device: 'device numbers',
  attributes: 'extended attributes',
};

function aspectWords(file: FileChange): string {
  const what = file.what.map((aspect) => ASPECTS[aspect] ?? 'metadata').join(', ');
  return file.before === undefined ? what : `${what} ${change(file)}`;
}

/** `src/app.ts changed`, `a.txt was added and 3 other files changed`. */
function filesWords(files: FileChanges): string {
  const [first] = files.changes;
  const all = files.changes.length + files.more;
  if (first === undefined) return 'its files changed';
  const what = first.what.includes('added')
    ? 'was added'
    : first.what.includes('removed')
      ? 'was removed'
      : first.what.includes('content') || first.what.length > 1
        ? 'changed'
        : `changed its ${aspectWords(first)}`;
  const rest = all > 1 ? `, with ${formatCount(all - 1, 'other file')}` : '';
  return `${name(first.path)} ${what}${rest}`;
}

function countWords({ changes, more, added, removed }: FileChanges): string {
  const changed = changes.length + more - added - removed;
  const parts = [
    ...(added > 0 ? [`${formatCount(added, 'file')} came`] : []),
    ...(removed > 0 ? [`${formatCount(removed, 'file')} went`] : []),
    ...(changed > 0 ? [`${formatCount(changed, 'file')} changed`] : []),
  ];
  return parts.join(', ');
}

function variableWords({ word, name: variable, change: how, secret, before, after }: VariableChange): string {
  const what = `${word} ${name(variable)}`;
  if (how === 'added') return `${what} was added${secret || after === undefined ? '' : `: ${value(after)}`}`;
  if (how === 'removed') return `${what} was removed`;
  return secret || before === undefined || after === undefined
    ? `${what} changed`
    : `${what} changed, ${change({ before, after })}`;
}

function settingWords({ name: setting, before, after }: SettingChange): string {
  if (before === undefined && after === undefined) return `${name(setting)} changed`;
  if (before === undefined) return `${name(setting)} was set, to ${value(after ?? '')}`;
  if (after === undefined) return `${name(setting)} is not set any more; it was ${value(before)}`;
  return `${name(setting)} changed, ${change({ before, after })}`;
}

function imageWords(
  what: string,
  { before, after }: { readonly before?: ImageName; readonly after?: ImageName },
): string {
  if (!before || !after) return `${what} is ${imageName(after)}, it was ${imageName(before)}`;
  if (before.reference !== after.reference)
    return `${what} changed, ${change({ before: imageName(before), after: imageName(after) })}`;
  const reference = displayText(familiarReference(after.reference), 200);
  return `${what} ${reference} moved, ${shortId(before.digest)} → ${shortId(after.digest)}`;
}

function imageName(image: ImageName | undefined): string {
  return image === undefined ? 'scratch' : displayText(familiarReference(image.reference), 200);
}

function change({ before = '', after = '' }: { readonly before?: string; readonly after?: string }): string {
  return `${value(before)} → ${value(after)}`;
}

function value(text: string): string {
  return text === '' ? '(empty)' : displayText(text, 200);
}

function name(text: string): string {
  return displayText(text, 300);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function list<Item>(items: readonly Item[], say: (item: Item) => string, more: number): string {
  const [first] = items;
  if (first === undefined) return 'something that it depends on changed';
  const rest = items.length - 1 + more;
  return `${say(first)}${rest > 0 ? `, and ${rest} more` : ''}`;
}

function dateOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 16).replace('T', ' ') : 'some day';
}
