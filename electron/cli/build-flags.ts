import { resolve } from 'node:path';
import { EngineError } from '../engine/base/errors.ts';
import type { BuildOutput } from '../engine/build/build-request.ts';

/** Flags of `docker build` and `docker buildx build` that this version refuses by name rather than ignoring. */
export const REFUSED_FLAGS: readonly string[] = [
  ...['--annotation', '--attest', '--builder', '--cache-from', '--cache-to', '--call'],
  ...['--cgroup-parent', '--check', '--compress', '--disable-content-trust', '--force-rm', '--isolation'],
  ...['--policy', '--provenance', '--push', '--rm', '--sbom', '--security-opt', '--squash'],
];

/** Stops with one sentence at the first flag among `words` that this version does not support. */
export function refuseFlags(words: readonly string[]): void {
  for (const word of words) {
    if (word === '--') return;
    const flag = word.split('=', 1)[0]!;
    if (REFUSED_FLAGS.includes(flag)) {
      throw new EngineError('FLAG_UNSUPPORTED', `This version of Slipway does not support ${flag}.`, {
        hint: 'See "slipway build --help" for the flags it knows.',
      });
    }
  }
}

/** `K=V` pairs of a repeatable flag; `K` alone takes the value from the environment, and is dropped where that has none. */
export function parsePairs(
  flag: string,
  values: readonly string[],
  environment?: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const value of values) {
    const at = value.indexOf('=');
    const key = at < 0 ? value : value.slice(0, at);
    if (key.trim() === '') {
      throw new EngineError('FLAG_INVALID', `${flag} "${value}" has no name before the "=".`, {
        hint: `Write ${flag} NAME=VALUE.`,
      });
    }
    if (at >= 0) pairs[key] = value.slice(at + 1);
    else if (!environment) pairs[key] = '';
    else if (environment[key] !== undefined) pairs[key] = environment[key];
  }
  return pairs;
}

const OUTPUT_TYPES = ['oci', 'docker', 'tar', 'local'] as const;

/** `-o type=oci,dest=image.tar`; a bare path is a folder, and `-` a tar on standard output. */
export function parseOutput(text: string, cwd: string): BuildOutput {
  if (text === '-') return { type: 'tar', destination: '-' };
  if (!text.includes('=')) return { type: 'local', destination: resolve(cwd, text) };
  const fields = new Map(
    text.split(',').map((field) => {
      const at = field.indexOf('=');
      return at < 0
        ? ([field, ''] as const)
        : ([field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)] as const);
    }),
  );
  const type = fields.get('type') ?? '';
  const known = OUTPUT_TYPES.find((candidate) => candidate === type);
  const unknown = [...fields.keys()].find((key) => key !== 'type' && key !== 'dest');
  if (unknown !== undefined) {
    throw new EngineError('FLAG_INVALID', `--output does not know "${unknown}".`, {
      hint: 'It knows type and dest.',
    });
  }
  if (type === '') {
    throw new EngineError('FLAG_INVALID', `--output "${text}" has no type.`, {
      hint: `The types are ${OUTPUT_TYPES.join(', ')}.`,
    });
  }
  if (!known) {
    throw new EngineError('FLAG_INVALID', `--output type "${type}" is not known.`, {
      hint: `The types are ${OUTPUT_TYPES.join(', ')}.`,
    });
  }
  const destination = fields.get('dest') ?? '';
  if (destination === '' || (destination === '-' && known === 'local')) {
    throw new EngineError('FLAG_INVALID', `--output type=${known} needs dest=PATH.`);
  }
  return { type: known, destination: destination === '-' ? '-' : resolve(cwd, destination) };
}

/** The context argument: only folders so far; what else docker takes is refused by name. */
export function checkContext(text: string): string {
  if (text === '') {
    throw new EngineError('CONTEXT_NOT_FOUND', 'The name of the build context is empty.', {
      hint: 'Write . for the folder you are in.',
    });
  }
  const unsupported =
    text === '-'
      ? 'A context from standard input'
      : /^(https?|git|ssh):\/\//i.test(text) || /^git@|^github\.com\//.test(text)
        ? `A context from ${text.replace(/\/\/[^@/]*@/, '//')}`
        : undefined;
  if (unsupported === undefined) return text;
  throw new EngineError('CONTEXT_UNSUPPORTED', `${unsupported} is not supported by this version.`, {
    hint: 'Give a folder.',
  });
}
