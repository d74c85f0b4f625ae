import * as v from 'valibot';
import type { BuildEvent, BuildSummary } from './build-events.ts';
import type { Prediction } from './prediction.ts';
import type { ErrorPayload } from './error-payload.ts';
import type { SourceRange } from './source-range.ts';
import type { PruneReport, StoragePolicy, StorageUsage } from './storage.ts';

/**
 * Every call between the window and the application, once. Each has a schema for its input, a type for its output and,
 * where it streams, a type for its events; both transports, the preload bridge and the renderer's client are derived from it.
 */

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const path = text(4096);
const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.:-]{1,200}$/));
const reference = text(512);
const step = text(300);
const session = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));
const pairs = v.record(text(256), text(65_536));
/** Never a relative one: the window's folder is not the engine's. */
const fullPath = v.pipe(path, v.regex(/^(\/|[A-Za-z]:[\\/])/, 'Expected a full path'));

export const BuildOptionsSchema = v.strictObject({
  /** Relative to the project's folder, or absolute. */
  dockerfile: v.optional(path),
  tags: v.optional(v.pipe(v.array(reference), v.maxLength(64))),
  target: v.optional(text(256)),
  buildArgs: v.optional(pairs),
  labels: v.optional(pairs),
  platform: v.optional(text(64)),
  noCache: v.optional(v.boolean()),
  /** What RUN --mount=type=secret may read. The files are read when a build begins, and their contents are kept nowhere. */
  secrets: v.optional(
    v.pipe(
      v.array(v.strictObject({ id: v.pipe(text(256), v.minLength(1)), file: fullPath })),
      v.maxLength(64),
    ),
  ),
  /** Whether RUN --mount=type=ssh may use the agent of whoever runs the engine. */
  ssh: v.optional(v.boolean()),
  /** Of RUNs that do not choose one. */
  network: v.optional(v.picklist(['default', 'none'])),
  /** By name: a folder (relative to the project's), `docker-image://NAME` or `oci-layout://PATH`. */
  contexts: v.optional(pairs),
});
export type BuildOptions = v.InferOutput<typeof BuildOptionsSchema>;

/** What lies at a dropped or chosen path, and so what will happen with it. */
export type DropVerdict =
  | {
      readonly kind: 'project';
      readonly folder: string;
      readonly name: string;
      readonly dockerfiles: readonly string[];
    }
  | {
      readonly kind: 'archive';
      readonly path: string;
      readonly name: string;
      readonly format: 'oci' | 'docker';
    }
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string };

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** False where the folder is gone. */
  readonly exists: boolean;
  /** Remembered from the last build; `dockerfile` and `tags` are always set. */
  readonly options: BuildOptions;
  readonly lastBuild?: BuildSummary;
}

export interface DockerfileOutline {
  readonly file: string;
  readonly stages: readonly { readonly name?: string; readonly base: string; readonly range: SourceRange }[];
  readonly args: readonly { readonly name: string; readonly default?: string; readonly range: SourceRange }[];
}

export interface ImageSummary {
  /** Digest of the manifest. */
  readonly id: string;
  /** Digest of the config: Docker's image ID. */
  readonly config: string;
  /** Full references, sorted. */
  readonly references: readonly string[];
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly platform: string;
  /** Bytes of its layers, and of those that no other image has. */
  readonly size: number;
  readonly uniqueSize: number;
  readonly layers: number;
  readonly origin: 'built' | 'loaded' | 'pulled';
  readonly buildId?: string;
}

export interface ImageHistoryRow {
  readonly createdAt?: string;
  readonly createdBy: string;
  readonly comment?: string;
  readonly emptyLayer: boolean;
  /** Of the layer, where there is one. */
  readonly diffId?: string;
  readonly size?: number;
  readonly files?: number;
}

export interface ImageDetail extends ImageSummary {
  readonly history: readonly ImageHistoryRow[];
  /** The config blob, parsed. */
  readonly configJson: unknown;
  readonly manifestJson: unknown;
}

export interface FolderListing {
  readonly path: string;
  readonly parent?: string;
  readonly entries: readonly {
    readonly name: string;
    readonly path: string;
    readonly kind: 'folder' | 'file';
    readonly hasDockerfile: boolean;
  }[];
}

export interface SystemInfo {
  readonly version: string;
  readonly host: 'desktop' | 'serve';
  readonly platform: string;
  readonly store: string;
  /** The desktop has native dialogs; serve offers `folders.list` instead. */
  readonly nativeDialogs: boolean;
}

/** What this machine can do, and what it lacks. */
export interface Check {
  /** Names the check to programs, e.g. `runtime`. */
  readonly id: string;
  /** Names it to people, e.g. `Container runtime`. */
  readonly name: string;
  /** `limited`: builds work, but not all of what they may do. */
  readonly state: 'ok' | 'limited' | 'missing';
  /** What was found, and what it means, in one sentence. */
  readonly detail: string;
  /** The one command that puts it right. */
  readonly fix?: string;
}

/** Bytes that went over the wire, and those that will. */
export interface Transfer {
  readonly current: number;
  readonly total: number;
}

/** A step whose command failed, with its file system kept until the next build of the project. */
export interface KeptStep {
  readonly buildId: string;
  /** Its id in the build, e.g. `builder/3`. */
  readonly step: string;
  /** As the build's steps are shown. */
  readonly name: string;
  /** The Dockerfile, and the instruction's place in it. */
  readonly file: string;
  readonly range: SourceRange;
  readonly exitCode: number;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
}

/** What a shell's terminal has to say: first its session, then its output as it comes. */
export type ShellEvent =
  | { readonly session: string }
  /** Text of at most 64 Ki UTF-16 units; a character never comes in two pieces, bytes that are no UTF-8 come as U+FFFD. */
  | { readonly data: string };

/** What a build that is under way does when something is saved meanwhile: it goes on to its end, or is begun anew. */
export type WhileBuilding = 'finish' | 'restart';

/** Building a project again on save. */
export interface WatchState {
  readonly projectId: string;
  /**
   * `changes`: something was saved, waiting for the end of it. `queued`: that, while a build is under way. `failed`: it
   * cannot be watched, see `error`; a build that fails is not meant.
   */
  readonly phase: 'starting' | 'watching' | 'changes' | 'building' | 'queued' | 'paused' | 'failed';
  /** What was saved, or what the build under way or the last one was for: at most 20, and how many there are. */
  readonly files: readonly string[];
  readonly fileCount: number;
  /** Counts the builds since it was switched on; 0 before the first. */
  readonly number: number;
  /** The build under way, or the last one. */
  readonly buildId?: string;
  /** What was saved last changed nothing. */
  readonly unchanged: boolean;
  readonly whileBuilding: WhileBuilding;
  /** Why changes are looked for again and again instead of being told of, and what puts it right. */
  readonly polling?: string;
  readonly error?: ErrorPayload;
}

/** What changed, so that a list reads again. */
export type Change = 'projects' | 'builds' | 'images' | 'storage';

interface Call<Output, Events = never> {
  readonly input: v.GenericSchema;
  readonly output?: Output;
  readonly events?: Events;
}
const call =
  <Output, Events = never>() =>
  <Input extends v.GenericSchema>(input: Input) =>
    ({ input }) as { readonly input: Input; readonly output?: Output; readonly events?: Events };

const none = v.strictObject({});

export const contract = {
  'system.info': call<SystemInfo>()(none),
  /** Streams what changed until the caller stops. */
  'system.changes': call<null, Change>()(none),
  /** What works on this machine; asks anew each time. */
  'system.check': call<readonly Check[]>()(none),
  /** Desktop only: a native dialog; null when it is closed. */
  'dialogs.chooseFolder': call<string | null>()(none),
  'dialogs.chooseArchive': call<string | null>()(none),
  'dialogs.chooseSavePath': call<string | null>()(v.strictObject({ suggestion: text(255) })),
  /** Serve only: folders on the machine the engine runs on. */
  'folders.list': call<FolderListing>()(v.strictObject({ path: v.optional(path) })),

  'projects.inspect': call<DropVerdict>()(v.strictObject({ path })),
  'projects.list': call<readonly Project[]>()(none),
  'projects.add': call<Project>()(v.strictObject({ folder: path, dockerfile: v.optional(path) })),
  'projects.remove': call<null>()(v.strictObject({ id })),
  'projects.setOptions': call<Project>()(v.strictObject({ id, options: BuildOptionsSchema })),
  /** Switches building on save on or off, pauses it, or says what it does while a build is under way. Null: it is off. */
  'projects.watch': call<WatchState | null>()(
    v.strictObject({
      id,
      on: v.optional(v.boolean()),
      paused: v.optional(v.boolean()),
      whileBuilding: v.optional(v.picklist(['finish', 'restart'])),
    }),
  ),
  /** Streams the state of every project that is watched, all of them each time, until the caller stops. */
  'projects.watching': call<null, readonly WatchState[]>()(none),
  /** The Dockerfiles of the project's folder, and the outline of the chosen one. Parse errors come as the call's error. */
  'projects.outline': call<DockerfileOutline>()(v.strictObject({ id, dockerfile: v.optional(path) })),

  /** Starts a build and answers at once; follow it with builds.follow. It goes on when the window closes. */
  'builds.start': call<{ readonly buildId: string }>()(
    v.strictObject({ projectId: id, options: v.optional(BuildOptionsSchema) }),
  ),
  /**
   * What `builds.start` would do now, with no event before the answer: it streams so that the caller can stop it. Nothing is built or
   * pulled.
   */
  'builds.predict': call<Prediction, never[]>()(
    v.strictObject({ projectId: id, options: v.optional(BuildOptionsSchema) }),
  ),
  'builds.cancel': call<null>()(v.strictObject({ buildId: id })),
  'builds.list': call<readonly BuildSummary[]>()(
    v.strictObject({
      projectId: v.optional(id),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
    }),
  ),
  'builds.get': call<BuildSummary>()(v.strictObject({ buildId: id })),
  /** All events from the first, in batches, live until the build ends; then answers null. */
  'builds.follow': call<null, readonly BuildEvent[]>()(v.strictObject({ buildId: id })),
  'builds.remove': call<null>()(v.strictObject({ buildIds: v.pipe(v.array(id), v.maxLength(1000)) })),

  'images.list': call<readonly ImageSummary[]>()(none),
  'images.get': call<ImageDetail>()(v.strictObject({ id })),
  /** Answers the full reference, and the image that had it before, if any. */
  'images.tag': call<{ readonly reference: string; readonly movedFrom?: string }>()(
    v.strictObject({ id, reference }),
  ),
  'images.untag': call<null>()(v.strictObject({ reference })),
  'images.remove': call<{ readonly freed: number }>()(v.strictObject({ id })),
  'images.load': call<{ readonly images: readonly string[]; readonly references: readonly string[] }>()(
    v.strictObject({ path }),
  ),
  'images.save': call<{ readonly path: string; readonly size: number }>()(
    v.strictObject({ id, path, format: v.picklist(['oci', 'docker']) }),
  ),
  /** Both stream how far they are, and stop when the caller does. Answers the full reference and the manifest's digest. */
  'images.pull': call<{ readonly reference: string; readonly id: string }, Transfer>()(
    v.strictObject({ reference, platform: v.optional(text(64)) }),
  ),
  'images.push': call<{ readonly reference: string; readonly id: string }, Transfer>()(
    v.strictObject({ reference }),
  ),

  /** What takes room in the store. */
  'storage.usage': call<StorageUsage>()(none),
  'storage.policy': call<StoragePolicy>()(none),
  /** Removes what the rules say; with `dryRun` only answers what that would be. What is in use or has a name stays. */
  'storage.prune': call<PruneReport>()(
    v.strictObject({
      /** By the settings, or everything that nothing needs. */
      what: v.picklist(['unused', 'all']),
      /** Leave out what was used in the last so many days; by default what the settings say, or nothing with `all`. */
      keepDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000))),
      dryRun: v.boolean(),
    }),
  ),

  /** The failed steps of a build in which a shell can be opened, the first to fail first; none once they are gone. */
  'debug.list': call<readonly KeptStep[]>()(v.strictObject({ buildId: id })),
  /**
   * Opens a shell in a failed step (without `step` the first to fail), in a terminal of this size, with the files as they were before the
   * command or after it. The first event is the session, which the calls below name; all others are output. Answers when the
   * shell has ended. It is killed when the caller stops, goes away or calls debug.close.
   */
  'debug.open': call<{ readonly exitCode: number }, ShellEvent>()(
    v.strictObject({
      buildId: id,
      step: v.optional(step),
      when: v.picklist(['after', 'before']),
      /** As root instead of the step's user. */
      root: v.optional(v.boolean()),
      columns: cells,
      rows: cells,
    }),
  ),
  /**
   * What was typed or pasted. Only the window that opened the session can name it: fails with SHELL_NOT_FOUND otherwise, and after its
   * end. The three calls below do nothing then.
   */
  'debug.input': call<null>()(v.strictObject({ session, data: text(65_536) })),
  /**
   * Says that the window has shown so much more of the output, in UTF-16 units of `data`. Output stops coming while more than 256 Ki
   * are not shown yet, so that a window is never sent more than it can take.
   */
  'debug.shown': call<null>()(
    v.strictObject({
      session,
      length: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16_777_216)),
    }),
  ),
  /** Programs in the terminal hear of it as of any other's new size. */
  'debug.resize': call<null>()(v.strictObject({ session, columns: cells, rows: cells })),
  /** Kills the shell with everything it started. */
  'debug.close': call<null>()(v.strictObject({ session })),
} satisfies Record<string, Call<unknown, unknown>>;

export type CallName = keyof typeof contract;
export type CallInput<N extends CallName> = v.InferInput<(typeof contract)[N]['input']>;
export type CallOutput<N extends CallName> =
  NonNullable<(typeof contract)[N]['output']> | Extract<(typeof contract)[N]['output'], null>;
export type CallEvents<N extends CallName> = NonNullable<(typeof contract)[N]['events']>;

/** Calls that stream events before they answer. */
export type StreamName = { [N in CallName]: [CallEvents<N>] extends [never] ? never : N }[CallName];

/** What the window talks to, whatever carries it. Rejections are `CallError`s made from an ErrorPayload. */
export interface Client {
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  /** Calls `onEvent` until the answer comes or `signal` fires. */
  stream<N extends StreamName>(
    name: N,
    input: CallInput<N>,
    onEvent: (event: CallEvents<N>) => void,
    signal?: AbortSignal,
  ): Promise<CallOutput<N>>;
  /** The path behind a dropped file; empty where the host cannot know it (a page in a browser). */
  pathOf(file: unknown): string;
}
