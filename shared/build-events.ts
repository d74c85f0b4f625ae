import type { ErrorPayload } from './error-payload.ts';
import type { MissReason } from './miss-reason.ts';
import type { SourceRange } from './source-range.ts';

/**
 * One append-only stream per build, modelled on BuildKit's vertex, status, log and warning (client/graph.go). Everything
 * that shows a build (window, command line, Engine API, replay of an old build) is a fold over it: build-state.ts.
 */

export type StepState = 'waiting' | 'running' | 'cached' | 'built' | 'failed' | 'skipped' | 'cancelled';

export type BuildOutcome = 'succeeded' | 'failed' | 'cancelled';

/** A stage as planned. */
export interface PlannedStage {
  readonly index: number;
  /** The name given with AS, lower-case. */
  readonly name?: string;
  /** What FROM names, expanded: `scratch`, an image reference, or an earlier stage's name. */
  readonly base: string;
  /** Index of the stage it continues, if any. */
  readonly baseStage?: number;
  /** Indexes of the stages that COPY --from and mounts read. */
  readonly reads: readonly number[];
  /** False where the target does not need it: its steps are skipped. */
  readonly needed: boolean;
  readonly range: SourceRange;
}

/** A step as planned: one per instruction that runs (FROM, COPY, ADD, WORKDIR, RUN). */
export interface PlannedStep {
  /** Unique in the build, e.g. `builder/3`. */
  readonly id: string;
  readonly stage: number;
  /** 1-based position among the stage's steps, and how many those are. */
  readonly number: number;
  readonly total: number;
  /** Instruction word, upper-case. */
  readonly instruction: string;
  /** The instruction as shown, variables expanded, one line. */
  readonly name: string;
  /** Ids of steps that must be done first. */
  readonly needs: readonly string[];
  readonly range: SourceRange;
}

export type BuildEventBody =
  | {
      readonly type: 'build.started';
      readonly buildId: string;
      readonly folder: string;
      /** As the user named it. */
      readonly dockerfile: string;
      readonly tags: readonly string[];
      readonly target?: string;
      readonly platform: string;
      readonly trigger: BuildTrigger;
    }
  /** Work before there are steps: reading the Dockerfile, walking the context. `id` as `internal/context`. */
  | { readonly type: 'task.started'; readonly id: string; readonly name: string }
  | { readonly type: 'task.finished'; readonly id: string; readonly error?: ErrorPayload }
  /** Replaces any earlier plan. The Dockerfile's text is kept so that an old build can be shown as it was. */
  | {
      readonly type: 'build.planned';
      readonly source: string;
      readonly stages: readonly PlannedStage[];
      readonly steps: readonly PlannedStep[];
    }
  | { readonly type: 'step.started'; readonly step: string }
  /** `current` of `total` (where known) of a named piece of work inside a step or task. */
  | {
      readonly type: 'progress';
      readonly step: string;
      readonly label: string;
      readonly current: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'files';
    }
  | {
      readonly type: 'step.log';
      readonly step: string;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  /** A step was looked up in the cache and not found, and why; before it ends. */
  | {
      readonly type: 'step.cache';
      readonly step: string;
      readonly hit: false;
      readonly reason: MissReason;
    }
  | {
      readonly type: 'step.finished';
      readonly step: string;
      readonly state: 'cached' | 'built' | 'failed' | 'skipped' | 'cancelled';
      /** Bytes of the layer it made or found. */
      readonly size?: number;
      readonly layer?: string;
      readonly error?: ErrorPayload;
    }
  | {
      readonly type: 'warning';
      readonly code: string;
      readonly message: string;
      readonly range?: SourceRange;
      readonly url?: string;
    }
  | {
      readonly type: 'build.finished';
      readonly outcome: BuildOutcome;
      readonly image?: BuiltImage;
      readonly error?: ErrorPayload;
    };

export type BuildEvent = BuildEventBody & {
  /** Counts from 0 within the build. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
};

export type BuildTrigger =
  | { readonly kind: 'manual' }
  | {
      readonly kind: 'watch';
      readonly files: readonly string[];
      /** How many there are, where not all are named. */
      readonly count?: number;
    };

export interface BuiltImage {
  /** Digest of the manifest. */
  readonly id: string;
  /** Digest of the config: what Docker calls the image ID. */
  readonly config: string;
  /** Full references it was tagged with. */
  readonly references: readonly string[];
  /** Bytes of all layers as stored. */
  readonly size: number;
}

/** What lists of builds show; kept in the store's database. */
export interface BuildSummary {
  readonly id: string;
  readonly folder: string;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly trigger: BuildTrigger;
  readonly outcome: BuildOutcome | 'running' | 'lost';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** Steps of the needed stages, and how many of them came from the cache. */
  readonly steps: number;
  readonly cached: number;
  readonly image?: BuiltImage;
  readonly error?: ErrorPayload;
}
