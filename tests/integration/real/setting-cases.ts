import { fileLine } from '../parity/parity-case.ts';
import { onBusybox, onDebian, type RealCase } from './real-case.ts';

/** What instructions around RUN mean for it. */
export const SETTING_CASES: readonly RealCase[] = [
  {
    name: 'triggers of a base',
    dockerfile:
      'FROM localhost/triggers\nRUN cat built > copy || true\nUSER root\nRUN cp built /root/built\n',
    context: { 'app.txt': 'app' },
    flags: ['--build-arg', 'MODE=debug'],
  },
  onBusybox(
    'ARG and ENV in commands',
    `ARG VERSION=1
ARG EMPTY
ARG GIVEN=default
ENV VERSION=2 HOME_DIR=/srv/$GIVEN
RUN echo "$VERSION|$EMPTY|$GIVEN|\${MISSING:-none}|$HOME_DIR" > /values
RUN VERSION=3 sh -c 'echo $VERSION' >> /values; echo "$VERSION \\$VERSION '$VERSION'" >> /values
ENV PATH=$PATH:/opt/bin
RUN echo $PATH >> /values`,
    { flags: ['--build-arg', 'GIVEN=given'], asUser: true },
  ),
  onDebian(
    'SHELL with pipefail',
    `SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN list=(a b c); echo "\${list[@]:1}" > /out && shopt -qo pipefail && echo \${BASH_VERSION:+bash} >> /out
RUN if false | true; then echo hidden; else echo seen; fi >> /out
CMD echo $0`,
    {
      exceptConfig: [
        {
          field: 'Cmd',
          ours: ['/bin/bash', '-euo', 'pipefail', '-c', 'echo $0'],
          why: 'buildah 1.28 forgets SHELL where it makes the shell form of CMD a command',
        },
      ],
    },
  ),
  onBusybox(
    'exec form, several lines and comments',
    `RUN ["/bin/busybox", "sh", "-c", "echo \\"$0 $1\\" > /exec", "a b", "$HOME"]
RUN set -e; \\
    # a comment between
    for i in 1 2; do \\
      echo "line $i" >> /lines; \\

    done`,
  ),
  onBusybox(
    'a service: HEALTHCHECK, ENTRYPOINT, VOLUME, STOPSIGNAL and labels',
    `LABEL org.opencontainers.image.title="A service" version="1.0"
RUN mkdir -p /var/lib && mkdir -m 700 /var/lib/service && chown app:app /var/lib/service
VOLUME ["/var/lib/service"]
RUN echo seed > /var/lib/service/seed
EXPOSE 8080 9090/udp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=10s --timeout=3s --retries=2 CMD wget -q -O /dev/null http://localhost:8080/ || exit 1
ENTRYPOINT ["httpd", "-f"]
CMD ["-p", "8080"]`,
    {
      except: [
        {
          path: 'var/lib/service/seed',
          ours: fileLine('0644 0:0', 'var/lib/service/seed', 'seed\n'),
          why: 'buildah 1.28 drops what a command does in a volume, as the classic builder did; BuildKit keeps it',
        },
      ],
    },
  ),
  onBusybox(
    'stages that build on each other, and one left out',
    `AS common
RUN echo common > /common
FROM common AS test
RUN echo test > /test && false
FROM common AS build
RUN echo build > /artifact
FROM common AS release
COPY --from=build /artifact /
RUN cat /common /artifact > /both`,
    {
      flags: ['--target', 'release'],
      theirs: {
        dockerfile: `FROM localhost/busy AS common
RUN echo common > /common
FROM common AS build
RUN echo build > /artifact
FROM common AS release
COPY --from=build /artifact /
RUN cat /common /artifact > /both
`,
        why: 'buildah 1.28 builds the stages that nothing needs',
      },
    },
  ),
  onBusybox(
    'the network, off and on',
    `RUN --network=none ls /sys/class/net > /devices
RUN --network=default grep -q lo: /proc/net/dev && echo up > /default`,
    {
      theirs: {
        dockerfile: 'FROM localhost/busy\nRUN echo lo > /devices && echo up > /default\n',
        why: 'buildah 1.28 knows --network only for the whole build',
      },
      asUser: true,
      alone: 'works',
    },
  ),
  onBusybox(
    'what a command sees: the file systems of the kernel, its own process, who it is',
    `RUN test -c /dev/null && test -c /dev/tty && test -d /proc/1 && test -d /sys/class && test -w /dev/shm && echo ok > /seen
RUN echo "$(id -u) $(pwd) $HOME $(umask)" >> /seen; cat < /dev/null; echo /dev/std* /dev/fd >> /seen`,
  ),
];
