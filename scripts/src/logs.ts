import { existsSync, readdirSync } from 'node:fs';
import { prettyFactory } from 'pino-pretty';
import { dataFolder } from './environment.ts';
import { Failure } from './failure.ts';
import { follow, logFile } from './log-file.ts';
import { dataPaths } from './paths.ts';

const TAIL_BYTES = 8 * 1024;

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
  const files = wanted.map((name) => ({ name, file: logFile(directory, name) }));
  await Promise.all(files.map(({ name, file }) => follow(file, { from: -TAIL_BYTES }, show(name))));
}
