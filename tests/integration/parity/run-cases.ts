import { fileLine, type ParityCase } from './parity-case.ts';

/** Every case begins with the busybox base. */
const onBase = (name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase => ({
  name,
  dockerfile: `FROM localhost/busy\n${dockerfile}`,
  ...more,
});

/** Commands and what they leave behind. */
export const RUN_CASES: readonly ParityCase[] = [
  onBase('files made', 'RUN mkdir -p /a/b && echo one > /a/b/c && echo two > /top'),
  onBase('files changed', 'RUN echo more >> /data/file && echo new > /data/deep/x'),
  onBase('files deleted', 'RUN rm /data/file /data/deep/x'),
  onBase('a folder deleted', 'RUN rm -r /data'),
  onBase('all below a folder deleted', 'RUN rm -r /data/*'),
  onBase('a folder replaced by a new one', 'RUN rm -r /data && mkdir /data && echo new > /data/new'),
  onBase('a folder emptied and partly filled again', 'RUN rm -r /data/deep && mkdir -p /data/deep/er'),
  onBase('a folder replaced by a file', 'RUN rm -r /data/deep && echo file > /data/deep'),
  onBase('a file replaced by a folder', 'RUN rm /data/file && mkdir /data/file && echo in > /data/file/in'),
  onBase('a folder replaced by a link', 'RUN rm -r /data/deep && ln -s /etc /data/deep'),
  onBase(
    'deleted in one step, made again in another',
    'RUN rm -r /data\nRUN mkdir -p /data/deep && echo x > /data/y',
  ),
  onBase('made in one step, deleted in another', 'RUN mkdir /gone && echo x > /gone/x\nRUN rm -r /gone'),
  onBase('several deletions in one folder', 'RUN touch /m1 /m2 /m3 /m4\nRUN rm /m1 /m2 /m4'),
  onBase('a folder renamed', 'RUN mv /data /moved'),
  onBase('a file renamed', 'RUN mv /data/file /data/renamed'),
  onBase('permissions', 'RUN chmod 600 /data/file && chmod 700 /data/deep && chmod 1777 /data'),
  onBase(
    'set-id bits',
    'RUN echo x > /su && chmod 4755 /su && echo y > /sg && chmod 2755 /sg && mkdir /sd && chmod 2775 /sd',
  ),
  onBase(
    'owners',
    'RUN chown app:extra /data/file && chown -R 4000:4001 /data/deep && chown -h 5:6 /data/link',
  ),
  onBase('links', 'RUN ln -s nowhere /dangling && ln -s ../../.. /up && ln -s /data/file /abs'),
  onBase('hard links', 'RUN echo x > /h1 && ln /h1 /h2 && mkdir /z && ln /h1 /z/h3'),
  onBase('a hard link to a file of the base', 'RUN ln /data/file /data/second', {
    except: [
      {
        path: 'data/second',
        ours: `${fileLine('0644 0:0', 'data/second', 'data')} same as data/file`,
        why: 'buildah leaves the first name out of the layer, so that there are two files',
      },
    ],
  }),
  onBase('a pipe', 'RUN mkfifo /pipe'),
  onBase(
    'names with blanks, quotes and bytes',
    `RUN touch '/with blank' '/qu"ote' "$(printf '/byte\\\\377')" /ünï`,
  ),
  onBase('environment of the image', 'ENV A=1 B="two words"\nRUN env | grep -E "^(A|B)=" | sort > /out'),
  onBase('a variable of the shell, not of the builder', 'ENV A=1\nRUN A=2; echo $A > /out'),
  onBase('ARG with a default, and given', 'ARG ONE=1\nARG TWO=2\nRUN echo "$ONE $TWO" > /out', {
    buildArgs: { TWO: 'given' },
  }),
  onBase('PATH where the image has one', 'ENV PATH=/bin:/opt\nRUN echo $PATH > /out'),
  onBase('WORKDIR', 'WORKDIR /work/here\nRUN pwd > out && echo x > rel\nWORKDIR ../there\nRUN pwd > out'),
  onBase(
    'USER by name',
    'RUN mkdir /mine && chown app /mine\nUSER app\nRUN id -u > /mine/id && id -g >> /mine/id && touch /mine/x',
  ),
  onBase(
    'USER by number, and group',
    'RUN chmod 777 /data\nUSER 1234:50\nRUN id -u > /data/id && id -g >> /data/id',
  ),
  onBase(
    'supplementary groups',
    'RUN chmod 777 /data\nUSER app\nRUN id -G | tr " " "\\n" | sort -n > /data/groups',
  ),
  onBase('exec form', 'RUN ["/bin/busybox", "touch", "/a b", "/$HOME"]'),
  onBase('SHELL', 'SHELL ["/bin/sh", "-e", "-c"]\nRUN echo "$-" | grep -c e > /out'),
  onBase('lines joined', 'RUN echo a > /a && \\\n  # a comment\n  echo b > /b'),
  onBase('nothing changed', 'RUN true'),
  onBase(
    'a stage copies from a stage',
    'RUN echo built > /artifact\nFROM scratch\nCOPY --from=0 /artifact /a',
  ),
  onBase('a command reads what COPY brought', 'COPY in.txt /in.txt\nRUN tr a-z A-Z < /in.txt > /out.txt', {
    context: { 'in.txt': 'words' },
  }),
  onBase('many files', 'RUN mkdir /many && for i in $(seq 300); do echo $i > /many/$i; done && rm /many/1*'),
];
