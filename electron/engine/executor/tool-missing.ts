import { EngineError } from '../base/errors.ts';

/** What to say where a program that RUN needs is not installed. */
export function toolMissing(command: string, packageName: string): EngineError {
  return new EngineError('RUN_TOOL_MISSING', `RUN needs the program ${command}, which is not installed.`, {
    hint: `On Debian or Ubuntu: sudo apt-get install ${packageName}`,
  });
}
