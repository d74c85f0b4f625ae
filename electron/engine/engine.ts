import type { BuildEvent, BuildSummary, BuiltImage } from '../../shared/build-events.ts';
import type { Check, DockerfileOutline } from '../../shared/contract.ts';
import type { Prediction } from '../../shared/prediction.ts';
import { createWorkerPool } from './base/worker-pool.ts';
import { checkOutput } from './build/check-outputs.ts';
import { build, type BuildOptions } from './build/build.ts';
import type { BuildOutput, BuildRequest } from './build/build-request.ts';
import { createShells, type Shells } from './debug/shells.ts';
import { predict } from './build/predict.ts';
import { createLiveContext, type LiveContext } from './context/live-context.ts';
import { openContext } from './context/open-context.ts';
import { watchedFiles, type WatchedFiles } from './context/watched-files.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { createExecutor } from './executor/executor.ts';
import { createImageLibrary, type ImageLibrary } from './image-library.ts';
import { loadArchive } from './image/import/load-archive.ts';
import { outlineOf } from './outline.ts';
import { openEngineStore } from './open-engine-store.ts';
import type { Environment } from './registry/credentials.ts';
import { createRegistries, type Registries, type TransferOptions } from './registry/registries.ts';
export type { TransferOptions } from './registry/registries.ts';
import { createStorage, type Storage } from './storage.ts';
import type { Store } from './store/store.ts';
import { writeOutput } from './build/write-outputs.ts';

/** The only door into the engine. One engine uses one store; several engines, in several processes, may share it. */
export interface Engine {
  /** See build.ts. */
  build(request: BuildRequest, options: BuildOptions): Promise<BuiltImage>;
  /** What a build would do; see predict.ts. */
  predict(
    request: BuildRequest,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Prediction>;
  /** What a Dockerfile offers to choose from. Fails as parsing does. */
  outline(folder: string, dockerfile?: string): Promise<DockerfileOutline>;
  readonly images: ImageLibrary & {
    /** Brings in every image of an archive or layout folder, all verified; see image/import. */
    load(
      path: string,
      options?: { readonly signal?: AbortSignal | undefined },
    ): Promise<{ readonly images: readonly string[]; readonly references: readonly string[] }>;
    /** Writes an archive; `path` may be `-` for standard output. */
    save(
      id: string,
      path: string,
      format: 'oci' | 'docker',
      options?: { readonly signal?: AbortSignal | undefined },
    ): Promise<{ readonly path: string; readonly size: number }>;
    /** Pulls an image from its registry and tags it; `id` is its manifest's digest. See registry/pull-image.ts. */
    pull(
      reference: string,
      options?: TransferOptions & { readonly platform?: string | undefined },
    ): Promise<{ readonly reference: string; readonly id: string }>;
    /** Pushes the image that has this name to the registry it says; `id` is the manifest's digest there. */
    push(
      reference: string,
      options?: Parameters<Registries['push']>[3],
    ): Promise<{ readonly reference: string; readonly id: string }>;
  };
  readonly builds: {
    /** Newest first. */
    list(filter?: { readonly folder?: string; readonly limit?: number }): readonly BuildSummary[];
    get(id: string): BuildSummary | undefined;
    /** All events of a build, from its log. */
    events(id: string): AsyncIterable<BuildEvent>;
    remove(ids: readonly string[]): Promise<void>;
  };
  readonly debug: Shells;
  /** For building again whenever something is saved: what there is to watch, and a context that is told of changes. */
  readonly watching: {
    files(folder: string, dockerfile?: string, before?: WatchedFiles): Promise<WatchedFiles>;
    context(): LiveContext;
  };
  readonly storage: Storage;
  /** What of RUN works on this machine; see executor/check-machine.ts. */
  check(): Promise<readonly Check[]>;
  readonly store: Pick<Store, 'root'>;
  /** Stops the workers and closes the store. Builds under way must have been cancelled and awaited. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** The store's folder; made if it is missing. */
  readonly store: string;
  readonly now?: () => Date;
  /** Where Docker's configuration, with its passwords, is looked for; default: the process's. */
  readonly environment?: Environment;
  /** A build will follow at once: what it needs is started while the store is being opened. */
  readonly buildsNext?: boolean;
}

/** Opens the store and answers the engine. Fails with STORE_* errors. Worker threads start when first needed. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { store: root, now = () => new Date(), environment = process.env, buildsNext = false } = options;
  const pool = createWorkerPool();
  if (buildsNext) pool.warm();
  const store = await openEngineStore(root, pool, now);
  const library = createImageLibrary(store);
  const registries = createRegistries({ store, pool, now }, environment);
  const executor = createExecutor({ store, pool });
  return {
    build: (request, options) => build({ store, pool, now, registries, executor }, request, options),

    predict: (request, options) => predict({ store, pool, now, executor }, request, options),

    async outline(folder, dockerfile) {
      const context = await openContext({
        folder,
        ...(dockerfile === undefined ? {} : { dockerfile }),
        pool,
      });
      return outlineOf(parseDockerfile(await context.dockerfile.read(), context.dockerfile.name));
    },

    images: {
      ...library,
      load: (path, options = {}) => loadArchive(store, path, { pool, signal: options.signal }),
      async save(id, path, format, options = {}) {
        const { references } = await library.get(id);
        const digest = library.find(id);
        const output: BuildOutput = { type: format, destination: path };
        await checkOutput(output);
        return {
          path,
          size: (await writeOutput(output, digest, { store, pool, references, ...options })).size,
        };
      },
      async pull(reference, options) {
        using lease = store.lease('pull');
        const { reference: full, descriptor } = await registries.pull(reference, lease, options);
        return { reference: full, id: descriptor.digest };
      },
      async push(reference, options) {
        using lease = store.lease('push');
        const pushed = await registries.push(library.find(reference), reference, lease, options);
        return { reference: pushed.reference, id: pushed.digest };
      },
    },

    builds: store.builds,
    debug: createShells({ store, executor }),
    watching: { files: watchedFiles, context: createLiveContext },
    storage: createStorage(store, now, environment),
    check: () => executor.check(),
    store,

    async close() {
      await pool.close();
      store.close();
    },
  };
}
