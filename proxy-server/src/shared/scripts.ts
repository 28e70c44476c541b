import { MARK } from './names.ts';
import { EVERYTHING } from './shared-level.ts';

/**
 * Each step of the protocol is one script. Keys of tags are made in the scripts, from what the entries say, so all
 * keys have to be on one server: Redis with replicas, not Redis Cluster.
 *
 * A purge has a number: the microseconds of its time, and always more than the one before. An entry has the number
 * that was the last one when its render was claimed (its epoch); it is valid while none of its tags has a later one.
 */

/** Purges that a process can be behind and still be told of one by one. */
const LOG_LENGTH = 1_000;

const LIBRARY = `
local function digits(number) return string.format('%.0f', number) end
local function number_of(record) return record and tonumber(string.match(record[1], '^%d+')) end
local function last_purge(log) return number_of(redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]) end
local function last_purge_of(tag) return tonumber(redis.call('GET', '${MARK}' .. tag) or 0) end
local function append(log, last, tags, horizon)
  local time = redis.call('TIME')
  local number = math.max(time[1] * 1000000 + time[2], (last or 0) + 1)
  redis.call('XADD', log, 'MAXLEN', ${LOG_LENGTH}, digits(number) .. '-0', 'tags', tags)
  redis.call('PEXPIRE', log, horizon)
  return number
end
local function purge(log, channel, tags, horizon)
  local last = last_purge(log)
  local number = append(log, last, tags, horizon)
  for _, tag in ipairs(cjson.decode(tags)) do
    redis.call('SET', '${MARK}' .. tag, digits(number), 'PX', horizon)
  end
  local previous = digits(last or 0)
  redis.call('PUBLISH', channel,
    '{"kind":"purged","previous":' .. previous .. ',"number":' .. digits(number) .. ',"tags":' .. tags .. '}')
  return { previous, digits(number) }
end
local function purged_since(epoch, tags)
  if last_purge_of('${EVERYTHING}') > epoch then return true end
  for _, tag in ipairs(tags) do
    if last_purge_of(tag) > epoch then return true end
  end
  return false
end
local function valid(entry)
  local fields = redis.pcall('HMGET', entry, 'payload', 'version', 'sum', 'epoch', 'tags')
  if fields.err or not (fields[1] and fields[2] and fields[3]) then return nil end
  local epoch = tonumber(fields[4] or '')
  local readable, tags = pcall(cjson.decode, fields[5] or '')
  if not epoch or not readable or type(tags) ~= 'table' or purged_since(epoch, tags) then return nil end
  return { payload = fields[1], version = fields[2], sum = fields[3] }
end
local function render_of(version) return string.match(version, '^[^.]*') end
local function tell(channel, kind, key, version)
  redis.call('PUBLISH', channel, cjson.encode({ kind = kind, key = key, version = version }))
end
`;

const READ_ONLY = '#!lua flags=no-writes';
/** Refused as a whole when Redis has no memory left. */
const WRITE = '#!lua';
const WRITE_ALWAYS = '#!lua flags=allow-oom';

/** KEYS entry. Answers payload, version and checksum. */
export const GET = `${READ_ONLY}${LIBRARY}
local held = valid(KEYS[1])
return held and { held.payload, held.version, held.sum } or {}
`;

/** KEYS entry, lock, log. ARGV known version, token, time to live of a lock, horizon. */
export const CLAIM = `${WRITE}${LIBRARY}
local held = valid(KEYS[1])
if held and render_of(held.version) ~= render_of(ARGV[1]) then
  return { 'stored', held.payload, held.version, held.sum }
end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then
  return { 'elsewhere', redis.call('GET', KEYS[2]) }
end
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return { 'granted', digits(last_purge(KEYS[3]) or append(KEYS[3], nil, '[]', ARGV[4])) }
`;

/**
 * KEYS entry, lock, log. ARGV token (the version), epoch, time to live, tags, payload, checksum, channel.
 * An epoch that Redis has not come to yet is of a Redis that has since lost what it knew.
 */
export const STORE = `${WRITE}${LIBRARY}
local epoch = tonumber(ARGV[2])
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return { 'overtaken' } end
redis.call('DEL', KEYS[2])
local outcome = 'stored'
if (last_purge(KEYS[3]) or 0) < epoch then
  outcome = 'overtaken'
elseif purged_since(epoch, cjson.decode(ARGV[4])) then
  outcome = 'purged'
else
  redis.call('UNLINK', KEYS[1])
  redis.call('HSET', KEYS[1],
    'payload', ARGV[5], 'version', ARGV[1], 'sum', ARGV[6], 'epoch', ARGV[2], 'tags', ARGV[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
tell(ARGV[7], outcome == 'stored' and 'stored' or 'released', KEYS[1], ARGV[1])
return { outcome }
`;

/** KEYS entry, lock. ARGV token, channel. */
export const RELEASE = `${WRITE_ALWAYS}${LIBRARY}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {} end
redis.call('DEL', KEYS[2])
tell(ARGV[2], 'released', KEYS[1], ARGV[1])
return {}
`;

/** KEYS locks. ARGV time to live, a token for each lock. Answers the tokens that still hold. */
export const EXTEND = `${WRITE_ALWAYS}
local holding = {}
for index, lock in ipairs(KEYS) do
  local token = ARGV[index + 1]
  if redis.call('GET', lock) == token then
    redis.call('PEXPIRE', lock, ARGV[1])
    table.insert(holding, token)
  end
end
return holding
`;

/** KEYS entry. ARGV expected version, time to live, tags, payload, checksum. */
export const REPLACE = `${WRITE}${LIBRARY}
local held = valid(KEYS[1])
if not held or held.version ~= ARGV[1] then return {} end
local revision = tonumber(string.match(held.version, '%.(%d+)$') or 0) + 1
local version = render_of(held.version) .. '.' .. digits(revision)
redis.call('HSET', KEYS[1], 'payload', ARGV[4], 'version', version, 'sum', ARGV[5], 'tags', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { version }
`;

/** KEYS log. ARGV tags, channel, horizon. Answers the numbers of the purge before and of this one. */
export const PURGE = `${WRITE_ALWAYS}${LIBRARY}
return purge(KEYS[1], ARGV[2], ARGV[1], ARGV[3])
`;

/**
 * KEYS log. ARGV last number known or 0, channel, horizon. Answers the last number, from which to follow the log.
 * A log that goes back further than the number but does not have it was restored from before it: entries that were
 * purged are there again, so all of them go, once.
 */
export const JOIN = `${WRITE_ALWAYS}${LIBRARY}
local log, known = KEYS[1], tonumber(ARGV[1])
local first = number_of(redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1])
local restored = first and first < known and not redis.call('XRANGE', log, ARGV[1], ARGV[1])[1]
if restored and last_purge_of('${EVERYTHING}') < known then
  purge(log, ARGV[2], '["${EVERYTHING}"]', ARGV[3])
end
return { digits(last_purge(log) or append(log, nil, '[]', ARGV[3])) }
`;
