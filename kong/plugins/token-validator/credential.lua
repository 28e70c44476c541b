-- The Bearer token of a request (RFC 6750, section 2.1), and the identity headers nobody may forge.


local lower = string.lower
local gsub = string.gsub
local find = string.find
local pairs = pairs
local type = type


local MAX_TOKEN_SIZE = 8192
local HOP_BY_HOP = { ["close"] = true, ["keep-alive"] = true, ["upgrade"] = true }


local _M = {}


--- Names of headers that claim an identity, as they are spelled in this request.
-- `X_User-ID` counts too: many servers cannot tell it from `X-User-Id`.
function _M.forged(headers)
  local names
  for name in pairs(headers) do
    local plain = gsub(lower(name), "_", "-")
    if find(plain, "x-user-", 1, true) == 1 or plain == "x-session-id" then
      names = names or {}
      names[#names + 1] = name
    end
  end
  return names
end


--- Does the Connection header name only what concerns the connection?
-- Whatever else it names would be removed after the identity headers are set.
function _M.is_plain_connection(value)
  if type(value) == "table" then
    value = table.concat(value, ",")
  end
  for name in value:gmatch("[^,]+") do
    if not HOP_BY_HOP[lower(name:match("^%s*(.-)%s*$"))] then
      return false
    end
  end
  return true
end


--- The token of an Authorization header; nil without a Bearer, false when it cannot be a token.
function _M.bearer(authorization)
  local scheme, rest = authorization:match("^(%S+) *(.-) *$")
  if not scheme or lower(scheme) ~= "bearer" then
    return nil
  end
  if #rest > MAX_TOKEN_SIZE or not rest:find("^[%w._~+/-]+=*$") then
    return false
  end
  return rest
end


return _M
