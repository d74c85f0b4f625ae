import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { BuildOptionsSchema, type BuildOptions, type WhileBuilding } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';

/** A project as it is remembered. */
export interface StoredProject {
  /** Derived from the folder, so that adding a folder twice is adding it once. */
  readonly id: string;
  readonly folder: string;
  /** `dockerfile` and `tags` are always set. */
  readonly options: BuildOptions;
  /** How it is watched; absent where it is not. */
  readonly watch?: WatchChoice | undefined;
}

export interface WatchChoice {
  readonly paused: boolean;
  readonly whileBuilding: WhileBuilding;
}

/** The projects of the first screen, in `projects.json` in the store's directory. Newest first. */
export interface ProjectsStore {
  list(): Promise<readonly StoredProject[]>;
  /** Fails with PROJECT_NOT_FOUND. */
  get(id: string): Promise<StoredProject>;
  /** Remembers a folder and the Dockerfile chosen in it; what is known of it already is kept. */
  add(folder: string, dockerfile: string): Promise<StoredProject>;
  /** Fails with PROJECT_NOT_FOUND. */
  setOptions(id: string, options: BuildOptions): Promise<StoredProject>;
  /** Remembers how the project is watched; undefined for not at all. Fails with PROJECT_NOT_FOUND. */
  setWatch(id: string, watch: WatchChoice | undefined): Promise<StoredProject>;
  /** Nothing happens where there is no such project. The folder itself is not touched. */
  remove(id: string): Promise<void>;
}

const FILE = 'projects.json';
const MAX_PROJECTS = 1_000;

const FileSchema = v.object({
  version: v.literal(1),
  projects: v.array(
    v.object({
      folder: v.string(),
      options: BuildOptionsSchema,
      watch: v.optional(v.object({ paused: v.boolean(), whileBuilding: v.picklist(['finish', 'restart']) })),
    }),
  ),
});

/** The projects kept in the directory `root`. A file that cannot be understood is put aside and a new one begun. */
export function createProjectsStore(root: string): ProjectsStore {
  const file = join(root, FILE);
  let turn: Promise<unknown> = Promise.resolve();

  /** One change at a time, each on what the file says now: another process may have written it. */
  function change<T>(
    edit: (projects: StoredProject[]) => { projects: StoredProject[]; answer: T },
  ): Promise<T> {
    const mine = turn.then(async () => {
      const { projects, answer } = edit(await read());
      await write(projects.slice(0, MAX_PROJECTS));
      return answer;
    });
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function read(): Promise<StoredProject[]> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const parsed = v.safeParse(FileSchema, parseJson(text));
    if (!parsed.success) {
      await rename(file, `${file}.unreadable`);
      return [];
    }
    return parsed.output.projects.map((project) => ({ ...project, id: projectId(project.folder) }));
  }

  async function write(projects: readonly StoredProject[]): Promise<void> {
    const body = { version: 1, projects: projects.map(({ id: _, ...kept }) => kept) };
    const partial = `${file}.${process.pid}.partial`;
    try {
      const handle = await open(partial, 'w', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(body, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  return {
    list: read,
    async get(id) {
      return found((await read()).find((project) => project.id === id));
    },
    add(folder, dockerfile) {
      return change((projects) => {
        const id = projectId(folder);
        const known = projects.find((project) => project.id === id);
        const options = { tags: [defaultTag(folder)], ...known?.options, dockerfile };
        const answer = { ...known, id, folder, options };
        return { projects: [answer, ...projects.filter((project) => project.id !== id)], answer };
      });
    },
    setOptions(id, options) {
      return change((projects) => {
        const known = found(projects.find((project) => project.id === id));
        const always = {
          dockerfile: known.options.dockerfile ?? 'Dockerfile',
          tags: [defaultTag(known.folder)],
        };
        const answer = { ...known, options: { ...always, ...options } };
        return { projects: projects.map((project) => (project === known ? answer : project)), answer };
      });
    },
    setWatch(id, watch) {
      return change((projects) => {
        const known = found(projects.find((project) => project.id === id));
        const answer = { ...known, watch };
        return { projects: projects.map((project) => (project === known ? answer : project)), answer };
      });
    },
    remove(id) {
      return change((projects) => ({
        projects: projects.filter((project) => project.id !== id),
        answer: undefined,
      }));
    },
  };
}

/** Whether the project's folder is there. */
export async function folderExists(folder: string): Promise<boolean> {
  return stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** A repository name made of the folder's: `My App` → `my-app:latest`. */
export function defaultTag(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 100)
    .replace(/-$/, '');
  return `${name || 'app'}:latest`;
}

function projectId(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}

function found(project: StoredProject | undefined): StoredProject {
  if (!project) throw new EngineError('PROJECT_NOT_FOUND', 'There is no such project.');
  return project;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
