-- Verified tokens, remembered per worker by the SHA-256 of their Authorization header: checking a signature
-- costs 150 us, remembering 3.
-- An entry never outlives the token, nor the key that signed it.


local lrucache = require "resty.lrucache"
local crypto = require "kong.plugins.shared.crypto"
local parts = require "kong.plugins.shared.parts"


local CAPACITY = 10000


local _M = {}


-- One cache for all configs that believe the same tokens.
local caches = {}
local by_config = setmetatable({}, { __mode = "k" })


local function cache_of(conf)
  local cache = by_config[conf]
  if not cache then
    local name = parts.join(conf.issuer, conf.audience, conf.jwks_uri)
    cache = caches[name] or lrucache.new(CAPACITY)
    caches[name] = cache
    by_config[conf] = cache
  end
  return cache
end


--- The remembered token, and the digest to remember it by.
function _M.recall(conf, authorization)
  local digest = crypto.sha256(authorization)
  return cache_of(conf):get(digest), digest
end


--- Remembers a verified token until it expires.
function _M.keep(conf, digest, token, now)
  local seconds = token.claims.exp - now
  if seconds > 0 then
    cache_of(conf):set(digest, { kid = token.kid, claims = token.claims }, seconds)
  end
end


return _M
