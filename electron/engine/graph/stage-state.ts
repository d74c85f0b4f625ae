import type { RunConfig, Platform } from '../image/oci.ts';
import type { OperationDefinition } from '../ops/definition.ts';
import type { SourceRange } from '../../../shared/source-range.ts';
import type { PlannedHistory, StageBase, WrittenStep } from './build-graph.ts';

/** A step without what only the whole stage knows: its number, and its place among the others. */
export interface DraftStep {
  readonly id: string;
  readonly instruction: string;
  readonly name: string;
  readonly range: SourceRange;
  readonly written: WrittenStep;
  readonly definition: OperationDefinition;
  readonly previous?: string;
  readonly needs: readonly string[];
}

/** What a stage has become after the instructions so far. A stage that continues another starts from a copy of its state. */
export interface StageState {
  readonly index: number;
  readonly base: StageBase;
  readonly platform: Platform;
  config: RunConfig;
  author: string | undefined;
  /**
   * Variables for expansion and RUN, in order of declaration: ENV and ARG alike, the later one wins (BuildKit's rule).
   * The image's own environment is in `config.Env`.
   */
  readonly variables: Map<string, string>;
  /** ARGs declared so far, in order; RUN shows them in its history line. */
  readonly declaredArgs: Map<string, string | undefined>;
  /** Whether CMD was set in this very stage: ENTRYPOINT otherwise clears an inherited one. */
  cmdSet: boolean;
  readonly history: PlannedHistory[];
  readonly steps: DraftStep[];
  readonly reads: Set<number>;
  tip: string | undefined;
}
