import { IdSchema } from '@doa-market/common/contracts';
import { isOrderEvent } from '@doa-market/common/events';
import { Value } from 'typebox/value';
import type { DeadLetter } from '../generated/prisma/client.ts';
import type { DeadLetterRepository } from './repository.ts';

const USAGE = `Events that could not be handled:
  list [--all]            those that wait, and with --all those that were replayed
  show <id>               all that is known of one; its own id, or its event's
  replay <id> | --all     have it handled again, or all that wait
`;

/** Something that the operator has to put right. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** @returns what to print. @throws {CommandError} */
export async function runCommand(
  deadLetters: DeadLetterRepository,
  args: readonly string[],
): Promise<string> {
  const [command, argument, ...rest] = args;
  if (rest.length > 0) throw new CommandError(USAGE);
  if (command === 'list' && (argument === undefined || argument === '--all')) {
    return table(await deadLetters.list({ all: argument === '--all' }));
  }
  if (command === 'show' && argument) return JSON.stringify(await find(deadLetters, argument), undefined, 2);
  if (command === 'replay' && argument) {
    const letters =
      argument === '--all' ? await deadLetters.list({ all: false }) : [await find(deadLetters, argument)];
    for (const letter of letters) await deadLetters.replay(letter);
    return `${letters.length} will be handled again`;
  }
  throw new CommandError(USAGE);
}

async function find(deadLetters: DeadLetterRepository, id: string): Promise<DeadLetter> {
  const letter = Value.Check(IdSchema, id) ? await deadLetters.find(id) : null;
  if (!letter) throw new CommandError(`no event ${id} was put aside`);
  return letter;
}

function table(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return 'none';
  return letters.map(line).join('\n');
}

function line({ id, event, reason, attempts, createdAt, replayedAt }: DeadLetter): string {
  const about = isOrderEvent(event) ? `${event.eventType} of order ${event.aggregateId}` : 'no event';
  const state = replayedAt ? `replayed ${replayedAt.toISOString()}` : `${attempts} attempts`;
  return [id, createdAt.toISOString(), about, state, reason].join('  ');
}
