import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before the program (`node --import`): writes the longest time in ms that its main thread's event loop was late
 * to the file named in LOOP_HOLD_REPORT when it ends. Loading the program is part of it.
 */
const RESOLUTION_MS = 5;

const report = process.env['LOOP_HOLD_REPORT'];
if (isMainThread && report !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on('exit', () => writeFileSync(report, String(Math.max(0, delay.max / 1e6 - RESOLUTION_MS))));
}
