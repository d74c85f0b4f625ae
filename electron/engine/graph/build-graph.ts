import type { SourceRange } from '../../../shared/source-range.ts';
import type { Digest } from '../base/digest.ts';
import type { HistoryEntry, ImageConfig, Platform, RunConfig } from '../image/oci.ts';
import type { Layer } from '../layer/layer.ts';
import type { OperationDefinition } from '../ops/definition.ts';
import type { LayoutImage } from './named-context.ts';

/**
 * The build graph: every stage the target needs, every step in it fully expanded, and the config and history its image
 * will have. Pure data made before anything runs; the solver walks it.
 */
export interface BuildGraph {
  /** All stages of the Dockerfile, in order; those the target does not need have no steps. */
  readonly stages: readonly GraphStage[];
  /** Steps of the needed stages, in the order of the Dockerfile. */
  readonly steps: readonly GraphStep[];
  readonly target: GraphStage;
  /** Build arguments that were given but that no needed instruction declares, sorted. */
  readonly unusedBuildArgs: readonly string[];
}

export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'image'; readonly image: ResolvedImage };

export interface GraphStage {
  readonly index: number;
  readonly name?: string;
  /** What FROM names, expanded. */
  readonly baseName: string;
  readonly base?: StageBase;
  readonly needed: boolean;
  readonly range: SourceRange;
  /** Stages that COPY --from and mounts read. */
  readonly reads: readonly number[];
  readonly steps: readonly GraphStep[];
  /** Id of the step whose result is the stage's root filesystem; undefined where that is empty. */
  readonly tip?: string;
  readonly platform: Platform;
  readonly config: RunConfig;
  readonly author?: string;
  readonly history: readonly PlannedHistory[];
}

export interface GraphStep {
  readonly id: string;
  readonly stage: number;
  readonly number: number;
  readonly total: number;
  readonly instruction: string;
  /** One line, variables expanded. */
  readonly name: string;
  readonly range: SourceRange;
  readonly written: WrittenStep;
  readonly definition: OperationDefinition;
  /** The step whose result this one builds on; undefined on an empty root filesystem. */
  readonly previous?: string;
  readonly needs: readonly string[];
  /** Names the step across builds of one Dockerfile: stage and position. */
  readonly position: string;
}

/** A step as the Dockerfile has it; for explaining misses. */
export interface WrittenStep {
  /** The instruction as written, its heredocs below it. */
  readonly source: string;
  /** The variables that its words name, with their values. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of the ARGs declared so far. */
  readonly args: readonly string[];
}

/** A line of the image's history: already complete, from a base image, or waiting for its step's layer and time. */
export type PlannedHistory =
  | { readonly kind: 'inherited'; readonly entry: HistoryEntry }
  | { readonly kind: 'metadata'; readonly createdBy: string }
  | { readonly kind: 'step'; readonly createdBy: string; readonly step: string };

/** An image another one is built from, as found in the store. */
export interface ResolvedImage {
  /** Full reference as asked for. */
  readonly reference: string;
  readonly manifest: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly Layer[];
}

/** An image the graph needs to know before it can be finished. */
export interface ImageRequest {
  /** Full reference. */
  readonly reference: string;
  readonly platform: Platform;
  /** Whether FROM --platform asked for exactly this platform. */
  readonly platformIsExplicit: boolean;
  /** Where it lies, if a named context says so: then no registry is asked. */
  readonly layout?: LayoutImage;
  readonly range: SourceRange;
}

/** The key under which `images` holds the answer to a request. */
export function imageRequestKey({
  reference,
  platform,
  layout,
}: Pick<ImageRequest, 'reference' | 'platform' | 'layout'>): string {
  const { os, architecture, variant = '' } = platform;
  return `${layout ? 'layout ' : ''}${reference} ${os}/${architecture}/${variant}`;
}
