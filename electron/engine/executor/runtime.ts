import { findProgram } from '../base/programs.ts';
import { toolMissing } from './tool-missing.ts';

/** An OCI runtime of this machine. */
export interface Runtime {
  readonly name: 'crun' | 'runc';
  readonly path: string;
}

/** crun where it is installed, for it starts faster and follows fewer links than old versions of runc; else runc. */
export async function findRuntime(): Promise<Runtime | undefined> {
  for (const name of ['crun', 'runc'] as const) {
    const path = await findProgram(name);
    if (path !== undefined) return { name, path };
  }
  return undefined;
}

/** The same; fails with RUN_TOOL_MISSING where there is neither. */
export async function needRuntime(): Promise<Runtime> {
  const runtime = await findRuntime();
  if (!runtime) throw toolMissing('crun', 'crun');
  return runtime;
}
