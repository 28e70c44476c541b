local answer = require "kong.plugins.shared.answer"
local cache_key = require "kong.plugins.simple-redis-cache.cache_key"
local condition = require "kong.plugins.simple-redis-cache.condition"
local first_party = require "kong.plugins.shared.first_party"
local problem = require "kong.plugins.shared.problem"
local seldom = require "kong.plugins.shared.seldom"
local storable = require "kong.plugins.simple-redis-cache.storable"
local store = require "kong.plugins.simple-redis-cache.store"
local stored_headers = require "kong.plugins.shared.stored_headers"


local ngx = ngx
local kong = kong
local floor = math.floor
local max = math.max
local min = math.min
local pairs = pairs
local ipairs = ipairs


local FIRST_POLL, LAST_POLL = 0.01, 0.1
-- In milliseconds.
local PASS_TIME, FAILURE_TIME = 2000, 1000
-- After these, what was kept is wrong.
local GONE = { [404] = true, [410] = true }
local FAILED = { code = "SYS_5003", detail = "A service is not available now." }

-- A kept answer is whole, plain and unconditional; so must be the request that fetches it.
local NARROWING = {
  "Accept-Encoding", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range",
}


local SimpleRedisCache = {
  VERSION = "1.0.0",
  PRIORITY = 900,
}


local function may_renew(conf)
  return kong.request.get_header("X-Cache-Refresh") == "true" and first_party.is_proven(conf.warmup_token)
end


local function cache_headers(headers, status, key, entry)
  headers["X-Cache-Status"] = status
  headers["X-Cache-Key"] = key
  if entry then
    headers["X-Cache-Age"] = floor(entry.age)
    headers["X-Cache-TTL"] = max(0, floor(entry.ttl))
  end
  return headers
end


local function answer_of(entry, status, key, asked)
  local headers = cache_headers(entry.headers, status, key, entry)
  headers["Age"] = floor(entry.age)
  if entry.status == 200 and condition.is_met(asked, headers) then
    -- Without any body nginx would write the answer itself, and leave its validators out.
    headers["Content-Length"] = #entry.body
    return { status = 304, headers = headers, body = "" }
  end
  return { status = entry.status, headers = headers, body = entry.body }
end


local function exit_with(made)
  answer.mark_kept()
  return kong.response.exit(made.status, made.body, made.headers)
end


-- Waits while another request fetches. When that takes too long one of those who wait does as well, and the others
-- wait for either: not all of them shall fall upon a service in trouble.
local function look_up(conf, key, owner, way)
  local deadline = ngx.now() + 2 * conf.wait_timeout / 1000
  local interval, has_waited = FIRST_POLL, false
  while true do
    local entry, err = store.look_up(conf, key, owner, way, has_waited)
    if not entry then
      return nil, err
    end
    if entry.state ~= "wait" then
      return entry
    end
    if ngx.now() >= deadline then
      return { state = "failed" }
    end
    ngx.sleep(interval)
    interval = min(interval * 2, LAST_POLL)
    has_waited = true
  end
end


local function set_status(status, key)
  for name, value in pairs(cache_headers({}, status, key)) do
    kong.response.set_header(name, value)
  end
end


local function fetch(entry, key, owner, asked)
  for _, name in ipairs(NARROWING) do
    kong.service.request.clear_header(name)
  end
  local stale = entry.status and answer_of(entry, "STALE", key, asked)
  answer.set_fallback(stale)
  kong.ctx.plugin.fetch = { key = key, turn = entry.turn, owner = owner, stale = stale }
end


-- The answer to a HEAD has no body to keep.
local function way_of(conf, method)
  if method == "HEAD" then
    return "watch"
  end
  return may_renew(conf) and "renew" or "claim"
end


local function serve(conf, method)
  local query = cache_key.query(ngx.req.get_uri_args(0), conf.query_parameters, conf.repeated_parameters)
  local key = cache_key.of(kong.request.get_path(), query)
  local asked = condition.of_request()
  local owner = ngx.var.request_id

  local entry, err = look_up(conf, key, owner, way_of(conf, method))
  local state = entry and entry.state
  if state == "hit" then
    return exit_with(answer_of(entry, "HIT", key, asked))
  elseif state == "stale" then
    return exit_with(answer_of(entry, "STALE", key, asked))
  elseif state == "failed" then
    return problem.exit(503, FAILED, { ["Retry-After"] = "1" })
  end

  kong.service.request.clear_header(first_party.HEADER)
  kong.service.request.clear_header("X-Cache-Refresh")
  kong.service.request.set_raw_query(query)
  if not entry then
    seldom.complain("the cache is not there", err)
    return set_status("MISS", key)
  elseif state == "pass" then
    return set_status("BYPASS", key)
  end
  set_status("MISS", key)
  return fetch(entry, key, owner, asked)
end


function SimpleRedisCache:access(conf)
  local method = kong.request.get_method()
  if method == "GET" or method == "HEAD" then
    serve(conf, method)
  end
  answer.expect()
end


local function fail(conf, fetched)
  if fetched.turn then
    store.fail(conf, fetched.key, fetched.turn, fetched.owner, FAILURE_TIME)
  end
end


local function keep(conf, fetched, status)
  local headers = answer.headers()
  local body = kong.service.response.get_raw_body() or ""
  local lifetime = storable.lifetime(conf, { status = status, headers = headers, body = body })
  if not lifetime then
    kong.response.set_header("X-Cache-Status", "BYPASS")
    return store.pass(conf, fetched.key, fetched.turn, PASS_TIME, GONE[status])
  end
  local kept = { status = status, headers = stored_headers.select(headers), body = body }
  local _, err = store.store(conf, fetched.key, fetched.turn, kept, lifetime)
  if err then
    seldom.complain("an answer could not be kept", err)
  end
  kong.response.set_header("X-Cache-TTL", lifetime.fresh - lifetime.age)
  kong.response.set_header("X-Cache-Age", lifetime.age)
end


local function settle(conf, fetched)
  local status = kong.service.response.get_status()
  if status >= 500 then
    fail(conf, fetched)
    return fetched.stale and exit_with(fetched.stale)
  end
  if fetched.turn then
    keep(conf, fetched, status)
  end
end


function SimpleRedisCache:response(conf)
  answer.arrived()
  local fetched = kong.ctx.plugin.fetch
  if fetched then
    return settle(conf, fetched)
  end
end


-- The service gave no whole answer: let another request try.
function SimpleRedisCache:log(conf)
  local fetched = kong.ctx.plugin.fetch
  if fetched and fetched.turn and answer.is_missing() then
    ngx.timer.at(0, function()
      fail(conf, fetched)
    end)
  end
end


return SimpleRedisCache
