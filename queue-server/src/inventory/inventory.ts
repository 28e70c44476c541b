import type { Availability, Hold } from '@doa-market/common/contracts';

/** Who holds: repeated with the same owner and key it is the same hold. */
export interface HoldClaim {
  owner: string;
  key: string;
  /** Seconds */
  ttl: number;
}

/**
 * product-server's stock. Every verb may be repeated. Refusals arrive as the {ProblemError} that product-server gave
 * (409 INV_4090 not to be had, INV_4091 over, INV_4092 sold, INV_4093 not on sale); {UpstreamError} where it is not
 * known what has become of the call.
 */
export interface Inventory {
  holdItems(claim: HoldClaim & { items: { skuId: string; quantity: number }[] }): Promise<Hold>;
  holdSeats(claim: HoldClaim & { eventId: string; seatIds: string[] }): Promise<Hold>;
  find(holdId: string): Promise<Hold>;
  /** @param ttl seconds from now */
  extend(holdId: string, ttl: number): Promise<Hold>;
  /** Sells; what had expired, if all of it is still there. */
  confirm(holdId: string): Promise<Hold>;
  release(holdId: string): Promise<Hold>;
  /** Takes back what was sold. */
  giveBack(holdId: string): Promise<Hold>;
  availability(eventId: string): Promise<Availability>;
}
