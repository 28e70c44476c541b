-- May this answer be kept and given to others, and for how long?


local cache_control = require "kong.plugins.simple-redis-cache.cache_control"


local ipairs = ipairs
local min = math.min
local lower = string.lower


local _M = {}


local function has_status(statuses, status)
  for _, wanted in ipairs(statuses) do
    if wanted == status then
      return true
    end
  end
  return false
end


-- Requests for a kept answer are all sent without Accept-Encoding, so varying by that alone does no harm.
local function varies(vary)
  if type(vary) == "table" then
    vary = table.concat(vary, ",")
  end
  for name in (vary or ""):gmatch("[^,%s]+") do
    if lower(name) ~= "accept-encoding" then
      return true
    end
  end
  return false
end


--- Seconds of freshness, and seconds after that in which it may stand in; nil when it must not be kept.
function _M.lifetime(conf, answer)
  if not has_status(conf.statuses, answer.status) or #answer.body > conf.max_size then
    return nil
  end
  local headers = answer.headers
  if headers["set-cookie"] ~= nil or headers["content-encoding"] ~= nil or varies(headers["vary"]) then
    return nil
  end
  local directives = cache_control.parse(headers["cache-control"])
  local lifetime = cache_control.shared_lifetime(directives, conf.ttl)
  if not lifetime then
    return nil
  end
  lifetime = min(lifetime, conf.ttl) - (tonumber(headers["age"]) or 0)
  if lifetime <= 0 then
    return nil
  end
  return lifetime, cache_control.allows_stale(directives) and conf.stale_ttl or 0
end


return _M
