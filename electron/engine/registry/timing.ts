import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../base/errors.ts';

/** How long to wait, in milliseconds. */
export interface Timing {
  /** For an answer to begin, or for the next bytes of a body that is sent to be taken. */
  readonly answer: number;
  /** For the next bytes of a body that comes. */
  readonly idle: number;
  /** Before asking again; doubled each time. */
  readonly backOff: number;
}

export const DEFAULT_TIMING: Timing = { answer: 30_000, idle: 30_000, backOff: 500 };

/** How often something is tried again. */
export const RETRIES = 3;
const MAX_WAIT = 30_000;

/**
 * How many milliseconds to wait before the next try: twice as long each time, and up to half more at random, so that many
 * clients do not come back at once; as long as the registry asks for (RFC 9110, 10.2.3), but half a minute at most.
 */
export function waitBefore(
  retry: number,
  timing: Timing,
  retryAfter: string | undefined,
  now: number,
  random: number,
): number {
  const own = timing.backOff * 2 ** retry * (1 + random / 2);
  const seconds = Number(retryAfter ?? 0);
  const asked = Number.isNaN(seconds) ? Date.parse(retryAfter!) - now : seconds * 1000;
  return Math.min(Math.max(own, Number.isFinite(asked) ? asked : 0), MAX_WAIT);
}

/** Waits before the next try after `error`; see {@link waitBefore}. */
export async function pause(
  timing: Timing,
  retry: number,
  error: unknown,
  signal?: AbortSignal,
): Promise<void> {
  const cause = error instanceof EngineError ? error.cause : undefined;
  const asked = typeof cause === 'string' ? cause : undefined;
  const wait = waitBefore(retry, timing, asked, Date.now(), Math.random());
  await sleep(wait, undefined, signal ? { signal } : {});
}
