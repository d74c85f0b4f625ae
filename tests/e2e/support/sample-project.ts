import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const DOCKERFILE = `ARG GREETING=hello
FROM scratch AS assets
WORKDIR /site
COPY pages/ ./

FROM scratch
ARG GREETING
LABEL org.example.greeting=$GREETING
COPY --from=assets /site/ /srv/
COPY app.conf /etc/
CMD ["/srv/run"]
`;

/** A project of two stages and the given number of files, which needs nothing but itself. */
export async function makeProject(folder: string, files = 500): Promise<string> {
  for (let index = 0; index < files; index++) {
    const section = join(folder, 'pages', `section-${index % 20}`);
    if (index < 20) await mkdir(section, { recursive: true });
    await writeFile(join(section, `page-${index}.html`), `<p>Page ${index}</p>\n`);
  }
  await writeFile(join(folder, 'app.conf'), 'on\n');
  await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
  return folder;
}
