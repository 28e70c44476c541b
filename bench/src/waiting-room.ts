import { cleaningUp } from './clean-up.ts';
import { ceiling } from './waiting-room/ceiling.ts';
import { openHall } from './waiting-room/hall.ts';
import { overload } from './waiting-room/overload.ts';
import { rush } from './waiting-room/rush.ts';
import { size } from './waiting-room/size.ts';

/**
 * The waiting room under a crowd, one queue-server as it is built with a Redis that is durable:
 *
 *   rush       enters and polls on schedule, and what Redis is asked meanwhile
 *   ceiling    as many polls as it can answer, against a bare Fastify
 *   size       what two hundred thousand take of Redis, and how long their draw holds it up
 *   overload   more enters than it can take
 */
const PARTS = { rush, ceiling, size, overload };

const named = process.argv.slice(2);
for (const [name, run] of Object.entries(PARTS)) {
  if (named.length === 0 || named.includes(name))
    await cleaningUp(async (scope) => run(await openHall(scope), scope));
}
