import type { Credentials, SessionTokens } from '@doa-market/common/contracts';
import { ProblemError, sessionEnded } from '@doa-market/common/errors';
import { v7 as uuidv7 } from 'uuid';
import { BASIC_CHALLENGE } from '../http/basic-auth.ts';
import type { Device } from '../http/device.ts';
import type { TokenIssuer } from '../token/issuer.ts';
import { ABSOLUTE, IDLE } from './lifetimes.ts';
import { digestOf, type RefreshToken, type RefreshTokens } from './refresh-token.ts';
import type { SessionStore } from './store.ts';

type SessionMember = Pick<Credentials, 'memberId' | 'role'>;

type SessionEventType = 'LOGOUT' | 'REFRESH_REUSED' | 'SESSION_REVOKED' | 'SESSIONS_ENDED';

interface SessionOptions {
  store: SessionStore;
  refreshTokens: RefreshTokens;
  tokens: TokenIssuer;
  /** Told of what a member would want to know of; never fails. */
  record: (memberId: string, type: SessionEventType, device: Device) => Promise<void>;
  now: () => number;
}

/** What a member's sign-in on one device is, from its first tokens to its end. */
export function createSessions({ store, refreshTokens, tokens, record, now }: SessionOptions) {
  /** No access token outlives its session, and no refresh token is promised a life that it does not have. */
  async function tokensOf(
    member: SessionMember,
    token: RefreshToken,
    endsAt: number,
  ): Promise<SessionTokens> {
    const left = Math.ceil((endsAt - now()) / 1_000);
    return {
      ...(await tokens.forSession({ ...member, sid: token.sid }, left)),
      memberId: member.memberId,
      sessionId: token.sid,
      refreshToken: refreshTokens.write(token),
      refreshExpiresIn: Math.min(IDLE / 1_000, left),
    };
  }

  return {
    /** To be asked before a member's record is read, and given to `start`. */
    mark: store.mark,

    /**
     * A session of its own for a member who has shown who they are to `client`.
     * @param mark so that a record that was read before all sessions were ended (its password or role was changed)
     *   starts none after it
     * @throws {ProblemError} 401 when they were ended since; 503 while Redis is away
     */
    async start(
      member: SessionMember,
      client: string,
      device: Device,
      mark?: number,
    ): Promise<SessionTokens> {
      const { memberId, role } = member;
      const token = refreshTokens.create(uuidv7());
      const session = { sid: token.sid, memberId, role, client, current: digestOf(token), device };
      if (!(await store.open(session, mark))) throw sessionEnded();
      return tokensOf({ memberId, role }, token, now() + ABSOLUTE);
    },

    /** @throws {ProblemError} 401 for a token that is none, is over, is another client's, or was used before. */
    async refresh(refreshToken: string, client: string, device: Device): Promise<SessionTokens> {
      const token = refreshTokens.read(refreshToken);
      if (!token) throw invalidRefreshToken();
      const successor = refreshTokens.successorOf(token);
      const rotation = await store.rotate({
        sid: token.sid,
        presented: digestOf(token),
        successor: digestOf(successor),
        client,
        device,
      });
      if (rotation.outcome === 'reused') {
        await record(rotation.memberId, 'REFRESH_REUSED', device);
      }
      if (rotation.outcome !== 'rotated') throw invalidRefreshToken();
      return tokensOf(rotation, successor, rotation.createdAt + ABSOLUTE);
    },

    /** Signs out on this device. A session that has gone already is as good as signed out. */
    async logout(memberId: string, sid: string, device: Device): Promise<void> {
      const owner = await store.end(sid, { memberId, blindly: true });
      if (owner) await record(memberId, 'LOGOUT', device);
    },

    /** The same by its refresh token, used or not. One that is not ours, or another client's, changes nothing. */
    async logoutByToken(refreshToken: string, client: string, device: Device): Promise<void> {
      const token = refreshTokens.read(refreshToken);
      const owner = token && (await store.end(token.sid, { client }));
      if (owner) await record(owner, 'LOGOUT', device);
    },

    /** False when the member has no such session. */
    async revoke(memberId: string, sid: string, device: Device): Promise<boolean> {
      const owner = await store.end(sid, { memberId });
      if (owner) await record(memberId, 'SESSION_REVOKED', device);
      return owner !== undefined;
    },

    async logoutEverywhere(memberId: string, device: Device): Promise<void> {
      await store.endAll(memberId);
      await record(memberId, 'SESSIONS_ENDED', device);
    },

    /** Ends all sessions of a member, and refuses their access tokens. */
    async endAll(memberId: string, { except }: { except?: string } = {}): Promise<void> {
      await store.endAll(memberId, except);
    },

    /** The client that a session is bound to. @throws {ProblemError} 401 when the member has no such session */
    async clientOf(memberId: string, sid: string): Promise<string> {
      const client = await store.clientOf(memberId, sid);
      if (client === undefined) throw sessionEnded();
      return client;
    },

    list: store.list,
  };
}
export type Sessions = ReturnType<typeof createSessions>;

const invalidRefreshToken = () =>
  new ProblemError(401, 'AUTH_1009', 'The refresh token is invalid or has expired.', {
    headers: { 'WWW-Authenticate': BASIC_CHALLENGE },
  });
