import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

/**
 * Who a visitor is to the services: with an id of their own the same in every process and every time, yet nothing that
 * leads back to the id, which is as good as a password to the guest's cart. A UUIDv8 (RFC 9562 section 5.8).
 */
export function createVisitors(serverSecret: string) {
  return function subjectOf(visitorId: string | undefined): string {
    if (visitorId === undefined) return uuidv7();
    const bytes = createHmac('sha256', serverSecret).update(`visitor|${visitorId}`).digest();
    const hex = bytes.toString('hex');
    const variant = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `8${hex.slice(13, 16)}`,
      `${variant.toString(16)}${hex.slice(18, 20)}`,
      hex.slice(20, 32),
    ].join('-');
  };
}
export type Visitors = ReturnType<typeof createVisitors>;
