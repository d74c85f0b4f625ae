import { buildRequest } from './build-request.ts';
import { findBuild } from './follow-build.ts';
import type { Section } from './router.ts';
import type { Services } from './services.ts';

/** `builds.*`: starting, following and cancelling builds, and the builds of the past. */
export function buildsHandlers({
  engine,
  projects,
  sessions,
  watches,
  changes,
}: Services): Section<'builds'> {
  return {
    'builds.start': async ({ projectId, options }) => {
      const project = await projects.get(projectId);
      const chosen = { ...project.options, ...options };
      const { noCache: _once, ...remembered } = chosen;
      await projects.setOptions(projectId, remembered);
      watches.optionsChanged(projectId);
      return { buildId: await sessions.start(buildRequest(project.folder, chosen, process.env)) };
    },
    'builds.predict': async ({ projectId, options }, { signal }) => {
      const project = await projects.get(projectId);
      const chosen = { ...project.options, ...options };
      return engine.predict(buildRequest(project.folder, chosen, process.env), { signal });
    },
    'builds.cancel': async ({ buildId }) => {
      await sessions.cancel(buildId);
      return null;
    },
    'builds.list': async ({ projectId, limit }) => {
      const folder = projectId === undefined ? undefined : (await projects.get(projectId)).folder;
      return engine.builds.list({ ...(folder === undefined ? {} : { folder }), limit: limit ?? 200 });
    },
    'builds.get': ({ buildId }) => findBuild(engine.builds, buildId),
    'builds.follow': async ({ buildId }, { emit, signal }) => {
      await sessions.follow(buildId, emit, signal);
      return null;
    },
    'builds.remove': async ({ buildIds }) => {
      await engine.builds.remove(buildIds);
      changes.notify('builds', 'projects');
      return null;
    },
  };
}
