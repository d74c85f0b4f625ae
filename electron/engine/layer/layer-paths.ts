import { parentPath } from './entry-path.ts';
import type { EntryType } from './file-tree.ts';
import { resolvePath } from './resolve.ts';
import type { LayerEntry } from './toc.ts';
import { editTree, impliedFolder } from './tree-nodes.ts';

/**
 * Gives each entry of a layer, taken in tar order, the path it has once the layer is unpacked: an entry below a link that
 * the same layer made lands where the link points, inside the layer, as it does for every tool that unpacks layers in a
 * directory of their own. Links of lower layers do not count, for the same reason. Fails with SYMLINK_LOOP.
 */
export function createLayerPaths(): <Entry extends LayerEntry>(entry: Entry) => Entry {
  const editor = editTree({ entry: impliedFolder(''), payload: undefined, children: new Map() }, undefined);
  const tree = { label: 'the layer', get: (path: string) => editor.find(path)?.entry };
  let plainFolder: string | undefined;

  /** The path with the links in its folders resolved; the last component stays what it is. */
  function placed(path: string): string {
    const parent = parentPath(path);
    if (parent === plainFolder) return path;
    const resolved = resolvePath(tree, parent, { followLast: true }).path;
    // Entries come in runs from one folder; a path with links in it has to be looked at each time.
    plainFolder = resolved === parent ? parent : undefined;
    if (resolved === parent) return path;
    return `${resolved === '' ? '' : `${resolved}/`}${path.slice(path.lastIndexOf('/') + 1)}`;
  }

  return (entry) => {
    if (entry.type === 'opaque') {
      return { ...entry, path: resolvePath(tree, entry.path, { followLast: true }).path };
    }
    const path = placed(entry.path);
    if (entry.type === 'whiteout') return path === entry.path ? entry : { ...entry, path };
    const type: EntryType = entry.type === 'hardlink' ? 'file' : entry.type;
    const { linkname } = entry;
    editor.put({ ...impliedFolder(path), type, ...(linkname === undefined ? {} : { linkname }) }, undefined);
    if (entry.type !== 'hardlink') return path === entry.path ? entry : { ...entry, path };
    const target = placed(linkname!);
    return path === entry.path && target === linkname ? entry : { ...entry, path, linkname: target };
  };
}
