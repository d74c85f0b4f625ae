import type { KeptStep } from '../../../shared/contract.ts';
import { EngineError } from '../base/errors.ts';
import type { KeptDetails } from '../ops/kept-details.ts';
import type { KeptFileSystem } from '../store/store.ts';
import { openShell, type ShellOptions, type ShellServices } from './open-shell.ts';

export type { PseudoTerminal, TerminalSize } from '../executor/process-io.ts';

/** Shells in steps that failed, as long as their file systems are kept: until the next build of their project. */
export interface Shells {
  /** Where one can be opened, of one build or of all; those first that failed first. */
  list(buildId?: string): readonly KeptStep[];
  /** See open-shell.ts; without `step` in the one that failed first. Fails with SHELL_NOTHING_KEPT and SHELL_NO_STEP besides. */
  open(
    buildId: string,
    options: ShellOptions & { readonly step?: string | undefined },
    signal: AbortSignal,
  ): Promise<number>;
}

/** Shells over what the store keeps. */
export function createShells(services: ShellServices): Shells {
  const { kept } = services.store;
  return {
    list: (buildId) => kept.list(buildId).map(describe),
    async open(buildId, { step, ...options }, signal) {
      const all = kept.list(buildId);
      if (all.length === 0) {
        throw new EngineError('SHELL_NOTHING_KEPT', `Nothing is kept of build ${buildId}.`, {
          hint: 'What a failed command left is kept until the next build of its project.',
        });
      }
      const found = step === undefined ? all[0] : all.find((each) => each.step === step);
      if (found) return openShell(found, options, services, signal);
      throw new EngineError('SHELL_NO_STEP', `Nothing is kept of a step "${step}" of build ${buildId}.`, {
        hint: `Its failed steps are ${all.map((each) => each.step).join(', ')}.`,
      });
    },
  };
}

function describe({ buildId, step, keptAt, details }: KeptFileSystem): KeptStep {
  const { name, file, range, exitCode } = JSON.parse(details) as KeptDetails;
  return { buildId, step, name, file, range, exitCode, keptAt };
}
