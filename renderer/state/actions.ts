import type {
  BuildOptions,
  CallInput,
  DropVerdict,
  ImageSummary,
  Project,
  WatchState,
} from '../../shared/contract.ts';
import { familiarReference, formatBytes, formatCount } from '../../shared/format.ts';
import type { App } from './app.svelte.ts';
import { imageName } from './image-filter.ts';
import type { TransferView } from './transfers.svelte.ts';

/** What a person can do from more than one place. None of these fails: what goes wrong is told in a toast. */

/** Starts a build and opens it. `options` are for this build; without them the project's own count. */
export function startBuild(app: App, projectId: string, options?: BuildOptions): Promise<void> {
  return told(app, async () => {
    const input = options === undefined ? { projectId } : { projectId, options };
    const { buildId } = await app.client.call('builds.start', input);
    app.router.go({ screen: 'build', buildId });
  });
}

/** Remembers the options for the project. Answers whether that worked. */
export async function saveOptions(app: App, id: string, options: BuildOptions): Promise<boolean> {
  try {
    await app.client.call('projects.setOptions', { id, options });
    return true;
  } catch (thrown) {
    app.toasts.failed(thrown);
    return false;
  }
}

/** Builds again what lay in this folder, whether it is still in the list of projects or not. */
export function rebuild(app: App, folder: string, options: { readonly noCache: boolean }): Promise<void> {
  return told(app, async () => {
    const known = app.projects.value?.find((project) => project.folder === folder);
    const project = known ?? (await app.client.call('projects.add', { folder }));
    await startBuild(app, project.id, options.noCache ? { ...project.options, noCache: true } : undefined);
  });
}

/** What a menu offers for a project that is built on save. */
export function watchActions(
  app: App,
  watch: WatchState | undefined,
): readonly { readonly label: string; readonly run: () => void }[] {
  if (!watch) return [];
  const { projectId: id, phase, whileBuilding } = watch;
  const paused = phase === 'paused';
  const other = whileBuilding === 'finish' ? 'restart' : 'finish';
  return [
    {
      label: paused ? 'Resume building on save' : 'Pause building on save',
      run: () => void chooseWatch(app, id, { paused: !paused }),
    },
    {
      label:
        other === 'restart'
          ? 'On save, restart the build under way'
          : 'On save, let the build under way finish',
      run: () => void chooseWatch(app, id, { whileBuilding: other }),
    },
  ];
}

/** Switches building on save on or off, pauses it, or chooses what it does. */
export function chooseWatch(
  app: App,
  id: string,
  choice: Omit<CallInput<'projects.watch'>, 'id'>,
): Promise<void> {
  return told(app, async () => {
    await app.client.call('projects.watch', { id, ...choice });
  });
}

export function cancelBuild(app: App, buildId: string): Promise<void> {
  return told(app, async () => {
    await app.client.call('builds.cancel', { buildId });
  });
}

/** Asks for a folder with the host's own dialog, or with a list of the machine's folders where the page has none. */
export function openFolder(app: App): Promise<void> {
  return told(app, async () => {
    if (!app.system.value?.nativeDialogs) return app.dialogs.show({ kind: 'browse', pick: 'folder' });
    const folder = await app.client.call('dialogs.chooseFolder', {});
    if (folder !== null) await takePath(app, folder);
  });
}

export function openArchive(app: App): Promise<void> {
  return told(app, async () => {
    if (!app.system.value?.nativeDialogs) return app.dialogs.show({ kind: 'browse', pick: 'archive' });
    const path = await app.client.call('dialogs.chooseArchive', {});
    if (path !== null) await loadArchive(app, path);
  });
}

/** Does with a path what can be done with it: builds a project, asks which of its Dockerfiles, loads an archive, or says why not. */
export function takePath(app: App, path: string): Promise<void> {
  return told(app, async () => takeVerdict(app, await app.client.call('projects.inspect', { path })));
}

async function takeVerdict(app: App, verdict: DropVerdict): Promise<void> {
  switch (verdict.kind) {
    case 'project':
      if (verdict.dockerfiles.length > 1) app.dialogs.show({ kind: 'dockerfile', verdict });
      else await addAndBuild(app, verdict.folder, verdict.dockerfiles[0]);
      return;
    case 'archive':
      await loadArchive(app, verdict.path);
      return;
    case 'unusable':
      app.toasts.failed({ code: 'UNUSABLE', message: verdict.reason, hint: verdict.path });
  }
}

/** Keeps the folder as a project and builds it. */
export function addAndBuild(app: App, folder: string, dockerfile?: string): Promise<void> {
  return told(app, async () => {
    const input = dockerfile === undefined ? { folder } : { folder, dockerfile };
    const project = await app.client.call('projects.add', input);
    await startBuild(app, project.id);
  });
}

export function loadArchive(app: App, path: string): Promise<void> {
  return told(app, async () => {
    const { images, references } = await app.client.call('images.load', { path });
    const names = references.map(familiarReference).join(', ') || formatCount(images.length, 'image');
    const [first] = images;
    app.toasts.done(
      `Loaded ${names}.`,
      first === undefined
        ? undefined
        : { label: 'Show', run: () => app.router.go({ screen: 'image', id: first }) },
    );
  });
}

/** Tells of an image that has come from its registry; opens it where the person waited for it, else offers to. */
export function pulled(
  app: Pick<App, 'router' | 'toasts'>,
  transfer: TransferView,
  then: 'show' | 'offer',
): void {
  const { result } = transfer;
  if (!result) return;
  const show = (): void => app.router.go({ screen: 'image', id: result.id });
  if (then === 'show') show();
  app.toasts.done(
    `Pulled ${familiarReference(result.reference)}.`,
    then === 'show' ? undefined : { label: 'Show', run: show },
  );
}

/** Tells of a transfer that ended well in the background. */
export function transferred(app: Pick<App, 'router' | 'toasts'>, transfer: TransferView): void {
  const { kind, result } = transfer;
  if (!result) return;
  if (kind === 'pull') return pulled(app, transfer, 'offer');
  app.toasts.done(`Pushed ${familiarReference(result.reference)}.`, {
    label: 'Copy digest',
    run: () => void copyText(app, result.id, 'the digest'),
  });
}

export function confirmRemoveProject(app: App, project: Project): void {
  app.dialogs.show({
    kind: 'confirm',
    title: `Remove ${project.name} from the list?`,
    message: `The folder ${project.folder} and the images built from it stay as they are.`,
    action: 'Remove project',
    run: () => told(app, async () => void (await app.client.call('projects.remove', { id: project.id }))),
  });
}

export function confirmRemoveBuilds(app: App, buildIds: readonly string[]): void {
  const these = buildIds.length === 1 ? 'this build' : `these ${buildIds.length} builds`;
  app.dialogs.show({
    kind: 'confirm',
    title: `Remove ${these} from the history?`,
    message: 'The steps and logs go. The images stay.',
    action: 'Remove',
    run: () =>
      told(app, async () => void (await app.client.call('builds.remove', { buildIds: [...buildIds] }))),
  });
}

/** Takes a reference off an image, and offers to put it back. */
export function untag(app: App, image: Pick<ImageSummary, 'id'>, reference: string): Promise<void> {
  return told(app, async () => {
    await app.client.call('images.untag', { reference });
    const restore = (): void =>
      void told(app, async () => {
        await app.client.call('images.tag', { id: image.id, reference });
        app.toasts.done(`${familiarReference(reference)} is back.`);
      });
    app.toasts.done(`Removed the tag ${familiarReference(reference)}.`, { label: 'Undo', run: restore });
  });
}

export function confirmDeleteImage(app: App, image: ImageSummary, then?: () => void): void {
  const name = imageName(image);
  const others = image.references.slice(1).map(familiarReference);
  const tags = others.length > 0 ? ` Its other tags go with it: ${others.join(', ')}.` : '';
  app.dialogs.show({
    kind: 'confirm',
    title: `Delete the image ${name}?`,
    message: `This frees ${formatBytes(image.uniqueSize)}; layers that other images use stay.${tags} It cannot be undone.`,
    action: 'Delete image',
    run: () =>
      told(app, async () => {
        const { freed } = await app.client.call('images.remove', { id: image.id });
        app.toasts.done(`Deleted ${name}: ${formatBytes(freed)} freed.`);
        then?.();
      }),
  });
}

export function copyText(app: Pick<App, 'toasts'>, text: string, what: string): Promise<void> {
  return told(app, async () => {
    await navigator.clipboard.writeText(text);
    app.toasts.done(`Copied ${what}.`);
  });
}

async function told(app: Pick<App, 'toasts'>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    app.toasts.failed(thrown);
  }
}
