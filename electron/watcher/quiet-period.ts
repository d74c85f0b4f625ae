import type { Clock } from './clock.ts';

/** Waits until nothing has happened for a while. */
export interface QuietPeriod {
  /** Something happened. With `patient` it is waited for however long it goes on, and a longer quiet. */
  touch(patient?: boolean): void;
  /** Forgets what happened. */
  cancel(): void;
}

export interface QuietPeriodOptions {
  readonly clock: Clock;
  /** Milliseconds without anything. */
  readonly quiet: number;
  /** Milliseconds after which it is over though more goes on. */
  readonly longest: number;
  /** The same for what is waited for patiently. */
  readonly patience: number;
  readonly onQuiet: () => void;
}

/** Calls `onQuiet` once after each series of touches. */
export function createQuietPeriod({
  clock,
  quiet,
  longest,
  patience,
  onQuiet,
}: QuietPeriodOptions): QuietPeriod {
  let since: number | undefined;
  let stop: () => void = () => undefined;

  function cancel(): void {
    stop();
    since = undefined;
  }

  return {
    cancel,
    touch(patient = false) {
      const now = clock.now();
      since ??= now;
      stop();
      stop = clock.after(patient ? patience : Math.min(quiet, Math.max(0, since + longest - now)), () => {
        cancel();
        onQuiet();
      });
    },
  };
}
