import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { Identity } from '../base/identity.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import type { ProcessUser } from './runtime-spec.ts';

/**
 * A layer's entries as the identity can unpack them: attributes that only the machine's root may set are left out. Fails with
 * RUN_OWNER_UNMAPPED where a file belongs to a user or group that the identity's range does not reach.
 */
export function ownEntries(plan: readonly LayerPlanEntry[], identity: Identity): readonly LayerPlanEntry[] {
  if (identity.kind === 'root') return plan;
  return plan.map((entry) => {
    if (identity.kind === 'range' && (entry.uid >= identity.users || entry.gid >= identity.groups)) {
      throw new EngineError(
        'RUN_OWNER_UNMAPPED',
        `/${displayName(entry.path)} of the image belongs to ${entry.uid}:${entry.gid}, and your range of subordinate ids has ${identity.users}.`,
        { hint: 'Make the range in /etc/subuid and /etc/subgid longer, or build as root.' },
      );
    }
    if (entry.xattrs === undefined) return entry;
    const kept = Object.entries(entry.xattrs).filter(
      ([name]) => name.startsWith('user.') || name === 'security.capability',
    );
    return { ...entry, xattrs: Object.fromEntries(kept) };
  });
}

/**
 * The user as the identity can be them. Fails with RUN_USER_UNMAPPED where it cannot, before anything is run: whoever has one
 * user only can run commands as root only.
 */
export function ownUser(user: ProcessUser, identity: Identity): ProcessUser {
  switch (identity.kind) {
    case 'root':
      return user;
    case 'range':
      if (user.uid < identity.users && user.gid < identity.groups) {
        return { ...user, additionalGids: user.additionalGids.filter((gid) => gid < identity.groups) };
      }
      throw new EngineError(
        'RUN_USER_UNMAPPED',
        `The step runs as ${user.uid}:${user.gid}, and your range of subordinate ids has ${identity.users}.`,
        { hint: 'Make the range in /etc/subuid and /etc/subgid longer, or build as root.' },
      );
    case 'single':
      if (user.uid === 0 && user.gid === 0) return { uid: 0, gid: 0, additionalGids: [] };
      throw new EngineError(
        'RUN_USER_UNMAPPED',
        `The step runs as ${user.uid}:${user.gid}, but here are no users but root: ${identity.because}.`,
        { hint: `Run ${identity.fix}` },
      );
  }
}
