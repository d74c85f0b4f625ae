import { onDebian, type RealCase } from './real-case.ts';

const HELLO = `#include <stdio.h>
#ifndef VERSION
#define VERSION "none"
#endif
int main(void) { puts("hello " VERSION); return 0; }
`;

/** Programs that are compiled in one stage and are all that another holds. */
export const COMPILE_CASES: readonly RealCase[] = [
  onDebian(
    'a C program in scratch',
    `AS toolchain
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
FROM toolchain AS build
ARG VERSION=dev
WORKDIR /src
COPY hello.c .
RUN mkdir /out && gcc -O2 -static -DVERSION="\\"$VERSION\\"" -o /out/hello hello.c
RUN strip /out/hello && /out/hello > /out/says
FROM scratch
COPY --from=build /out /
USER 65534:65534
ENTRYPOINT ["/hello"]`,
    { context: { 'hello.c': HELLO }, flags: ['--build-arg', 'VERSION=1.2'] },
  ),
];
