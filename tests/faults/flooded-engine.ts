import { createEngine } from '../../electron/engine/engine.ts';
import { followLog } from '../../electron/ipc/follow-build.ts';
import { foldBuild, INITIAL_BUILD_STATE, type BuildState } from '../../shared/build-state.ts';

/**
 * A process of its own, so that its memory can be measured: `node flooded-engine.ts STORE FOLDER` builds the folder, then reads
 * the build again as a window does. Answers characters printed, characters read from the log, those that the window keeps, and
 * by how many bytes the process grew at most.
 */
const [store, folder] = process.argv.slice(2) as [string, string];
const engine = await createEngine({ store });
let printed = 0;
let before = 0;
await engine.build(
  {
    ...{ folder, tags: [], buildArgs: {}, labels: {}, noCache: false },
    trigger: { kind: 'manual' },
  },
  {
    onEvents(events) {
      for (const event of events) {
        if (event.type !== 'step.log') continue;
        if (printed === 0) before = process.memoryUsage.rss();
        printed += event.text.length;
      }
    },
  },
);
let state: BuildState = INITIAL_BUILD_STATE;
let logged = 0;
await followLog(
  engine.builds,
  engine.builds.list()[0]!.id,
  (events) => {
    for (const event of events) if (event.type === 'step.log') logged += event.text.length;
    state = foldBuild(events, state);
  },
  new AbortController().signal,
);
await engine.close();
const lines = [...state.logs.values()].flatMap((log) => log.lines);
const kept = lines.reduce((sum, { text }) => sum + text.length, 0);
// maxRSS is in KiB.
console.log(JSON.stringify({ printed, logged, kept, grown: process.resourceUsage().maxRSS * 1024 - before }));
