import { APT_CASES } from './apt-cases.ts';
import { COMPILE_CASES } from './compile-cases.ts';
import { FILE_CASES } from './file-cases.ts';
import { MOUNT_CASES } from './mount-cases.ts';
import { NODE_CASES } from './node-cases.ts';
import type { RealCase } from './real-case.ts';
import { SCRIPT_CASES } from './script-cases.ts';
import { SETTING_CASES } from './setting-cases.ts';
import { USER_CASES } from './user-cases.ts';

/** All Dockerfiles, by family. */
export const FAMILIES: readonly (readonly [string, readonly RealCase[]])[] = [
  ['packages', APT_CASES],
  ['compilers', COMPILE_CASES],
  ['Node', NODE_CASES],
  ['users', USER_CASES],
  ['files', FILE_CASES],
  ['settings', SETTING_CASES],
  ['scripts', SCRIPT_CASES],
  ['mounts', MOUNT_CASES],
];

export const ALL_CASES = FAMILIES.flatMap(([, cases]) => cases);

/** The name of the image that somebody makes of a case. */
export function imageName(real: RealCase, by: 'root' | 'user' | 'buildah'): string {
  return `localhost/real-${ALL_CASES.indexOf(real)}:${by}`;
}
