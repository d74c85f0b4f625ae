import { fileLine } from '../parity/parity-case.ts';
import { onBusybox, onDebian, type RealCase } from './real-case.ts';

/** Users, groups, owners and permissions. */
export const USER_CASES: readonly RealCase[] = [
  onDebian(
    'useradd, groupadd and USER',
    `RUN groupadd -g 1500 crew && groupadd -r system && useradd -u 1500 -g crew -G system,staff -m -s /bin/bash -c 'A person' person
USER person
WORKDIR /home/person/work
RUN id > who && touch made && mkdir -m 2750 shared && umask 077 && touch private
USER root
RUN usermod -aG crew nobody && passwd -l person && chage -d 2024-01-01 -M 90 person && userdel games`,
    { asUser: true },
  ),
  onDebian(
    'adduser and the skeleton of its home',
    `RUN echo "alias ll='ls -l'" > /etc/skel/.bash_aliases && useradd --create-home --uid 1234 app && chmod 700 /home/app
USER app:app
RUN cd && pwd > where && env | sort | grep -v PATH > environment`,
    {
      except: [
        {
          path: 'home/app/environment',
          ours: fileLine(
            '0644 1234:1234',
            'home/app/environment',
            'HOME=/home/app\nOLDPWD=/\nPWD=/home/app\n',
          ),
          why: 'buildah sets HOSTNAME, to a random name',
        },
      ],
    },
  ),
  onDebian(
    'chown and chmod over a tree',
    `COPY --chown=7:8 tree /srv/tree
RUN chown -R www-data:adm /srv/tree && chmod -R u=rwX,g=rX,o= /srv/tree && chown -h 1:2 /srv/tree/link && chmod g+s /srv/tree/deep`,
    {
      context: {
        'tree/deep/er/file': 'x',
        'tree/run': { text: '#!/bin/sh', mode: 0o755 },
        'tree/link': { symlink: 'run' },
      },
      asUser: true,
    },
  ),
  onBusybox(
    'setuid, setgid, sticky, and chown that takes them away',
    `RUN cp /bin/busybox /su && chmod 4755 /su && cp /bin/busybox /sg && chmod 2711 /sg && cp /su /lost && chmod 6755 /lost && chown 5:6 /lost
RUN mkdir /drop && chmod 3777 /drop && mkdir /drop/below && touch /drop/below/file && chmod 0000 /drop/below/file`,
    { asUser: true },
  ),
  onBusybox(
    'large numbers of users',
    `RUN touch /a /b && chown 65534:65534 /a && chown 60000:50000 /b
USER 40000:40001
RUN id -u > /tmp/uid && id -G > /tmp/gids && touch /tmp/own`,
    { asUser: true },
  ),
  onBusybox(
    'WORKDIR belongs to USER',
    `RUN mkdir -p /srv/up && chown app /srv/up
USER app
WORKDIR /srv/up/made
RUN touch here && stat -c '%u:%g %a' . > owner
WORKDIR deeper/still
RUN pwd > here`,
    { asUser: true },
  ),
  onBusybox(
    'folders and files that their user cannot read',
    `RUN mkdir -m 0700 /locked && echo secret > /locked/file && chown -R app /locked && chmod 0 /locked/file
USER app
RUN chmod 400 /locked/file && cat /locked/file > /tmp/read && chmod 0 /locked/file && chmod 0 /locked`,
    { asUser: true },
  ),
];
