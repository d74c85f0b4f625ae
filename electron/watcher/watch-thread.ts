import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { watch } from 'chokidar';
import type { PathChange } from '../engine/context/apply-changes.ts';
import type { WatchCommand, WatchMessage, WatchThreadData } from './watch-messages.ts';
import { watchPlan } from './watch-plan.ts';

/**
 * The entry of a thread that watches one project with chokidar. A thread of its own: subscribing to a large tree takes
 * seconds. chokidar keeps the subscriptions to all folders in step with the tree; what changed in a folder is taken from the
 * system's own events, which also tell of modes, and files need not be kept track of.
 */
const port = parentPort;
if (!port) throw new Error('watch-thread.ts is the entry of a thread.');
const { files, polling } = workerData as WatchThreadData;
const plan = watchPlan(files);
const say = (message: WatchMessage): void => port.postMessage(message);

/** Messages are gathered for so long. */
const GATHER_MS = 10;
const REPLACEMENT = '\ufffd';

/**
 * The system drops events without a word when its queue is full. A queue that was full brings more than this at once;
 * above 10,000 looking at all is cheaper anyway.
 */
const MOST_EVENTS = Math.min(10_000, Math.floor(queueLength() / 2));

let paths = new Map<string, PathChange>();
let everything = false;
let control = false;
let heard = 0;
let gathering = false;

function gather(): void {
  if (gathering) return;
  gathering = true;
  setTimeout(tell, GATHER_MS);
}

function tell(): void {
  if (gathering) {
    gathering = false;
    const storm = heard > MOST_EVENTS;
    say({ kind: 'changes', paths: storm ? [] : [...paths], everything: everything || storm, control, storm });
    paths = new Map();
    everything = control = false;
  }
}

function changed(path: string, change: PathChange): void {
  heard++;
  if (plan.isControl(path)) control = true;
  else if (plan.ignores(path)) return;
  const inside = plan.relative(path);
  if (inside !== undefined && heard <= MOST_EVENTS && paths.get(inside) !== 'below')
    paths.set(inside, change);
  gather();
}

/** Names that are not UTF-8 come garbled: then the folder is looked through. */
function named(folder: string, name: string | null, change: PathChange): void {
  if (name === null) {
    everything = true;
    gather();
  } else if (name.includes(REPLACEMENT)) changed(folder, 'below');
  else changed(join(folder, name), change);
}

const watcher = watch([...plan.folders], {
  followSymlinks: false,
  ignoreInitial: true,
  // Else it would hide files that look like an editor's, which are as much a part of the context as others.
  atomic: false,
  ignorePermissionErrors: false,
  backend: polling === undefined ? 'native' : 'polling',
  ...(polling === undefined ? {} : { pollingInterval: polling, pollingBinaryInterval: polling }),
  ignored: (path, stats) => {
    const isFile = stats !== undefined && !stats.isDirectory();
    return (isFile && polling === undefined) || plan.ignores(path, isFile);
  },
});

watcher.on('ready', () => say({ kind: 'ready' }));
watcher.on('raw', (event, name, details) => {
  const { watchedPath } = details as { readonly watchedPath?: string };
  if (polling !== undefined || watchedPath === undefined) return;
  // What a folder says of itself, as it goes or is moved, its parent says as well.
  if (name === basename(watchedPath) && watchedPath === files.root) return;
  named(watchedPath, name, event === 'rename' ? 'below' : 'entry');
});
watcher.on('all', (event, path) => {
  if (path === files.root && event === 'unlinkDir') say({ kind: 'gone' });
  if (polling !== undefined || path === files.root) {
    // Polling does not see every change of a file; where it sees one, all is looked at.
    if (!plan.ignores(path)) everything = true;
    if (plan.isControl(path)) control = true;
    heard++;
    gather();
  } else changed(path, 'below');
});
watcher.on('error', (error) => {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  say({ kind: 'failed', code, message });
});
port.on('message', ({ kind }: WatchCommand) => {
  if (kind === 'taken') heard = 0;
  // By the turn after the next whatever the system had to tell has been told.
  else setImmediate(() => setImmediate(() => (tell(), say({ kind: 'synced' }))));
});

function queueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || Infinity;
  } catch {
    return Infinity;
  }
}
