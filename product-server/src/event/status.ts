import { EventStatus } from '../generated/prisma/enums.ts';

/** The statuses that visitors see: a draft does not exist for them. */
export const LISTED: EventStatus[] = [EventStatus.PUBLISHED, EventStatus.CANCELLED];
