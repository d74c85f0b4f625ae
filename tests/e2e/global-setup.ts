import { ensureBuilt } from '../../build/setup.mjs';
import { electronBinary } from './support/electron-host.ts';

/** The suite runs what is shipped: out/ is brought up to date first. */
export default function globalSetup(): void {
  ensureBuilt();
  if (electronBinary() === undefined) {
    console.log('Electron’s binary is not on this machine: the project "electron" is skipped.');
  }
}
