import type { ImageName, SettingChange, VariableChange } from '../../../shared/miss-reason.ts';
import type { KeyPart } from '../store/store.ts';
import { FLAGS_PART } from '../ops/run-sandbox.ts';
import { inheritedChanges, runFlagChanges, sandboxChanges, selectsElse } from './operation-changes.ts';
import type { ReadFacts, SolvedStep, StepFacts } from './step-facts.ts';
import { isPlatformVariable, variableChanges } from './variable-changes.ts';

/** A layer, and the step of this build that it is the result of; none where it comes with the base image. */
export interface ChainLink {
  /** Digest of its content. */
  readonly content: string;
  readonly step?: string;
}

/** A step that was not found. */
export interface MissedStep extends StepFacts {
  readonly id: string;
  readonly parts: readonly KeyPart[];
  readonly version: number;
  /** The layers it builds on, or the step that must run before they are known. */
  readonly below: readonly ChainLink[] | { readonly unsolved: string };
}

/** The same step in an earlier build, with the parts of the record it was found or written under. */
export interface EarlierStep extends SolvedStep {
  readonly parts: readonly KeyPart[];
}

/** One thing in which two keys differ, as far as the steps alone can tell. */
export type Difference =
  | { readonly kind: 'version' }
  | { readonly kind: 'instruction'; readonly before: string; readonly after: string }
  | { readonly kind: 'platform'; readonly before: string; readonly after: string }
  | { readonly kind: 'base'; readonly before?: ImageName; readonly after?: ImageName }
  | { readonly kind: 'flags' | 'settings'; readonly changes: readonly SettingChange[] }
  | { readonly kind: 'variables'; readonly changes: readonly VariableChange[] }
  /** The files of the read of this index. */
  | { readonly kind: 'files'; readonly read: number; readonly before: string; readonly after: string }
  /** The layer at this index from the bottom is the first that differs. */
  | { readonly kind: 'below'; readonly layer: number }
  | { readonly kind: 'unsolved'; readonly step: string };

/** In what two keys differ; what somebody changed at the step itself comes first, what it only inherits last. Pure. */
export function keyDifferences(now: MissedStep, earlier: EarlierStep): readonly Difference[] {
  const [op, oldOp] = [operationOf(now.parts), operationOf(earlier.parts)];
  const sameOperation = op?.value === oldOp?.value;
  const fields = { after: parse(op?.value), before: parse(oldOp?.value) };
  const readsElse = now.reads.some((read, i) => !sameSource(read, earlier.reads[i]));
  const rewritten = collapse(now.source) !== collapse(earlier.source);
  const instruction = now.source !== earlier.source && (!sameOperation || (rewritten && readsElse));
  const expanded = !sameOperation || readsElse;

  const found: Difference[] = [];
  if (now.version !== earlier.version) found.push({ kind: 'version' });
  if (instruction) found.push({ kind: 'instruction', before: earlier.source, after: now.source });
  const variables = variableChanges(now, earlier, expanded);
  const base = baseDifference(now, earlier);
  const onPlatform = variables.filter(({ name }) => isPlatformVariable(name));
  const platform =
    now.platform !== earlier.platform && (base !== undefined || onPlatform.length > 0) ? true : false;
  if (platform) found.push({ kind: 'platform', before: earlier.platform, after: now.platform });
  else if (base) found.push(base);
  const flags = [
    ...sandboxChanges(parse(flagsOf(earlier.parts)), parse(flagsOf(now.parts))),
    ...(instruction ? [] : runFlagChanges(fields.before, fields.after)),
  ];
  const hide = now.secret === true || earlier.secret === true;
  if (flags.length > 0) found.push({ kind: 'flags', changes: hide ? flags.map(namesOnly) : flags });
  const told = platform ? variables.filter((change) => !onPlatform.includes(change)) : variables;
  if (told.length > 0) found.push({ kind: 'variables', changes: told });
  if (!(selectsElse(fields.before, fields.after) || (instruction && readsElse)))
    found.push(...filesDifferences(now.parts, earlier.parts));
  const settings = inheritedChanges(fields.before, fields.after, {
    written: instruction || (expanded && variables.length > 0),
  });
  if (settings.length > 0)
    found.push({ kind: 'settings', changes: hide ? settings.map(namesOnly) : settings });
  found.push(...belowDifference(now, earlier));
  return found;
}

function namesOnly({ name }: SettingChange): SettingChange {
  return { name };
}

function operationOf(parts: readonly KeyPart[]): KeyPart | undefined {
  return parts.find(({ kind, name }) => kind === 'operation' && name !== FLAGS_PART);
}

function flagsOf(parts: readonly KeyPart[]): string | undefined {
  return parts.find(({ kind, name }) => kind === 'operation' && name === FLAGS_PART)?.value;
}

/** Empty where a record holds something else. */
function parse(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function sameSource(a: ReadFacts, b: ReadFacts | undefined): boolean {
  return a.kind === b?.kind && a.stage === b.stage && a.image?.reference === b.image?.reference;
}

/** The layers of the base image differ: it is another, or has moved. */
function baseDifference(now: MissedStep, earlier: EarlierStep): Difference | undefined {
  if (!Array.isArray(now.below) || chainOf(now.parts) === chainOf(earlier.parts)) return undefined;
  if (now.base?.digest === earlier.base?.digest) return undefined;
  const before = contents(chainOf(earlier.parts)).slice(0, earlier.baseLayers);
  const after = contents(chainOf(now.parts)).slice(0, now.baseLayers);
  if (before.join() === after.join()) return undefined;
  return {
    kind: 'base',
    ...(earlier.base ? { before: earlier.base } : {}),
    ...(now.base ? { after: now.base } : {}),
  };
}

function chainOf(parts: readonly KeyPart[]): string | undefined {
  return parts.find(({ kind }) => kind === 'base')?.value;
}

function contents(chain: string | undefined): readonly string[] {
  return chain === undefined || chain === '' ? [] : chain.split(' ');
}

function belowDifference(now: MissedStep, earlier: EarlierStep): readonly Difference[] {
  const { below } = now;
  if ('unsolved' in below) return [{ kind: 'unsolved', step: below.unsolved }];
  const [after, before] = [chainOf(now.parts), chainOf(earlier.parts)];
  if (after === undefined || before === undefined || after === before) return [];
  const layer = firstDifference(contents(after), contents(before));
  // What differs in the base image is told as such.
  if (layer < Math.max(now.baseLayers, earlier.baseLayers) && baseDifference(now, earlier)) return [];
  return [{ kind: 'below', layer }];
}

/** The index of the first that differs; the length of the shorter list where that is all there is. */
export function firstDifference(a: readonly string[], b: readonly string[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return i;
  return shorter;
}

/** Parts of both steps that name files, in order: that is the order of its reads. */
function filesDifferences(now: readonly KeyPart[], earlier: readonly KeyPart[]): readonly Difference[] {
  const [after, before] = [now, earlier].map((parts) => parts.filter(({ kind }) => kind === 'files'));
  if (after!.length !== before!.length) return [];
  return after!.flatMap((part, read) => {
    const old = before![read]!.value;
    return part.value === old ? [] : [{ kind: 'files' as const, read, before: old, after: part.value }];
  });
}
