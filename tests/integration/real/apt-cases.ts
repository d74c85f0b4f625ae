import { onDebian, type RealCase } from './real-case.ts';

const INSTALL = 'apt-get install -y --no-install-recommends';
const CLEAN = 'rm -rf /var/lib/apt/lists/*';

/** Packages of Debian, as most Dockerfiles begin. */
export const APT_CASES: readonly RealCase[] = [
  onDebian(
    'apt-get install, capabilities of a program',
    `ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && ${INSTALL} libcap2-bin && ${CLEAN}
RUN cp /bin/cat /usr/local/bin/low-ports && setcap cap_net_bind_service,cap_net_raw+ep /usr/local/bin/low-ports
RUN cp -p --preserve=all /usr/local/bin/low-ports /usr/local/bin/kept && chown 33:33 /usr/local/bin/low-ports
RUN getcap -r /usr/local/bin > /caps`,
    { asUser: true },
  ),
  onDebian(
    'a site behind nginx, written in one stage and served in another',
    `AS site
WORKDIR /site
COPY pages pages
RUN mkdir public && for page in pages/*.txt; do name=$(basename $page .txt); printf '<!doctype html>\\n<pre>%s</pre>\\n' "$(cat $page)" > public/$name.html; done \\
 && gzip -n -k public/*.html
FROM localhost/debian
RUN apt-get update \\
 && ${INSTALL} nginx-light \\
 && ${CLEAN} \\
 && ln -sf /dev/stdout /var/log/nginx/access.log \\
 && ln -sf /dev/stderr /var/log/nginx/error.log
RUN rm -rf /var/www/html
COPY --from=site --chown=www-data:www-data /site/public /var/www/html
COPY nginx.conf /etc/nginx/conf.d/site.conf
RUN rm /etc/nginx/sites-enabled/default
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]`,
    {
      context: {
        'pages/index.txt': 'Hello',
        'pages/about.txt': 'About us',
        'nginx.conf': 'server_tokens off;\n',
      },
    },
  ),
  onDebian(
    'locales',
    `RUN apt-get update && ${INSTALL} locales && ${CLEAN} \\
 && sed -i 's/^# *\\(de_DE.UTF-8\\)/\\1/' /etc/locale.gen && locale-gen && update-locale LANG=de_DE.UTF-8
ENV LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8
RUN date -u -d @0 +%A > /weekday && perl -e 'use POSIX; print setlocale(LC_ALL, ""), "\\n"' > /locale`,
  ),
  onDebian(
    'a tool, installed, used and removed again in one step',
    `COPY Makefile /src/
RUN apt-get update && ${INSTALL} make && make -C /src && apt-get purge -y --auto-remove make && ${CLEAN}`,
    { context: { Makefile: 'all:\n\techo made > made\n' } },
  ),
  onDebian(
    'Python in a virtual environment',
    `AS build
RUN apt-get update && ${INSTALL} python3 && ${CLEAN}
RUN python3 -m venv --without-pip /opt/venv
COPY hello /opt/venv/lib/python3.11/site-packages/hello
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib
FROM build
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd -r -u 999 app
USER app
WORKDIR /srv
RUN python -c 'import hello; print(hello.greet())' > /tmp/greeting
ENTRYPOINT ["python", "-m", "hello"]`,
    {
      context: {
        'hello/__init__.py': 'def greet():\n    return "hello"\n',
        'hello/__main__.py': 'from . import greet\nprint(greet())\n',
      },
    },
  ),
];
