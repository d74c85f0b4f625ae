import { basename } from 'node:path';
import type { Project } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import { inspectDrop } from './inspect-drop.ts';
import { folderExists, type StoredProject } from './projects-store.ts';
import type { Section } from './router.ts';
import type { Services } from './services.ts';
import type { watchHandlers } from './watch-handlers.ts';

/** `projects.*`: the folders a person builds, and the options remembered for each. */
export function projectsHandlers(
  services: Services,
): Omit<Section<'projects'>, keyof ReturnType<typeof watchHandlers>> {
  const { engine, projects, changes, watches } = services;

  const describe = async ({ id, folder, options }: StoredProject): Promise<Project> => {
    const [exists, [lastBuild]] = await Promise.all([
      folderExists(folder),
      engine.builds.list({ folder, limit: 1 }),
    ]);
    return {
      id,
      name: basename(folder) || folder,
      folder,
      exists,
      options,
      ...(lastBuild ? { lastBuild } : {}),
    };
  };

  return {
    'projects.inspect': ({ path }) => inspectDrop(path),
    'projects.list': async () => Promise.all((await projects.list()).map(describe)),
    'projects.add': async ({ folder, dockerfile }) =>
      describe(await addProject(services, folder, dockerfile)),
    'projects.remove': async ({ id }) => {
      await projects.remove(id);
      await watches.stop(id);
      changes.notify('projects');
      return null;
    },
    'projects.setOptions': async ({ id, options }) => {
      const project = await projects.setOptions(id, options);
      watches.optionsChanged(id);
      changes.notify('projects');
      return describe(project);
    },
    'projects.outline': async ({ id, dockerfile }) => {
      const { folder, options } = await projects.get(id);
      return engine.outline(folder, dockerfile ?? options.dockerfile);
    },
  };
}

/**
 * Makes a folder a project, under its real path. The Dockerfile is the one named, else the one used before, else the most
 * usual one there. Fails with PROJECT_UNUSABLE where there is no Dockerfile.
 */
export async function addProject(
  services: Services,
  folder: string,
  dockerfile?: string,
): Promise<StoredProject> {
  const verdict = await inspectDrop(folder);
  if (verdict.kind !== 'project') {
    const reason = verdict.kind === 'unusable' ? verdict.reason : 'This is an image archive, not a project.';
    throw new EngineError('PROJECT_UNUSABLE', `${folder} cannot be a project. ${reason}`);
  }
  const known = (await services.projects.list()).find((project) => project.folder === verdict.folder);
  const chosen = dockerfile ?? known?.options.dockerfile ?? verdict.dockerfiles[0] ?? 'Dockerfile';
  const project = await services.projects.add(verdict.folder, chosen);
  services.changes.notify('projects');
  return project;
}
