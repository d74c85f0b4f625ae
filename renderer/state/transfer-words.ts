import { completeReference, displayText, familiarReference, formatBytes } from '../../shared/format.ts';
import type { TransferView } from './transfers.svelte.ts';

/** What a reference names, as far as its text tells: nothing is checked. */
export interface ReferenceParts {
  /** The registry's `host[:port]`. */
  readonly registry: string;
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

export function referenceParts(text: string): ReferenceParts {
  const full = completeReference(text.trim());
  const slash = full.indexOf('/');
  const [named = '', digest] = full.slice(slash + 1).split('@', 2);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  return {
    registry: full.slice(0, slash),
    name: tagged ? named.slice(0, colon) : named,
    ...(tagged ? { tag: named.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Where a typed reference leads, in a sentence. */
export function originWords(text: string): string {
  const { registry, name, tag, digest } = referenceParts(text);
  const which = digest !== undefined ? 'with this digest' : `tagged ${displayText(tag ?? '', 128)}`;
  return `From ${displayText(registry, 200)}: ${displayText(name, 200)}, ${which}.`;
}

/** The reference as a list shows it. */
export function transferName({ reference, result }: TransferView): string {
  return displayText(familiarReference(result?.reference ?? reference), 200);
}

/** How far it is. */
export function transferProgress({ kind, reference, progress }: TransferView): string {
  if (!progress) return `Asking ${displayText(referenceParts(reference).registry, 100)} …`;
  if (progress.current < progress.total)
    return `${formatBytes(progress.current)} of ${formatBytes(progress.total)}`;
  return kind === 'pull' ? 'Storing the image …' : 'Writing its name …';
}

/** The command that may help where the registry wants to know who is there. */
export function loginCommand({ error, reference }: TransferView): string | undefined {
  if (error?.code !== 'REGISTRY_DENIED') return undefined;
  const { registry } = referenceParts(reference);
  return /^[A-Za-z0-9.:[\]-]+$/.test(registry) ? `slipway login ${registry}` : undefined;
}

/** The references of an image that it can be pushed by: those with a tag. */
export function pushTargets(references: readonly string[]): readonly string[] {
  return references.filter((reference) => !reference.includes('@'));
}

/** The one a person most likely means; none where all lie in docker.io/library, where hardly anybody may push to. */
export function likelyTarget(references: readonly string[]): string | undefined {
  return pushTargets(references).find((reference) => !reference.startsWith('docker.io/library/'));
}
