import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A project to build, made on disk. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly folder: string;
  /** Changes one file, to other bytes each time. */
  change(round: number): void;
}

export interface ManyFilesSize {
  readonly files: number;
  readonly ignored: number;
}

export interface LargeFilesSize {
  readonly files: number;
  /** Bytes of each, a multiple of 64 KiB. */
  readonly bytes: number;
}

const EXTENSIONS = ['ts', 'js', 'json', 'css', 'md'];
const FILES_IN_FOLDER = 25;
const FILES_IN_PACKAGE = 30;
const BLOCK = 65_536;

/** W1: many small source files in folders three deep, and more that .dockerignore leaves out. The same bytes every time. */
export function manyFiles(folder: string, { files, ignored }: ManyFilesSize): Workload {
  const random = randomNumbers(1);
  const sourceText = createText(random);
  write(folder, 'Dockerfile', 'FROM scratch\nWORKDIR /app\nCOPY package.json .\nCOPY . .\nCMD ["/app"]\n');
  write(folder, '.dockerignore', 'node_modules\n.git\n**/*.log\n');
  write(folder, 'package.json', '{ "name": "many-files", "version": "1.0.0" }\n');
  for (let i = 0; i < files; i++) {
    const at = Math.floor(i / FILES_IN_FOLDER);
    const path = `src/module${Math.floor(at / 40)}/area${Math.floor(at / 5) % 8}/part${at % 5}`;
    write(folder, `${path}/file${i}.${EXTENSIONS[i % 5]}`, sourceText(1024 + (random() % 7168)));
  }
  for (let i = 0; i < ignored; i++) {
    const path = `node_modules/package${Math.floor(i / FILES_IN_PACKAGE)}/lib`;
    write(folder, `${path}/file${i}.js`, sourceText(512 + (random() % 3584)));
  }
  const edited = join(folder, 'src/module0/area0/part0/file0.ts');
  return {
    name: 'W1',
    title: `${files} small files, ${ignored} more ignored`,
    folder,
    change: (round) => appendFileSync(edited, `// change ${round}\n`),
  };
}

/** W2: a few large files, half of their blocks text and half incompressible. The same bytes every time. */
export function largeFiles(folder: string, { files, bytes }: LargeFilesSize): Workload {
  const random = randomNumbers(2);
  const sourceText = createText(random);
  write(folder, 'Dockerfile', 'FROM scratch\nCOPY . /\n');
  write(folder, '.dockerignore', 'Dockerfile\n.dockerignore\n');
  const noise = new Uint32Array(BLOCK / 4);
  const pathOf = (i: number): string => join(folder, `part${String(i).padStart(3, '0')}.bin`);
  for (let i = 0; i < files; i++) {
    const file = openSync(pathOf(i), 'w');
    for (let at = 0; at < bytes; at += BLOCK) {
      const isText = (at / BLOCK) % 2 === 0;
      if (!isText) for (let word = 0; word < noise.length; word++) noise[word] = random();
      writeSync(file, isText ? Buffer.from(sourceText(BLOCK)) : new Uint8Array(noise.buffer));
    }
    closeSync(file);
  }
  return {
    name: 'W2',
    title: `${((files * bytes) / 2 ** 30).toFixed(2)} GiB in ${files} files`,
    folder,
    change(round) {
      const file = openSync(pathOf(0), 'r+');
      writeSync(file, `change ${String(round).padStart(8, '0')}`, 0);
      closeSync(file);
    },
  };
}

function write(folder: string, path: string, text: string): void {
  const target = join(folder, path);
  mkdirSync(join(target, '..'), { recursive: true });
  writeFileSync(target, text);
}

/** xorshift32: 32 bits each time, never zero. */
function randomNumbers(seed: number): () => number {
  let state = seed * 2_654_435_769;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** ASCII text of a given length that looks like source: pieces of a pool, so that making it costs little. */
function createText(random: () => number): (length: number) => string {
  const words =
    'const function return import export async await for of class extends value result error'.split(' ');
  let pool = '';
  while (pool.length < 4 * BLOCK) {
    pool += `  ${words[random() % words.length]} ${(random() % 1e6).toString(36)} = ${words[random() % words.length]};\n`;
  }
  return (length) => {
    const head = `// ${random()}\n`;
    const start = random() % (pool.length - length);
    return (head + pool.slice(start, start + length)).slice(0, length);
  };
}
