-- Checking a signature costs more than anything else here, and whoever sends rubbish decides how often it is
-- done. So each address has so many failures a second in a worker; after that new tokens wait.
-- Tokens that are remembered are not affected.


local lrucache = require "resty.lrucache"


local ngx = ngx
local floor = math.floor


local CAPACITY = 10000


local _M = {}


local failures = lrucache.new(CAPACITY)


local function current(address)
  local second = floor(ngx.now())
  local entry = failures:get(address)
  if not entry or entry.second ~= second then
    entry = { second = second, count = 0 }
    failures:set(address, entry, 2)
  end
  return entry
end


--- Has this address used up its failures of this second?
function _M.is_over(address, limit)
  local entry = failures:get(address)
  return entry ~= nil and entry.count >= limit and entry.second == floor(ngx.now())
end


--- Notes a token with a bad signature.
function _M.note(address)
  local entry = current(address)
  entry.count = entry.count + 1
end


return _M
