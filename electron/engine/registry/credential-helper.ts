import { spawn } from 'node:child_process';
import * as v from 'valibot';
import { EngineError } from '../base/errors.ts';
import type { Credential, Environment } from './credentials.ts';

const answer = v.object({ Username: v.string(), Secret: v.string() });
const MAX_ANSWER = 64 * 1024;
const TIMEOUT = 60_000;

/** The name, if a program of the PATH may be called so. Fails with REGISTRY_CONFIG_INVALID. */
export function checkHelperName(name: string): string {
  if (/^[a-z0-9-]{1,64}$/.test(name)) return name;
  throw new EngineError('REGISTRY_CONFIG_INVALID', 'Docker’s config.json names a credential helper badly.', {
    hint: 'A helper’s name has lower-case letters, digits and "-".',
  });
}

/** Asks `docker-credential-NAME get`; undefined where it knows none. Fails with REGISTRY_HELPER_FAILED. */
export async function callHelper(
  name: string,
  server: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<Credential | undefined> {
  const { code, output } = await runHelper(name, 'get', server, environment, signal);
  if (code !== 0) {
    if (output.includes('credentials not found')) return undefined;
    throw failed(name, `ended with code ${code}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    throw failed(name, 'did not answer JSON');
  }
  const result = v.safeParse(answer, value);
  if (!result.success) throw failed(name, 'did not answer a user name and a secret');
  return { username: result.output.Username, password: result.output.Secret };
}

/** Has the helper keep (`store`) or forget (`erase`) a password. Fails with REGISTRY_HELPER_FAILED. */
export async function tellHelper(
  name: string,
  order: 'store' | 'erase',
  input: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<void> {
  const { code } = await runHelper(name, order, input, environment, signal);
  if (code !== 0) throw failed(name, `ended with code ${code}`);
}

function runHelper(
  name: string,
  order: string,
  input: string,
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, [order], {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: TIMEOUT,
      ...(signal ? { signal } : {}),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (output.length > MAX_ANSWER) child.kill();
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? failed(name, 'is not installed') : error),
    );
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function failed(name: string, says: string): EngineError {
  return new EngineError(
    'REGISTRY_HELPER_FAILED',
    `The credential helper docker-credential-${name} ${says}.`,
    {
      hint: 'Docker’s config.json names it; see credHelpers and credsStore there.',
    },
  );
}
