import { expect, test } from 'vitest';
import type { Check } from '../../shared/contract.ts';
import { doctorLines } from './doctor-command.ts';

const fine: Check = { id: 'tar', name: 'GNU tar', state: 'ok', detail: 'Found.' };
const crun: Check = {
  id: 'runtime',
  name: 'Runtime',
  state: 'missing',
  detail: 'Not \u001b[31mthere.',
  fix: 'sudo apt-get install crun',
};

test('a machine that lacks nothing gets a table alone', () => {
  expect(doctorLines([fine])).toEqual(['STATE  CHECK    FOUND', 'ok     GNU tar  Found.']);
});

test('commands stand below the table, once for all they fix; text is shown, never obeyed', () => {
  expect(doctorLines([fine, crun, { ...crun, id: 'other', name: 'Other', state: 'limited' }])).toEqual([
    'STATE    CHECK    FOUND',
    'ok       GNU tar  Found.',
    'missing  Runtime  Not \\u{1b}[31mthere.',
    'limited  Other    Not \\u{1b}[31mthere.',
    '',
    'To put it right:',
    '  sudo apt-get install crun  # Runtime, Other',
  ]);
});
