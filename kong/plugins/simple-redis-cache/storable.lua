-- May this answer be kept and given to others, and for how long?


local cache_control = require "kong.plugins.simple-redis-cache.cache_control"


local ngx = ngx
local ipairs = ipairs
local tonumber = tonumber
local type = type
local find = string.find
local lower = string.lower
local min = math.min


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


local function age_of(headers)
  local age = headers["age"]
  return type(age) == "string" and find(age, "^%d+$") and tonumber(age) or 0
end


-- RFC 9111, section 5.3: one that is no date lies in the past.
local function seconds_until(expires)
  local time = type(expires) == "string" and ngx.parse_http_time(expires)
  return time and time - ngx.time() or 0
end


--- In seconds: the answer's age, the age up to which it is fresh, and how long after that it may stand in while a new
-- one is fetched, and when that fails. nil when it must not be kept.
function _M.lifetime(conf, answer)
  if not has_status(conf.statuses, answer.status) or #answer.body > conf.max_size then
    return nil
  end
  local headers = answer.headers
  if headers["set-cookie"] ~= nil or headers["content-encoding"] ~= nil or varies(headers["vary"]) then
    return nil
  end
  local directives = cache_control.parse(headers["cache-control"])
  local fresh = cache_control.shared_lifetime(directives)
  if not fresh then
    return nil
  end
  local age = age_of(headers)
  if fresh == true then
    fresh = headers["expires"] ~= nil and seconds_until(headers["expires"]) + age or conf.ttl
  end
  fresh = min(fresh, conf.ttl)
  if fresh <= age then
    return nil
  end
  local while_renewing, on_failure = cache_control.stale_lifetimes(directives, conf.stale_ttl)
  return { age = age, fresh = fresh, while_renewing = while_renewing, on_failure = on_failure }
end


return _M
