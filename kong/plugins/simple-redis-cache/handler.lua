local answer = require "kong.plugins.shared.answer"
local cache_key = require "kong.plugins.simple-redis-cache.cache_key"
local first_party = require "kong.plugins.shared.first_party"
local storable = require "kong.plugins.simple-redis-cache.storable"
local store = require "kong.plugins.simple-redis-cache.store"
local stored_headers = require "kong.plugins.shared.stored_headers"


local ngx = ngx
local kong = kong
local floor = math.floor
local max = math.max
local min = math.min
local lower = string.lower
local pairs = pairs
local ipairs = ipairs


local FIRST_POLL, LAST_POLL = 0.01, 0.1
local PASS_TIME = 2000

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


local function is_known(if_none_match, etag)
  if not if_none_match or not etag then
    return false
  end
  local plain = etag:gsub("^W/", "")
  for candidate in if_none_match:gmatch("[^,%s]+") do
    if candidate == "*" or candidate:gsub("^W/", "") == plain then
      return true
    end
  end
  return false
end


local function find_header(headers, wanted)
  for name, value in pairs(headers) do
    if lower(name) == wanted then
      return value
    end
  end
end


local function answer_of(entry, status, key, if_none_match)
  local headers = cache_headers(entry.headers, status, key, entry)
  headers["Age"] = floor(entry.age)
  if entry.status == 200 and is_known(if_none_match, find_header(headers, "etag")) then
    return { status = 304, headers = headers }
  end
  return { status = entry.status, headers = headers, body = entry.body }
end


local function exit_with(made)
  answer.mark_kept()
  return kong.response.exit(made.status, made.body, made.headers)
end


-- Waits while another request fetches; at the end of patience, goes through itself.
local function look_up(conf, key, owner)
  local deadline = ngx.now() + conf.wait_timeout / 1000
  local interval = FIRST_POLL
  while true do
    local entry, err = store.look_up(conf, key, owner, may_renew(conf))
    if not entry then
      return nil, err
    end
    if entry.state ~= "wait" then
      return entry
    end
    if ngx.now() >= deadline then
      return { state = "pass" }
    end
    ngx.sleep(interval)
    interval = min(interval * 2, LAST_POLL)
  end
end


local function prepare_fetch(query)
  for _, name in ipairs(NARROWING) do
    kong.service.request.clear_header(name)
  end
  kong.service.request.set_raw_query(query)
end


local function set_status(status, key)
  for name, value in pairs(cache_headers({}, status, key)) do
    kong.response.set_header(name, value)
  end
end


local function fetch(entry, key, owner, query, if_none_match)
  prepare_fetch(query)
  local stale = entry.status and answer_of(entry, "STALE", key, if_none_match)
  answer.set_fallback(stale)
  kong.ctx.plugin.fetch = { key = key, owner = owner, stale = stale }
end


local function serve(conf, method)
  local query = cache_key.query(ngx.req.get_uri_args(0), conf.query_parameters)
  local key = cache_key.of(kong.request.get_path(), query)
  local if_none_match = kong.request.get_header("If-None-Match")
  local owner = ngx.var.request_id

  local entry, err = look_up(conf, key, owner)
  kong.service.request.clear_header(first_party.HEADER)
  kong.service.request.clear_header("X-Cache-Refresh")
  if not entry then
    kong.log.warn("the cache is not there: ", err)
    return set_status("MISS", key)
  end
  if entry.state == "hit" then
    return exit_with(answer_of(entry, "HIT", key, if_none_match))
  elseif entry.state == "stale" then
    return exit_with(answer_of(entry, "STALE", key, if_none_match))
  elseif entry.state == "pass" then
    return set_status("BYPASS", key)
  end
  set_status("MISS", key)
  if method == "HEAD" then
    -- Its answer has no body to keep.
    return store.fail(conf, key, owner)
  end
  return fetch(entry, key, owner, query, if_none_match)
end


function SimpleRedisCache:access(conf)
  local method = kong.request.get_method()
  if method == "GET" or method == "HEAD" then
    serve(conf, method)
  end
  answer.expect()
end


local function settle(conf, fetched)
  local status = kong.service.response.get_status()
  if status >= 500 then
    store.fail(conf, fetched.key, fetched.owner)
    return fetched.stale and exit_with(fetched.stale)
  end

  local headers = answer.headers()
  local body = kong.service.response.get_raw_body() or ""
  local lifetime, stale_for = storable.lifetime(conf, { status = status, headers = headers, body = body })
  if not lifetime then
    kong.response.set_header("X-Cache-Status", "BYPASS")
    return store.pass(conf, fetched.key, fetched.owner, PASS_TIME)
  end
  local kept = { status = status, headers = stored_headers.select(headers), body = body }
  local _, err = store.store(conf, fetched.key, fetched.owner, kept, lifetime, stale_for)
  if err then
    kong.log.warn("an answer could not be kept: ", err)
  end
  kong.response.set_header("X-Cache-TTL", lifetime)
  kong.response.set_header("X-Cache-Age", 0)
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
  if fetched and answer.is_missing() then
    ngx.timer.at(0, function()
      store.fail(conf, fetched.key, fetched.owner)
    end)
  end
end


return SimpleRedisCache
