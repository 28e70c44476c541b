-- Counts of requests in fixed windows, in Redis or in memory. A request over a limit is not counted.


local limits = require "kong.plugins.rate-limiting.limits"
local redis = require "kong.plugins.shared.redis"
local synchronised = require "kong.plugins.rate-limiting.synchronised"


local ngx = ngx
local ipairs = ipairs


local _M = {}


-- KEYS: a counter per limit. ARGV: pairs of what is allowed and seconds to live. Returns the counts so far.
local TAKE = redis.script [[
  local counts, over = {}, false
  for index, key in ipairs(KEYS) do
    counts[index] = tonumber(redis.call('GET', key) or 0)
    over = over or counts[index] >= tonumber(ARGV[index * 2 - 1])
  end
  if not over then
    for index, key in ipairs(KEYS) do
      if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[index * 2]) end
    end
  end
  return counts
]]


local function take_from_redis(conf, all, identifier, now)
  local keys, arguments = {}, {}
  for index, limit in ipairs(all) do
    keys[index] = limits.key(limit, identifier, now)
    arguments[index * 2 - 1] = limit.allowed
    arguments[index * 2] = limit.seconds
  end
  return redis.run(conf.redis, TAKE, keys, unpack(arguments))
end


local function take_from_memory(all, identifier, now)
  local counters = ngx.shared.kong_rate_limiting_counters
  local keys, counts, is_over = {}, {}, false
  for index, limit in ipairs(all) do
    keys[index] = limits.key(limit, identifier, now)
    counts[index] = counters:get(keys[index]) or 0
    is_over = is_over or counts[index] >= limit.allowed
  end
  for index, limit in ipairs(is_over and {} or all) do
    counters:incr(keys[index], 1, 0, limit.seconds)
  end
  return counts
end


--- Takes one request out of every window, unless one is used up. Returns what was used before.
function _M.take(conf, all, identifier, now)
  if conf.policy == "local" then
    return take_from_memory(all, identifier, now)
  end
  if conf.sync_rate > 0 then
    return synchronised.take(conf, all, identifier, now)
  end
  return take_from_redis(conf, all, identifier, now)
end


return _M
