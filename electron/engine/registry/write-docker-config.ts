import { randomBytes } from 'node:crypto';
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { configPath, type DockerConfig, type Environment } from './credentials.ts';

/** Replaces Docker's config.json as a whole, for its owner's eyes alone; a link to the file stays one. */
export async function writeDockerConfig(environment: Environment, config: DockerConfig): Promise<void> {
  const named = configPath(environment);
  await mkdir(dirname(named), { recursive: true, mode: 0o700 });
  const path = await realpath(named).catch(() => named);
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(fresh, `${JSON.stringify(config, null, '\t')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
