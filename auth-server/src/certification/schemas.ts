import { type Static, Type } from 'typebox';

const IdentityVerificationIdSchema = Type.String({ minLength: 1, maxLength: 200 });

/** What PortOne's browser SDK takes for `requestIdentityVerification`. */
export const StartedCertificationSchema = Type.Object({
  identityVerificationId: IdentityVerificationIdSchema,
  storeId: Type.String(),
  channelKey: Type.String(),
  sandboxUrl: Type.Optional(
    Type.String({ description: 'in development alone: a page in place of the SDK; takes ?redirectUrl=' }),
  ),
});
export type StartedCertification = Static<typeof StartedCertificationSchema>;

export const CompleteCertificationSchema = Type.Object(
  { identityVerificationId: IdentityVerificationIdSchema },
  { additionalProperties: false },
);
