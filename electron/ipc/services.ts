import type { BuildEvent, BuildSummary, BuildTrigger, BuiltImage } from '../../shared/build-events.ts';
import type { DockerfileOutline, ImageDetail, ImageSummary } from '../../shared/contract.ts';
import type { BuildSessions } from './build-sessions.ts';
import type { Changes } from './changes.ts';
import type { ProjectsStore } from './projects-store.ts';

type Awaitable<T> = T | Promise<T>;

export interface BuildRequest {
  readonly folder: string;
  readonly dockerfile?: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly platform?: string;
  readonly trigger: BuildTrigger;
}

/** What the handlers ask of the engine. */
export interface EngineDoor {
  build(
    request: BuildRequest,
    options: { readonly onEvents: (events: readonly BuildEvent[]) => void; readonly signal?: AbortSignal },
  ): Promise<BuiltImage>;
  outline(folder: string, dockerfile?: string): Awaitable<DockerfileOutline>;
  readonly images: {
    list(): Awaitable<readonly ImageSummary[]>;
    get(id: string): Awaitable<ImageDetail>;
    tag(id: string, reference: string): Awaitable<{ readonly reference: string; readonly movedFrom?: string }>;
    untag(reference: string): Awaitable<unknown>;
    remove(id: string): Awaitable<{ readonly freed: number }>;
    load(
      path: string,
      options?: { readonly signal?: AbortSignal },
    ): Awaitable<{ readonly images: readonly string[]; readonly references: readonly string[] }>;
    save(
      id: string,
      path: string,
      format: 'oci' | 'docker',
      options?: { readonly signal?: AbortSignal },
    ): Awaitable<{ readonly path: string; readonly size: number }>;
  };
  readonly builds: {
    list(filter?: { readonly folder?: string; readonly limit?: number }): Awaitable<readonly BuildSummary[]>;
    get(id: string): Awaitable<BuildSummary | undefined>;
    events(id: string): AsyncIterable<BuildEvent>;
    remove(ids: readonly string[]): Awaitable<unknown>;
  };
  readonly store: { readonly root: string };
  close(): Awaitable<unknown>;
}

/** Native dialogs; each answers null when the person closes it. */
export interface Dialogs {
  chooseFolder(): Promise<string | null>;
  chooseArchive(): Promise<string | null>;
  chooseSavePath(suggestion: string): Promise<string | null>;
}

/** Which host the handlers run in, and what it can do. */
export interface Host {
  readonly kind: 'desktop' | 'serve';
  readonly version: string;
  readonly dialogs?: Dialogs;
}

/** Everything the handlers work with. One per running application. */
export interface Services {
  readonly engine: EngineDoor;
  readonly projects: ProjectsStore;
  readonly sessions: BuildSessions;
  readonly changes: Changes;
  readonly host: Host;
}
