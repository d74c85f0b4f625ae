import { test } from '../../fixture.ts';

/** Stands for the whole suite in the `electron` project where there is no Electron to run it on. */
test.skip('every spec, on real Electron: its binary is not on this machine', () => undefined);
