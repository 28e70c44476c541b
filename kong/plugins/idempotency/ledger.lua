-- Records of keys in Redis, one hash each: fingerprint, state, owner, lease, and the answer once there is one.
-- Each step is one script; whoever is not the owner any more changes nothing.


local cjson = require "cjson.safe"
local redis = require "kong.plugins.shared.redis"


local ngx = ngx
local type = type
local tonumber = tonumber


local INTERVAL = 1


local _M = {}


-- ARGV: fingerprint, owner, lease in ms, ttl in ms.
local CLAIM = redis.script [[
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local record = redis.call('HMGET', KEYS[1], 'fingerprint', 'state', 'lease')
  if record[1] then
    if record[1] ~= ARGV[1] then return { 'different' } end
    if record[2] == 'done' then
      local answer = redis.call('HMGET', KEYS[1], 'status', 'headers', 'body')
      return { 'done', answer[1], answer[2], answer[3] }
    end
    if record[2] == 'forgotten' then return { 'forgotten' } end
    local remaining = tonumber(record[3]) - now
    if remaining > 0 then return { record[2], remaining } end
  end
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'state', 'pending', 'owner', ARGV[2], 'lease', now + ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.max(ARGV[4], ARGV[3]))
  return { 'claimed' }
]]

-- ARGV: owner, state, ttl in ms, status, headers, body.
local COMPLETE = redis.script [[
  if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'state', ARGV[2], 'status', ARGV[4], 'headers', ARGV[5], 'body', ARGV[6])
  redis.call('HDEL', KEYS[1], 'owner', 'lease')
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
]]

local RELEASE = redis.script [[
  if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])
]]

local DOUBT = redis.script [[
  if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
  return redis.call('HSET', KEYS[1], 'state', 'unknown')
]]


-- Tells Redis again every second what it did not take, while the lease lasts; after that the claim is nobody's.
-- A script that was carried out although its answer was lost does nothing the second time: the owner is gone.
local function insist(conf, script, claim, arguments)
  local deadline = ngx.now() + conf.lease
  local function try(premature)
    if premature or ngx.now() > deadline then
      return
    end
    local _, err = redis.run(conf.redis, script, { claim.address }, claim.owner, unpack(arguments))
    if err then
      ngx.timer.at(INTERVAL, try)
    end
  end
  ngx.timer.at(INTERVAL, try)
end


local function settle(conf, script, claim, ...)
  local reply, err = redis.run(conf.redis, script, { claim.address }, claim.owner, ...)
  if err then
    insist(conf, script, claim, { ... })
  end
  return reply, err
end


--- Claims a key for one request. Returns { state = ... }, or nil and a message when Redis did not answer.
-- States: `claimed` (go on), `pending` and `unknown` (with `remaining` ms), `done` (with `answer`),
-- `forgotten` (done, but the answer was too large to keep), `different` (the key of another request).
function _M.claim(conf, claim)
  local reply, err, may_follow = redis.run(conf.redis, CLAIM, { claim.address }, claim.fingerprint, claim.owner,
                                           conf.lease * 1000, conf.ttl * 1000)
  if not reply then
    if may_follow then
      -- Should Redis carry it out when it is back, nobody would ever settle it.
      insist(conf, RELEASE, claim, {})
    end
    return nil, err or "no reply"
  end
  local state = { state = reply[1] }
  if state.state == "done" then
    local status, headers, body = tonumber(reply[2]), reply[3], reply[4]
    headers = type(headers) == "string" and cjson.decode(headers)
    if not status or type(headers) ~= "table" or type(body) ~= "string" then
      return nil, "the record of a key is damaged"
    end
    state.answer = { status = status, headers = headers, body = body }
  else
    state.remaining = tonumber(reply[2])
  end
  return state
end


--- Keeps the answer for repetition.
function _M.complete(conf, claim, answer)
  local headers = cjson.encode(answer.headers)
  return settle(conf, COMPLETE, claim, "done", conf.ttl * 1000, answer.status, headers, answer.body)
end


--- Keeps that there was an answer, though not the answer.
function _M.forget(conf, claim)
  return settle(conf, COMPLETE, claim, "forgotten", conf.ttl * 1000, 0, "", "")
end


--- Nothing happened: the key may be used again at once.
function _M.release(conf, claim)
  return settle(conf, RELEASE, claim)
end


--- It is not known what happened: nobody may try before the lease ends.
function _M.doubt(conf, claim)
  return settle(conf, DOUBT, claim)
end


return _M
