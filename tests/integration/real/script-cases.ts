import { onBusybox, onDebian, type RealCase } from './real-case.ts';

const NO_HEREDOCS = 'buildah 1.28 has no heredocs';

const plain = (base: string, dockerfile: string): Required<RealCase>['theirs'] => ({
  dockerfile: `FROM localhost/${base}\n${dockerfile}\n`,
  why: NO_HEREDOCS,
});

/** Scripts in the Dockerfile. */
export const SCRIPT_CASES: readonly RealCase[] = [
  onBusybox(
    'a script for the shell',
    `RUN <<EOF
set -e
mkdir /made
echo "from $(id -u)" > /made/out
for i in 1 2 3; do
  echo $i >> /made/out
done
EOF`,
    {
      theirs: plain(
        'busy',
        `RUN mkdir /made && echo "from 0" > /made/out && for i in 1 2 3; do echo $i >> /made/out; done`,
      ),
      asUser: true,
      alone: 'works',
    },
  ),
  onDebian(
    'a program of its own',
    `RUN <<PERL
#!/usr/bin/perl
open my $out, '>', '/perl' or die;
print $out "perl says ", 6 * 7, "\\n";
PERL`,
    {
      theirs: plain(
        'debian',
        `RUN perl -e 'open my $out, ">", "/perl"; print $out "perl says ", 6 * 7, "\\n"'`,
      ),
      asUser: true,
      alone: 'works',
    },
  ),
  onBusybox(
    'several documents for one command, with and without variables of the shell',
    `ARG WHO=world
RUN cat <<A > /a && cat <<'B' > /b
hello $WHO
A
$WHO stays
B
COPY <<CONFIG <<'RAW' /etc/app/
name=$WHO
CONFIG
name=$WHO
RAW
RUN <<-TABS cat > /tabs
\t\tindented
\tless
TABS`,
    {
      theirs: plain(
        'busy',
        `RUN mkdir /etc/app && echo 'hello world' > /a && echo '$WHO stays' > /b && echo name=world > /etc/app/CONFIG && echo 'name=$WHO' > /etc/app/RAW && printf 'indented\\nless\\n' > /tabs`,
      ),
    },
  ),
];
