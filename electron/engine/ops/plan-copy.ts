import { hash } from 'node:crypto';
import { EngineError } from '../base/errors.ts';
import type { TreeEntry } from '../layer/file-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { parseChmod } from './chmod.ts';
import type { CopyDefinition, InlineFile } from './definition.ts';
import { isDirectory, needsSlash, notDirectory } from './destination-errors.ts';
import {
  createLayerDraft,
  type DirectoryMetadata,
  type DraftBase,
  type DraftEntry,
  type LayerDraft,
} from './layer-draft.ts';
import { isNumericOwner, type Owner } from './owner.ts';
import { withPlace, type Place } from './place.ts';
import type { SelectedEntry, SelectedRoot, Selection } from './selection.ts';
import { baseName, cleanPath, joinPath, parentOf } from './source-path.ts';

export interface CopyPlanOptions extends Place {
  readonly definition: CopyDefinition;
  readonly selection: Selection;
  /** The stage so far; not looked at where {@link standsAlone}. */
  readonly base: DraftBase;
  /** Digests of the selected files by their path in the source tree. */
  readonly digests: ReadonlyMap<string, string>;
  /** --chown, resolved; undefined keeps the owners of the source. */
  readonly owner: Owner | undefined;
  /** Whole seconds since 1970, for what has no time of its own: heredocs and folders made on the way. */
  readonly createdAt: number;
}

/**
 * Whether the layer does not depend on what lies below it: COPY --link. Like BuildKit, --chmod turns --link off; else a
 * destination below a link of the base image would be another one than without --chmod. Names in --chown do so too: they
 * have to be looked up in what lies below.
 */
export function standsAlone({ link, chmod, chown }: CopyDefinition): boolean {
  return link && chmod === undefined && (chown === undefined || isNumericOwner(chown));
}

/**
 * The layer a COPY makes, by BuildKit's rules (tonistiigi/fsutil, copy):
 * - links in the destination are followed inside the base; with --link they are replaced by folders;
 * - a file goes into the destination if that is a folder or ends in `/`, else it takes its place;
 * - of a folder the contents are copied; the destination folder itself keeps its metadata, or is made 0755, while the
 *   folders below it get those of the source;
 * - folders made on the way are 0755 (or the octal --chmod) and belong to --chown or root; those that exist are not
 *   in the layer;
 * - names of one file within one source stay hard links; a later source replaces what an earlier one put there.
 *
 * Fails, with the place, with COPY_DESTINATION_NOT_DIRECTORY, COPY_DESTINATION_IS_DIRECTORY, COPY_BAD_CHMOD,
 * COPY_BAD_HEREDOC_NAME and SYMLINK_LOOP.
 */
export function planCopy(options: CopyPlanOptions): LayerPlanEntry[] {
  return withPlace(options, () => {
    const copier = createCopier(options);
    for (const root of options.selection.roots) copier.copy(root);
    copier.copyInline();
    return copier.draft.entries();
  });
}

/** Carries out one COPY or ADD on a draft, source by source. */
export interface Copier {
  readonly draft: LayerDraft;
  copy(root: SelectedRoot): void;
  copyInline(): void;
  /** Where the destination is; it is made a directory if nothing is there yet. */
  destinationDirectory(): string;
}

/** Where a file's bytes are. */
type FileContent = Pick<DraftEntry, 'source' | 'digest' | 'link'>;

/** Begins a COPY or ADD; see {@link planCopy} for what its functions do and fail with. */
export function createCopier(options: CopyPlanOptions): Copier {
  const { definition, selection, base, digests, owner, createdAt } = options;
  const draft = createLayerDraft(standsAlone(definition) ? undefined : base);
  const chmod = definition.chmod === undefined ? undefined : parseChmod(definition.chmod);
  const made: DirectoryMetadata = { mode: chmod?.octal ?? 0o755, uid: 0, gid: 0, ...owner, mtime: createdAt };
  const wantsDirectory = /\/\.?$/.test(definition.destination);
  const named = cleanPath(definition.destination);
  const isAlone = selection.roots.length + definition.inline.length === 1;
  let copies = 0;

  function makeDirectories(path: string): void {
    const obstacle = draft.makeDirectories(path, made);
    if (obstacle !== undefined) throw notDirectory(obstacle, draft.label);
  }

  function destinationDirectory(): string {
    const path = draft.resolve(named);
    makeDirectories(path);
    return path;
  }

  /** Where something that is no folder goes. */
  function targetOf(name: string): string {
    if (wantsDirectory) return joinPath(destinationDirectory(), name);
    makeDirectories(draft.resolve(parentOf(named)));
    const path = draft.resolve(named);
    if (draft.get(path)?.type === 'dir') return joinPath(path, name);
    if (!isAlone) throw needsSlash(definition.destination);
    makeDirectories(parentOf(path));
    return path;
  }

  function put(target: string, entry: TreeEntry, content?: FileContent): void {
    if (draft.get(target)?.type === 'dir') throw isDirectory(target, entry.type, draft.label);
    draft.put(placed(target, entry, content));
  }

  function putDirectory(target: string, { entry, implied }: SelectedEntry): void {
    const existing = draft.get(target);
    if (existing === undefined) {
      draft.put(placed(target, entry));
    } else if (existing.type !== 'dir') {
      throw notDirectory(target, draft.label);
    } else if (!implied) {
      const xattrs = { ...existing.xattrs, ...entry.xattrs };
      draft.put(placed(target, Object.keys(xattrs).length === 0 ? entry : { ...entry, xattrs }));
    } else if (existing.mode !== entry.mode) {
      draft.put({ ...existing, mode: entry.mode });
    }
  }

  function placed(path: string, entry: TreeEntry, content?: FileContent): DraftEntry {
    const isFixed = chmod === undefined || entry.type === 'symlink';
    const mode = isFixed ? entry.mode : chmod.apply(entry.mode, entry.type === 'dir');
    return { ...entry, ...content, ...owner, mode, path };
  }

  return {
    draft,
    destinationDirectory,
    copy(root) {
      const copyId = copies++;
      const contentOf = ({ entry }: SelectedEntry): FileContent | undefined => {
        if (entry.type !== 'file') return undefined;
        const digest = digests.get(entry.path);
        if (digest === undefined) throw new Error(`The digest of ${entry.path} is not known.`);
        const source = selection.tree.content(entry);
        return entry.inode === undefined
          ? { digest, source }
          : { digest, source, link: `${copyId} ${entry.inode}` };
      };
      if (root.entry.type !== 'dir') {
        put(targetOf(root.name), root.entry, contentOf(root.entries[0]!));
        return;
      }
      const destination = destinationDirectory();
      for (const selected of root.entries) {
        const target = joinPath(destination, selected.path);
        if (selected.entry.type === 'dir') putDirectory(target, selected);
        else put(target, selected.entry, contentOf(selected));
      }
    },
    copyInline() {
      for (const file of definition.inline) {
        const name = baseName(file.name);
        if (name === '' || name === '.' || name === '..') throw badHeredocName(file);
        const data = Buffer.from(file.text, 'utf8');
        const metadata = { type: 'file' as const, mode: 0o644, uid: 0, gid: 0, mtime: createdAt };
        put(
          targetOf(name),
          { ...metadata, path: name, size: data.length },
          { digest: hash('sha256', data, 'hex'), source: { kind: 'bytes', data } },
        );
      }
    },
  };
}

function badHeredocName({ name }: InlineFile): EngineError {
  return new EngineError(
    'COPY_BAD_HEREDOC_NAME',
    `"${name}" cannot be the name of a file made from a heredoc.`,
  );
}
