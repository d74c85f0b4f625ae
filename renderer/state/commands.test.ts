import { expect, test, vi } from 'vitest';
import { createCommands } from './commands.ts';

test('the latest offer answers, until it is taken back', () => {
  const commands = createCommands();
  const [screen, pane] = [vi.fn(), vi.fn()];
  commands.register({ build: screen });
  const takeBack = commands.register({ build: pane });
  expect(commands.run('build')).toBe(true);
  takeBack();
  commands.run('build');
  expect(pane).toHaveBeenCalledOnce();
  expect(screen).toHaveBeenCalledOnce();
});

test('a command nobody offered is not answered', () => {
  expect(createCommands().run('cancel')).toBe(false);
});
