import type { Certification } from '@doa-market/common/contracts';

export type Verification =
  | { outcome: 'verified'; person: Certification }
  /** Not begun, not finished, or failed; it may be tried again. */
  | { outcome: 'pending' | 'failed' };

/** Who tells who somebody is by law. */
export interface IdentityVerifier {
  /** What a browser needs to begin. */
  readonly browser: {
    storeId: string;
    channelKey: string;
    /** The page of the sandbox, in place of PortOne's script. */
    sandboxUrl?: string;
  };
  /** @throws {UpstreamError} */
  read: (identityVerificationId: string) => Promise<Verification>;
  close: () => Promise<void>;
}
