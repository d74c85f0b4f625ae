import { createEngine } from '../../electron/engine/engine.ts';

/**
 * A process of its own that builds the folder into the store and says how much its commands printed and how large it grew, so
 * that its memory can be measured: `node flooded-engine.ts STORE FOLDER`.
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
await engine.close();
// In KiB, the most it ever was.
const grown = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ printed, grown }));
