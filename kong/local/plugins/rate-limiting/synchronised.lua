-- Counters in memory that all gateways share through Redis, a little late: `sync_rate` above 0.
-- While Redis is down each gateway counts for itself.


local redis = require "kong.plugins.shared.redis"


local ngx = ngx
local kong = kong
local pairs = pairs


local MAX_KEYS = 500


local _M = {}


-- KEYS: counters. ARGV: for each, what to add and its seconds to live. Returns the new totals.
local ADD = redis.script [[
  local totals = {}
  for index, key in ipairs(KEYS) do
    totals[index] = redis.call('INCRBY', key, ARGV[index * 2 - 1])
    if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, ARGV[index * 2]) end
  end
  return totals
]]


-- What this worker counted since the last time, for each config: { key = { amount, window } }.
local noted = {}


-- What others counted comes on top of what is known here.
local function learn(key, total, seconds)
  local counters = ngx.shared.kong_rate_limiting_counters
  local known = counters:get(key) or 0
  if total > known then
    counters:incr(key, total - known, 0, seconds)
  end
end


local function push(conf, keys, arguments, batch)
  local totals, err = redis.run(conf.redis, ADD, keys, unpack(arguments))
  if not totals then
    kong.log.err("failed to synchronise usage: ", err)
    return
  end
  for index = 1, #keys do
    learn(keys[index], totals[index], batch[keys[index]].window.seconds)
  end
end


local function synchronise(premature, conf)
  if premature then
    return
  end
  local batch = noted[conf]
  noted[conf] = {}
  local keys, arguments = {}, {}
  for key, entry in pairs(batch) do
    keys[#keys + 1] = key
    arguments[#keys * 2 - 1] = entry.amount
    arguments[#keys * 2] = entry.window.seconds
    if #keys == MAX_KEYS then
      push(conf, keys, arguments, batch)
      keys, arguments = {}, {}
    end
  end
  if #keys > 0 then
    push(conf, keys, arguments, batch)
  end
end


--- What Redis knows of a window that is new here; 0 when it cannot be asked.
function _M.first(conf, window)
  local reply, err = redis.call(conf.redis, "get", window.key)
  if err then
    kong.log.err("failed to get usage: ", err)
  end
  local count = tonumber(reply) or 0
  learn(window.key, count, window.seconds)
  return count
end


--- Counts one request, for the next time.
function _M.note(conf, window)
  if not noted[conf] then
    noted[conf] = {}
    ngx.timer.every(conf.sync_rate, synchronise, conf)
  end
  local entry = noted[conf][window.key]
  if entry then
    entry.amount = entry.amount + 1
  else
    noted[conf][window.key] = { amount = 1, window = window }
  end
end


return _M
