import { ensureBuilt } from '../../build/setup.mjs';

/** The suite runs what is shipped: out/ is brought up to date first. */
export default function globalSetup(): void {
  ensureBuilt();
}
