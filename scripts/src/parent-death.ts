import type { CommandLine } from './postgres.ts';

/** Where Linux offers it, a process is told when the one that started it is gone, however that came about. */
export function endedWithParent({ command, args }: CommandLine, signal: NodeJS.Signals): CommandLine {
  if (process.platform !== 'linux') return { command, args };
  const inner = command === 'setpriv' ? args : ['--', command, ...args];
  return { command: 'setpriv', args: [`--pdeathsig=${signal.slice('SIG'.length)}`, ...inner] };
}
