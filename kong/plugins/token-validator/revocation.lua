-- Sessions that were ended before their tokens expired: `revoked:sid:<sid>` in Redis, asked at most
-- once a second for a session in each worker. While Redis cannot be asked, the last answer stands.


local lrucache = require "resty.lrucache"
local redis = require "kong.plugins.shared.redis"
local seldom = require "kong.plugins.shared.seldom"


local CAPACITY = 10000
local LIFETIME = 1


local _M = {}


local answers = lrucache.new(CAPACITY)


--- Was this session ended? When Redis cannot say, and never did: no.
function _M.is_revoked(conf, sid)
  local known, last_known = answers:get(sid)
  if known ~= nil then
    return known
  end
  local reply, err = redis.call(conf.redis, "exists", "revoked:sid:" .. sid)
  if err then
    -- Not remembered: the next request after Redis is back shall know.
    seldom.complain("ended sessions cannot be checked", err)
    return last_known == true
  end
  local revoked = reply == 1
  answers:set(sid, revoked, LIFETIME)
  return revoked
end


return _M
