import { digestOf, hexOf } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { Identity } from '../base/identity.ts';
import type { BundleFile } from '../executor/bundle.ts';
import type { SecretMount } from './definition.ts';
import { mountOwner } from './mount-owner.ts';
import type { OperationContext } from './operation.ts';
import { NOTHING_MADE, type MadeMounts, type PreparedMounts } from './run-mount.ts';

/**
 * A secret as a file that lies in memory, or as a variable. Its value is in no key. A secret that the build was not given is left
 * out, unless it is required. Fails with RUN_SECRET_MISSING and RUN_SECRET_NOT_TEXT.
 */
export function prepareSecret(mount: SecretMount, context: OperationContext): PreparedMounts {
  return {
    options: [mount],
    parts: [],
    inputs: [],
    make: async () => makeSecret(mount, context.resources.secrets, await context.executor.identity()),
  };
}

function makeSecret(
  mount: SecretMount,
  secrets: ReadonlyMap<string, Uint8Array>,
  identity: Identity,
): MadeMounts {
  const { id, target, env, mode } = mount;
  const data = secrets.get(id);
  if (data === undefined) {
    if (!mount.required) return NOTHING_MADE;
    throw new EngineError(
      'RUN_SECRET_MISSING',
      `The secret "${id}" is required, and this build was not given it.`,
      {
        hint: `Give it with --secret id=${id},src=FILE or --secret id=${id},env=NAME.`,
      },
    );
  }
  return {
    ...(target === undefined
      ? NOTHING_MADE
      : asFile(target, { data, mode, ...mountOwner(mount, target, identity) })),
    ...(env === undefined ? {} : { env: [`${env}=${textOf(id, data)}`] }),
  };
}

function asFile(target: string, file: Omit<BundleFile, 'name'>): MadeMounts {
  // Targets differ, and a digest is no path.
  const name = `secret-${hexOf(digestOf(target))}`;
  return { mounts: [{ kind: 'bundle', name, target }], files: [{ name, ...file }] };
}

function textOf(id: string, data: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
    if (!text.includes('\0')) return text;
  } catch {
    // Said below.
  }
  throw new EngineError(
    'RUN_SECRET_NOT_TEXT',
    `The secret "${id}" is not text, so no variable can hold it.`,
    {
      hint: 'Mount it as a file, with target= instead of env=.',
    },
  );
}
