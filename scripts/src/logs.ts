import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { prettyFactory } from 'pino-pretty';
import { dataFolder } from './environment.ts';
import { Failure } from './failure.ts';
import { dataPaths } from './paths.ts';

const TAIL_BYTES = 8 * 1024;
const POLL = 250;

/** Follows the logs of all servers, or of those that are named. */
export async function logs(names: readonly string[]): Promise<void> {
  const { logs: directory } = dataPaths(dataFolder(process.env));
  const there = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith('.log')) : [];
  const known = there.map((file) => file.slice(0, -'.log'.length));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new Failure(`no log of ${unknown}; there are ${known.join(', ') || 'none yet'}`);
  const wanted = names.length > 0 ? names : known.filter((name) => !/^(build|seed)-/.test(name));
  if (wanted.length === 0) throw new Failure('no logs yet');
  const width = Math.max(...wanted.map((name) => name.length));
  const colorize = process.stdout.isTTY ?? false;
  const pretty = prettyFactory({
    colorize,
    singleLine: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
  const show = (name: string) => (line: string) => {
    const text = line.startsWith('{') ? (pretty(line) ?? line) : line;
    process.stdout.write(`${name.padEnd(width)} | ${String(text).trimEnd()}\n`);
  };
  const follow = process.stdout.isTTY || !process.env['CI'];
  await Promise.all(
    wanted.map((name) => followFile(path.join(directory, `${name}.log`), show(name), follow)),
  );
}

async function followFile(file: string, show: (line: string) => void, follow: boolean): Promise<void> {
  const fd = openSync(file, 'r');
  try {
    let position = Math.max(0, fstatSync(fd).size - TAIL_BYTES);
    let partial = position > 0 ? undefined : '';
    for (;;) {
      const size = fstatSync(fd).size;
      if (size > position) {
        const buffer = Buffer.alloc(size - position);
        position += readSync(fd, buffer, 0, buffer.length, position);
        const lines = ((partial ?? '') + buffer.toString('utf8')).split('\n');
        // The tail begins in the middle of a line.
        if (partial === undefined) lines.shift();
        partial = lines.pop() ?? '';
        for (const line of lines) if (line !== '') show(line);
      }
      if (!follow) return;
      await delay(POLL);
    }
  } finally {
    closeSync(fd);
  }
}
