import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { app } from 'electron';

/**
 * Whether this is the only instance. If another one runs already it is told what this one was started with, and this one
 * should quit. `onSecondStart` is called in the first instance with the folders named to a later one.
 */
export function claimSingleInstance(onSecondStart: (folders: readonly string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, argv, workingDirectory) =>
    onSecondStart(foldersIn(argv.slice(1), workingDirectory)),
  );
  return true;
}

/**
 * The folders among a command line's words. Switches are never looked at, whatever they say: anybody who can start the app
 * can write them. Files and what is not there are left out.
 */
export function foldersIn(words: readonly string[], workingDirectory: string): readonly string[] {
  return words
    .filter((word) => word !== '' && word !== '.' && !word.startsWith('-'))
    .map((word) => resolve(workingDirectory, word))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}
