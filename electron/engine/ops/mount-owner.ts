import { EngineError } from '../base/errors.ts';
import type { Identity } from '../base/identity.ts';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner that a mount asks for as the identity can make it: root, where there are no other users, so that whatever runs may use
 * it all the same. Fails with RUN_OWNER_UNMAPPED where the identity's range does not reach.
 */
export function mountOwner({ uid, gid }: Owner, target: string, identity: Identity): Owner {
  switch (identity.kind) {
    case 'root':
      return { uid, gid };
    case 'single':
      return { uid: 0, gid: 0 };
    case 'range':
      if (uid < identity.users && gid < identity.groups) return { uid, gid };
      throw new EngineError(
        'RUN_OWNER_UNMAPPED',
        `The mount on ${target} is to belong to ${uid}:${gid}, and your range of subordinate ids has ${identity.users}.`,
        { hint: 'Make the range in /etc/subuid and /etc/subgid longer, or build as root.' },
      );
  }
}
