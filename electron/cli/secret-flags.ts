import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecretSource } from '../engine/build/build-request.ts';
import type { SshSource } from '../engine/ops/ssh-agents.ts';
import { flagFields, flagInvalid } from './flag-fields.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `--secret id=NAME[,src=FILE|,env=VARIABLE]`, each id once. Without a source the variable called like the id counts, else the file.
 * Fails with FLAG_INVALID.
 */
export function parseSecrets(
  values: readonly string[],
  environment: Environment,
  cwd: string,
): readonly SecretSource[] {
  const secrets = values.map((value) => parseSecret(value, environment, cwd));
  refuseTwice('--secret', secrets);
  return secrets;
}

function parseSecret(text: string, environment: Environment, cwd: string): SecretSource {
  const fields = flagFields('--secret', text, ['id', 'src', 'source', 'env', 'type']);
  const type = fields.get('type')?.toLowerCase();
  if (type !== undefined && type !== 'file' && type !== 'env') {
    throw flagInvalid(`--secret type "${type}" is not known.`, 'The types are file and env.');
  }
  const path = fields.get('src') ?? fields.get('source');
  const id = fields.get('id') ?? fields.get('env') ?? '';
  if (id === '') throw flagInvalid(`--secret "${text}" has no id.`, 'Write --secret id=NAME,src=FILE.');
  if (path !== undefined && (fields.has('env') || (fields.has('src') && fields.has('source')))) {
    throw flagInvalid(`--secret "${id}" has two sources.`, 'Keep one of src and env.');
  }
  // With type=env docker takes what stands in src for the name of a variable.
  const name = fields.get('env') ?? (type === 'env' ? (path ?? id) : undefined);
  if (name !== undefined) return fromVariable(id, name, environment);
  if (path !== undefined) return { id, path: resolve(cwd, path) };
  if (type === undefined && environment[id] !== undefined) return fromVariable(id, id, environment);
  if (existsSync(resolve(cwd, id))) return { id, path: resolve(cwd, id) };
  throw flagInvalid(
    `--secret "${id}" says neither a file nor a variable, and there is none of that name.`,
    `Write --secret id=${id},src=FILE or --secret id=${id},env=VARIABLE.`,
  );
}

function fromVariable(id: string, name: string, environment: Environment): SecretSource {
  const value = environment[name];
  if (value !== undefined) return { id, value };
  throw flagInvalid(`--secret "${id}" is to come from the variable ${name}, which is not set.`);
}

/**
 * `--ssh default|ID[=SOCKET|KEY[,KEY…]]`, each id once; without paths the agent of $SSH_AUTH_SOCK. Fails with FLAG_INVALID.
 */
export function parseSsh(
  values: readonly string[],
  environment: Environment,
  cwd: string,
): readonly SshSource[] {
  const sources = values.map((value): SshSource => {
    const equals = value.indexOf('=');
    const id = equals < 0 ? value : value.slice(0, equals);
    if (id === '')
      throw flagInvalid(`--ssh "${value}" has no id.`, 'Write --ssh default, or --ssh ID=SOCKET.');
    const written = equals < 0 ? '' : value.slice(equals + 1);
    const paths = written === '' ? [environment['SSH_AUTH_SOCK'] ?? ''] : written.split(',');
    if (paths.includes('')) {
      throw flagInvalid(
        written === ''
          ? `--ssh "${id}" means your agent, and SSH_AUTH_SOCK does not say where it is.`
          : `--ssh "${value}" has an empty path.`,
        written === '' ? 'Start one with eval $(ssh-agent), or name keys: --ssh ID=FILE.' : undefined,
      );
    }
    return { id, paths: paths.map((path) => resolve(cwd, path)) };
  });
  refuseTwice('--ssh', sources);
  return sources;
}

function refuseTwice(flag: string, sources: readonly { readonly id: string }[]): void {
  const ids = sources.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw flagInvalid(`${flag} gives "${twice}" twice.`);
}
