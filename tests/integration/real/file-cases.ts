import { onBusybox, onDebian, type RealCase } from './real-case.ts';

const SETXATTR = 188;
const LONG = 'n'.repeat(255);
const DEEP = Array.from({ length: 12 }, (_, i) => `${i}${'d'.repeat(99)}`).join('/');

/** What commands do to files. */
export const FILE_CASES: readonly RealCase[] = [
  onBusybox(
    'hard links: in one step, over folders, broken by the next step',
    `RUN mkdir -p /h/a /h/b && echo one > /h/a/1 && ln /h/a/1 /h/a/2 && ln /h/a/1 /h/b/3 && cp /h/a/1 /h/copy
RUN echo two > /h/b/new && mv /h/b/new /h/a/2 && rm /h/a/1
RUN echo x > /p && ln /p /q && chown 4:5 /q && chmod 600 /p`,
    { asUser: true },
  ),
  onBusybox(
    'links of every kind',
    `RUN mkdir /l && cd /l && ln -s nowhere dangling && ln -s . self && ln -s loop2 loop1 && ln -s loop1 loop2 && ln -s /etc/passwd absolute && ln -s ../../../../etc climbs && ln -s "$(printf '%0200d' 0)" long
RUN cd /l && ln -sfn /data self && echo through > climbs/made && chown -h 12:34 dangling`,
    { asUser: true },
  ),
  onBusybox(
    'pipes',
    `RUN mkfifo -m 620 /pipe && (echo through > /pipe &) && cat /pipe > /out && chown 3:4 /pipe`,
  ),
  onBusybox(
    'deleted files and folders',
    `RUN touch /root/.keep
RUN rm /data/file && rm -r /data/deep && rm /data/link /root/.keep
RUN mkdir -p /data/deep/new && touch /data/file`,
  ),
  onBusybox(
    'a folder in the place of a file and a file in the place of a folder, twice',
    `RUN rm -r /data/deep && echo file > /data/deep && rm /data/file && mkdir /data/file && echo in > /data/file/in
RUN rm /data/deep && mkdir -p /data/deep/again && rm -r /data/file && ln -s deep /data/file && echo through > /data/file/out`,
    { asUser: true },
  ),
  onBusybox(
    'a folder removed and made again hides all that was in it',
    `RUN mkdir -p /cache/a/b && touch /cache/a/b/c /cache/top
RUN rm -rf /cache && mkdir -p /cache/a && touch /cache/a/fresh
RUN rm -rf /cache/a && mkdir -m 750 /cache/a
RUN touch /cache/a/last`,
    { asUser: true, alone: 'works' },
  ),
  onBusybox(
    'a folder removed, and what it held brought back by COPY',
    `RUN rm -rf /data\nCOPY data /data/\nRUN ls -R /data > /list`,
    {
      context: { 'data/deep/y': 'y' },
    },
  ),
  onBusybox(
    'folders moved about, over others and back',
    `RUN mkdir -p /m/a/x /m/b && echo 1 > /m/a/x/f
RUN mv /m/a /m/b/a && mv /data /m/data
RUN mv /m/b/a/x /m/x && rmdir /m/b/a && mv /m/data /data`,
  ),
  onBusybox(
    'rm -rf of what an earlier step made leaves nothing to see',
    `RUN mkdir -p /build/out && for i in $(seq 200); do echo $i > /build/out/$i; done
RUN cp /build/out/7 /kept && rm -rf /build`,
  ),
  onBusybox(
    'long names and deep paths',
    `RUN mkdir -p /long/${DEEP} && echo deep > /long/${DEEP}/file && touch /long/${LONG} && ln -s ${DEEP}/file /long/link && ln /long/${DEEP}/file /long/hard`,
    { asUser: true },
  ),
  onBusybox(
    'names with bytes that are no text, blanks, and what looks like a whiteout',
    `RUN mkdir /n && cd /n && touch "$(printf 'b\\377\\376')" "$(printf 'new\\nline')" "$(printf 'tab\\there')" ' lead' 'trail ' ./-dash 'a*b?[c]' 'back\\slash' ünïcödé
RUN cd /n && echo again > "$(printf 'b\\377\\376')" && rm ./-dash "$(printf 'new\\nline')" && ln -s "$(printf 'b\\377\\376')" "$(printf 'l\\200')"`,
    { asUser: true, alone: 'works' },
  ),
  onBusybox(
    'times: the past, 1970, after 2038, of links and folders',
    `RUN mkdir /t && touch -d '2001-02-03 04:05:06' /t/old && touch -d '@0' /t/zero && touch -d '2040-01-01 00:00:00' /t/future && ln -s old /t/link && touch -h -d '1999-12-31 23:59:59' /t/link && mkdir /t/dir && touch -d '2010-10-10 10:10:10' /t/dir
RUN stat -c '%n %Y' /t/old /t/zero /t/future /t/link /t/dir > /seen && touch -d '2002-02-02 02:02:02' /t`,
    { times: ['t', 't/old', 't/zero', 't/future', 't/link', 't/dir', 'data', 'data/file'] },
  ),
  onBusybox(
    'sparse files',
    `RUN truncate -s 64M /hole && dd if=/bin/busybox of=/hole bs=4096 count=3 seek=5000 conv=notrunc 2>/dev/null && truncate -s 1M /empty
RUN dd if=/bin/busybox of=/hole bs=4096 count=1 seek=2 conv=notrunc 2>/dev/null && sha256sum /hole /empty > /sums`,
  ),
  onDebian(
    'extended attributes',
    `RUN mkdir /x && touch /x/f && perl -e '@set = (["/x", "user.note", "kept"], ["/x/f", "user.note", "kept"], ["/x/f", "user.binary", "\\0\\377\\n"]); for (@set) { my ($path, $name, $value) = map { "$_" } @$_; syscall(${SETXATTR}, $path, $name, $value, length $value, 0) == 0 or die $! }'
RUN cp -a /x /y && touch /x/f && chmod 600 /x/f && mv /x/f /x/g`,
    { asUser: true },
  ),
  onBusybox(
    'many files',
    `RUN mkdir /many && cd /many && for i in $(seq 3000); do echo $i > f$i; done\nRUN cd /many && rm f1*`,
  ),
  onBusybox(
    'a large file',
    `RUN dd if=/dev/zero bs=1M count=64 2>/dev/null | tr '\\0' x > /large && sha256sum /large > /sum`,
  ),
  onBusybox(
    'forty layers',
    Array.from(
      { length: 40 },
      (_, i) => `RUN echo ${i} >> /data/file && touch /step${i}${i % 7 === 6 ? ` && rm /step${i - 3}` : ''}`,
    ).join('\n'),
  ),
];
