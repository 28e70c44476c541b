/**
 * The steps of a session's life, each one script on the keys of one hash slot. The session's key carries the key of
 * its revocation as hash tag, so that both are in one slot: a session ends and its access tokens are refused in one
 * step, whatever is killed in between.
 */

/** Enters a session in its member's list, unless they all were ended since `mark`. Answers what is too much. */
export const ENROL = `
local sessions, ended = KEYS[1], KEYS[2]
local sid, now, mark, limit, ttl = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
if mark ~= '' and tonumber(redis.call('GET', ended) or '0') > tonumber(mark) then return false end
redis.call('ZADD', sessions, now, sid)
redis.call('PEXPIRE', sessions, ttl)
return redis.call('ZRANGE', sessions, 0, -(limit + 1))
`;

/** Makes a session, unless it was ended before it began. */
export const OPEN = `
local session, revoked = KEYS[1], KEYS[2]
if redis.call('EXISTS', revoked) == 1 then return 0 end
redis.call('HSET', session, unpack(ARGV, 2))
redis.call('PEXPIRE', session, ARGV[1])
return 1
`;

/** Finds, consumes and replaces a refresh token whose tag is good, so a secret that is not known was known once. */
export const ROTATE = `
local session, revoked = KEYS[1], KEYS[2]
local presented, successor, client = ARGV[1], ARGV[2], ARGV[3]
local now, grace, idle, absolute = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local stored = redis.call('HMGET', session,
  'memberId', 'role', 'client', 'current', 'previous', 'rotatedAt', 'createdAt', 'lastUsedAt')
local member_id, role, bound_to, current, previous = unpack(stored, 1, 5)
if not current then return { 'gone' } end
if bound_to ~= client then return { 'foreign' } end
local rotated_at, created_at, last_used_at = tonumber(stored[6]), tonumber(stored[7]), tonumber(stored[8])
local ends_at = created_at + absolute
if now >= ends_at or now >= last_used_at + idle then
  redis.call('DEL', session)
  return { 'gone' }
end
if presented == current then
  redis.call('HSET', session, 'current', successor, 'previous', current, 'rotatedAt', now, 'lastUsedAt', now,
    'address', ARGV[8], 'userAgent', ARGV[9])
  redis.call('PEXPIRE', session, math.min(idle, ends_at - now))
elseif presented ~= previous or now - rotated_at >= grace then
  redis.call('DEL', session)
  redis.call('SET', revoked, 1, 'PX', ARGV[10])
  return { 'reused', member_id }
end
return { 'rotated', member_id, role, created_at }
`;

/** Ends a session, of one member or client alone where they are given. `blindly` also ends one that is to come. */
export const END = `
local session, revoked = KEYS[1], KEYS[2]
local member_id, client, blindly, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local owner, bound_to = unpack(redis.call('HMGET', session, 'memberId', 'client'), 1, 2)
if not owner and blindly ~= '1' then return false end
if owner and member_id ~= '' and owner ~= member_id then return false end
if owner and client ~= '' and bound_to ~= client then return false end
redis.call('DEL', session)
redis.call('SET', revoked, 1, 'PX', ttl)
return owner
`;

/** All of a member's sessions as they are now; from here on none can be entered that was let in before. */
export const CLOSE = `
local sessions, ended = KEYS[1], KEYS[2]
redis.call('SET', ended, ARGV[1], 'PX', ARGV[2])
return redis.call('ZRANGE', sessions, 0, -1)
`;
