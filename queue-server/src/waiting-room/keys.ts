/**
 * What Redis holds of a waiting room. All keys of one event are in one slot of a cluster, so a script may touch any of
 * them; what is not of one event is in slots of its own, and nothing needs both at the same moment.
 *
 * In Redis a place is its RECEIPT: the order of arrival at Redis, from 1, a counter and no clock. Numbers follow from
 * the draw (draw.ts); they are never stored. Bit `receipt - 1` of a bitmap is the place's.
 *
 * room        hash    incarnation  a UUID, other for each room that is made for the event: what was said of one that
 *                                  was deleted is not believed of the next
 *                     state        PRE_QUEUE | OPEN | PAUSED | SOLD_OUT
 *                     opensAt      milliseconds since 1970, '' where it is opened by hand
 *                     openedAt     the same, '' before; of Redis' clock, as every time here
 *                     rate         members a second
 *                     capacity     members who wait at most
 *                     grace        seconds that a place outlives the last poll
 *                     arrivals     the last receipt
 *                     seed         64 hexadecimal digits, '' before the opening
 *                     drawSize     the arrivals at the opening, 0 before
 *                     cursor       the highest number that was called
 *                     tat          microseconds since 1970: the leader's GCRA
 *                     stock        what can be held, as product-server last said; '' where it never did
 *                     gone         how many bits of each bitmap are set
 *                     claimed
 *                     missed
 *                     version      raised by whatever changes a bitmap, the state or a setting; not by an arrival
 *                     present  what the leader last counted: who of those that wait were there when told to,
 *                     measured members let in a second over the last minute,
 *                     reached  members called a second while there was somebody to call, '' where that is not known
 *                     run          which run of Redis has given the last place (INFO server), and from when on it gives new
 *                     settledAt    ones: processes then have put back what a crash may have cost
 * places      hash    memberId -> receipt. Who has it may have lost the place since: see gone and claimed
 * gone        bitmap  left before the turn, or was silent for longer than the grace
 * missed      bitmap  was not there when called: waits for being called again. Never set together with gone
 * claimed     bitmap  has taken the turn; the place lasts as long as the grant
 * presence    stream  what each process has seen of whom since its last entry; trimmed to the grace
 * admissions  stream  what each step of a leader did
 * grant       hash    admissionId, token, receipt, incarnation, expiresAt (milliseconds since 1970); expires then
 * leader      string  the fencing token and the name of who leads, while the lease lasts
 * fence       counter the last fencing token; outlives the room, so that no leader of an earlier one is believed
 */
export const keysOf = (eventId: string) => {
  const prefix = `queue:{${eventId}}:`;
  return {
    room: `${prefix}room`,
    places: `${prefix}places`,
    gone: `${prefix}gone`,
    missed: `${prefix}missed`,
    claimed: `${prefix}claimed`,
    presence: `${prefix}presence`,
    admissions: `${prefix}admissions`,
    leader: `${prefix}leader`,
    fence: `${prefix}fence`,
    grant: (memberId: string) => `${prefix}grant:${memberId}`,
  };
};

/** Set of the events that have a waiting room. A hint: an entry without a room means nothing. */
export const ROOMS = 'queue:rooms';

/** The event that a member may have a place in; expires by itself. It counts only as long as there is a place. */
export const activeOf = (memberId: string) => `queue:active:${memberId}`;
