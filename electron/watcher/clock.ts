/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds from some point on. */
  now(): number;
  /** Calls `work` once, later; answers what calls that off. */
  after(milliseconds: number, work: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};
