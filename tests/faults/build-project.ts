import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small project in three stages that changes all the time. */

const DOCKERFILE = `FROM scratch AS assets
WORKDIR /site
COPY public/ ./
FROM scratch AS code
COPY src/ /app/
FROM scratch
COPY --from=code --chown=10:20 /app /app
COPY --from=assets /site /site
COPY config.json /etc/app/
CMD ["/app/file-0"]
`;

const FILES = ['public', 'src'].flatMap((folder) =>
  Array.from({ length: 8 }, (_, i) => `${folder}/file-${i}`),
);

/** Writes the project into a folder that is there. */
export function writeProject(folder: string): void {
  for (const name of ['public', 'src']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
  writeFileSync(join(folder, 'config.json'), '{}');
  for (const file of FILES) writeFileSync(join(folder, file), randomBytes(2_000));
}

/** Changes a few files; the first is large enough for its writing to be interrupted. */
export function changeProject(folder: string, random: () => number): void {
  const changed = FILES.filter(() => random() < 0.2);
  for (const [i, file] of [FILES[Math.floor(random() * FILES.length)]!, ...changed].entries()) {
    writeFileSync(join(folder, file), randomBytes(i === 0 ? 200_000 : 1 + Math.floor(random() * 5_000)));
  }
  if (random() < 0.3) writeFileSync(join(folder, 'config.json'), JSON.stringify({ value: random() }));
}

/** Deterministic, so that a failure can be run again (Park and Miller's generator). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
