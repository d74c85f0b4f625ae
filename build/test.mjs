// @ts-check
/**
 * `npm test`: installs what the tests need, checks types, style and formatting, runs every suite, and closes with a
 * summary that counts each. With names as arguments (`npm test -- unit e2e`) only those suites run, without the checks.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureBuilt,
  ensurePackages,
  ensureSystemPackages,
  nodeBinary,
  projectEnvironment,
  root,
  run,
  say,
} from './setup.mjs';

const VITEST_SUITES = ['unit', 'conformance', 'integration', 'faults'];
const SUITES = [...VITEST_SUITES, 'user', 'e2e'];

/** What the suites use besides the npm packages, each with the command that shows whether it is there. */
const SYSTEM_PACKAGES = [
  { command: 'chromium', package: 'chromium', why: 'shows the window in end-to-end tests' },
  { command: 'skopeo', package: 'skopeo', why: 'reads and copies the images we make' },
  { command: 'podman', package: 'podman', why: 'loads and mounts the images we make' },
  { command: 'buildah', package: 'buildah', why: 'builds the same Dockerfiles, to compare' },
  { command: 'docker-registry', package: 'docker-registry', why: 'is what we pull from and push to' },
  { command: 'openssl', package: 'openssl', why: 'makes the certificates of test registries' },
  { command: 'xz', package: 'xz-utils', why: 'makes archives for ADD' },
  { command: 'bzip2', package: 'bzip2', why: 'makes archives for ADD' },
  { command: 'zstd', package: 'zstd', why: 'makes archives for ADD' },
  { command: 'getfattr', package: 'attr', why: 'compares extended attributes' },
  { command: 'crun', package: 'crun', why: 'runs the commands of RUN' },
  { command: 'newuidmap', package: 'uidmap', why: 'lets normal users build with RUN' },
  { command: 'runc', package: 'runc', why: 'runs the commands of RUN where crun is missing' },
  { command: 'busybox', package: 'busybox-static', why: 'is the base image of the tests for RUN' },
  { command: 'debootstrap', package: 'debootstrap', why: 'makes the Debian base image of the tests' },
  { command: 'ssh-agent', package: 'openssh-client', why: 'is what RUN --mount=type=ssh reaches in tests' },
  { command: 'git', package: 'git', why: 'lists the sources of this project' },
];

const words = process.argv.slice(2);
const unknown = words.filter((word) => !SUITES.includes(word));
if (unknown.length > 0) {
  say(`There is no suite ${unknown.join(', ')}; the suites are ${SUITES.join(', ')}.`);
  process.exit(1);
}
const wanted = words.length > 0 ? words : SUITES;

ensurePackages();
if (process.platform === 'linux') ensureSystemPackages(SYSTEM_PACKAGES);
ensureBuilt();

const results = join(root, 'out', 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const env = projectEnvironment();
/** @param {string} title @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [more] */
const step = (title, command, args, more = {}) => {
  say(`\n— ${title}`);
  const started = Date.now();
  const code = run(command, args, { env: { ...env, ...more }, stdio: ['ignore', 'inherit', 'inherit'] });
  say(
    `— ${title}: ${code === 0 ? 'done' : `failed (${code})`} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return code === 0;
};

const node = nodeBinary();
/** @param {string} name */
const tool = (name) => join(root, 'node_modules', '.bin', name);
let sound = true;
if (words.length === 0) {
  sound = step('types', node, [tool('tsc'), '-p', '.']) && sound;
  sound =
    step('types of the window', node, [
      tool('svelte-check'),
      '--tsconfig',
      'renderer/tsconfig.json',
      '--fail-on-warnings',
    ]) && sound;
  sound = step('lint', node, [tool('eslint'), '.', '--max-warnings=0']) && sound;
  sound = step('formatting', node, [tool('prettier'), '--check', '--log-level=warn', '.']) && sound;
}

/** @type {string[]} */
const skippedTests = [];
/** @type {{ suite: string, passed: number, failed: number, skipped: number }[]} */
const counts = [];
for (const suite of VITEST_SUITES.filter((name) => wanted.includes(name))) {
  const file = join(results, `${suite}.json`);
  sound =
    step(suite, node, [
      ...[tool('vitest'), 'run', '--project', suite],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    ]) && sound;
  counts.push(vitestCounts(suite, file));
}
if (wanted.includes('user') && process.platform === 'linux') {
  // Whoever is not root already is such a user.
  const isRoot = process.getuid?.() === 0;
  const file = join(results, 'user.json');
  // The user may read the checkout only: the configuration is loaded in memory, and the report's file is made here.
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  const words = [tool('vitest'), 'run', '--project', 'user', '--configLoader=runner'];
  words.push('--reporter=default', '--reporter=json');
  const command = isRoot ? [join(root, 'build', 'as-normal-user.mjs'), node, ...words] : words;
  sound = step('user', node, [...command, `--outputFile.json=${file}`]) && sound;
  counts.push(vitestCounts('user', file));
}
if (wanted.includes('e2e')) {
  const file = join(results, 'e2e.json');
  sound =
    step(
      'e2e',
      node,
      [tool('playwright'), 'test', '-c', 'tests/e2e/playwright.config.ts', '--reporter=list,json'],
      {
        PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      },
    ) && sound;
  counts.push(playwrightCounts(file));
}

if (skippedTests.length > 0)
  console.log(`\nSkipped, each with its reason in the name:\n  ${skippedTests.join('\n  ')}`);
say('');
for (const { suite, passed, failed, skipped } of counts) {
  console.log(`${suite.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped`);
}
/** @param {'passed' | 'failed' | 'skipped'} key */
const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
if (!sound) console.log('Something above failed.');
console.log(`total: ${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exit(sound && sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);

/** @param {string} suite @param {string} file */
function vitestCounts(suite, file) {
  const report = readReport(file);
  for (const { assertionResults } of report?.testResults ?? []) {
    for (const { fullName, status } of assertionResults)
      if (status !== 'passed' && status !== 'failed') skippedTests.push(`${suite}: ${fullName}`);
  }
  return {
    suite,
    passed: report?.numPassedTests ?? 0,
    failed: report ? report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : 1) : 1,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

/** @param {string} file */
function playwrightCounts(file) {
  const stats = readReport(file)?.stats;
  return {
    suite: 'e2e',
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats ? stats.unexpected : 1,
    skipped: stats?.skipped ?? 0,
  };
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
