import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { FixtureMember } from '../../electron/engine/layer/tar-fixture.ts';

/** This machine's perl (essential on Debian) as a layer, for system calls that no program makes on its own. */
export function perlLayer(): readonly FixtureMember[] {
  const listed = execFileSync('ldd', ['/usr/bin/perl'], { encoding: 'utf8' });
  const libraries = [...listed.matchAll(/(?:=> |^\s+)(\/\S+)/gm)].map(([, path]) => path!);
  return ['/usr/bin/perl', ...libraries].map((path) => ({
    name: path.slice(1),
    mode: 0o755,
    data: readFileSync(path),
  }));
}
