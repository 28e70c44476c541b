-- A token in a URL is in every log and every Referer on its way, so it is no credential here (RFC 6750,
-- section 2.3, would let it be one): it is taken out before anybody sees it.


local request_line = require "kong.plugins.token-validator.request_line"


local ngx = ngx
local kong = kong
local find = string.find
local gmatch = string.gmatch
local match = string.match
local concat = table.concat


local NAME = "access_token"


local _M = {}


local function is_token(parameter)
  local name = match(parameter, "^[^=]*")
  return name == NAME or find(name, "%", 1, true) ~= nil and ngx.unescape_uri(name) == NAME
end


--- The query without its tokens, and otherwise byte for byte as it was; nil when it has none.
function _M.without_tokens(query)
  if not find(query, NAME, 1, true) and not find(query, "%", 1, true) then
    return nil
  end
  local kept, has_token = {}, false
  for parameter in gmatch(query .. "&", "([^&]*)&") do
    if is_token(parameter) then
      has_token = true
    else
      kept[#kept + 1] = parameter
    end
  end
  return has_token and concat(kept, "&") or nil
end


--- Takes tokens out of the request's query.
function _M.drop_tokens()
  local query = ngx.var.args
  local rest = query and _M.without_tokens(query)
  if rest then
    kong.service.request.set_raw_query(rest)
    request_line.blot_out("?" .. query)
  end
end


return _M
