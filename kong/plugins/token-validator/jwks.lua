-- Public keys of auth-server, kept in memory. Fetched when a token names an unknown one (at most every
-- 10 s, so that made-up names cannot be used to knock on auth-server), and now and then in the background.
-- What is known stays known while auth-server is down.


local cjson = require "cjson.safe"
local http = require "resty.http"
local semaphore = require "ngx.semaphore"
local crypto = require "kong.plugins.shared.crypto"


local ngx = ngx
local kong = kong
local type = type
local ipairs = ipairs


local INTERVAL = 10
-- With no key at all nobody gets in: ask again sooner.
local INTERVAL_WHEN_EMPTY = 1


local _M = {}


local states = {}


local function state_of(uri)
  local state = states[uri]
  if not state then
    state = { uri = uri, keys = nil, attempted_at = -INTERVAL, fetched_at = 0, fetching = nil, waiting = 0 }
    states[uri] = state
  end
  return state
end


local function key_of(jwk)
  if type(jwk) ~= "table" or jwk.kty ~= "EC" or jwk.crv ~= "P-256" or type(jwk.kid) ~= "string"
    or type(jwk.x) ~= "string" or type(jwk.y) ~= "string"
    or (jwk.use ~= nil and jwk.use ~= "sig") or (jwk.alg ~= nil and jwk.alg ~= "ES256") then
    return nil
  end
  local x, y = crypto.from_base64url(jwk.x), crypto.from_base64url(jwk.y)
  if not x or not y then
    return nil
  end
  return crypto.p256_key(x, y)
end


--- Usable keys of a JWK set by their `kid`; nil when there is none.
function _M.parse(body)
  local set = cjson.decode(body)
  if type(set) ~= "table" or type(set.keys) ~= "table" then
    return nil, "not a JWK set"
  end
  local keys, count = {}, 0
  for _, jwk in ipairs(set.keys) do
    local key = key_of(jwk)
    if key then
      keys[jwk.kid] = key
      count = count + 1
    end
  end
  if count == 0 then
    return nil, "no usable key in the JWK set"
  end
  return keys
end


local function download(uri, timeout)
  local client = http.new()
  client:set_timeouts(timeout, timeout, timeout)
  local response, err = client:request_uri(uri, { headers = { Accept = "application/json" } })
  if not response then
    return nil, err
  end
  if response.status ~= 200 then
    return nil, "status " .. response.status
  end
  return _M.parse(response.body)
end


-- One fetch at a time in a worker; the others wait for its outcome.
local function fetch(state, timeout)
  if state.fetching then
    state.waiting = state.waiting + 1
    state.fetching:wait(timeout / 1000)
    return
  end

  local gate = semaphore.new()
  state.fetching = gate
  state.attempted_at = ngx.now()
  local ok, keys, err = pcall(download, state.uri, timeout)
  if ok and keys then
    state.keys = keys
    state.fetched_at = ngx.now()
  else
    kong.log.warn("keys of auth-server could not be fetched: ", ok and err or keys)
  end
  state.fetching = nil
  if state.waiting > 0 then
    gate:post(state.waiting)
    state.waiting = 0
  end
end


local function may_fetch(state)
  return ngx.now() - state.attempted_at >= (state.keys and INTERVAL or INTERVAL_WHEN_EMPTY)
end


local function refresh_in_background(state, conf)
  if state.fetching or not may_fetch(state) then
    return
  end
  state.attempted_at = ngx.now()
  ngx.timer.at(0, function(premature)
    if not premature then
      fetch(state, conf.jwks_timeout)
    end
  end)
end


--- The key of that name. nil when there is none; nil and true when no key could ever be fetched.
function _M.find(conf, kid)
  local state = state_of(conf.jwks_uri)
  local key = state.keys and state.keys[kid]
  if key then
    if ngx.now() - state.fetched_at >= conf.jwks_max_age then
      refresh_in_background(state, conf)
    end
    return key
  end
  if state.fetching or may_fetch(state) then
    fetch(state, conf.jwks_timeout)
  end
  return state.keys and state.keys[kid], state.keys == nil
end


return _M
