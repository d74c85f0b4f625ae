import type { Engine } from '../engine/engine.ts';
import type { BuildSessions } from './build-sessions.ts';
import type { Changes } from './changes.ts';
import type { ProjectsStore } from './projects-store.ts';
import type { ShellSessions } from './shell-sessions.ts';
import type { Watches } from './watches.ts';

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
  readonly engine: Engine;
  readonly projects: ProjectsStore;
  readonly sessions: BuildSessions;
  readonly shells: ShellSessions;
  readonly watches: Watches;
  readonly changes: Changes;
  readonly host: Host;
}
