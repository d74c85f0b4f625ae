import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeName } from '../../../electron/engine/base/byte-path.ts';

/** Runs a command and answers what it prints; bytes that are no UTF-8 come as base/byte-path.ts has them. */
export async function run(command: string, ...args: string[]): Promise<string> {
  const options = { maxBuffer: 256 * 1024 * 1024, encoding: 'buffer' } as const;
  const { stdout } = await promisify(execFile)(command, args, options);
  return decodeName(stdout);
}
