-- The Bearer token of a request (RFC 6750, section 2.1), and the identity headers nobody may forge.


local lower = string.lower
local gsub = string.gsub
local find = string.find
local match = string.match
local sub = string.sub
local pairs = pairs
local type = type


local MAX_TOKEN_SIZE = 8192
local MAX_VERDICTS = 1000
local HOP_BY_HOP = { ["close"] = true, ["keep-alive"] = true, ["upgrade"] = true }


local NONE = {}


local _M = {}


--- Kong reads no more headers than this many.
_M.MAX_HEADERS = 1000


-- The same few names come again and again: what was found out about a name is remembered, for not too many.
local verdicts, verdict_count = {}, 0


local function claims_identity(name)
  local verdict = verdicts[name]
  if verdict == nil then
    local plain = gsub(lower(name), "_", "-")
    verdict = find(plain, "x-user-", 1, true) == 1 or plain == "x-session-id"
    if verdict_count >= MAX_VERDICTS then
      verdicts, verdict_count = {}, 0
    end
    verdicts[name] = verdict
    verdict_count = verdict_count + 1
  end
  return verdict
end


--- Names of headers that claim an identity, as they are spelled in this request; nil when there are more headers
-- than can be looked through. `X_User-ID` counts too: many servers cannot tell it from `X-User-Id`.
function _M.forged(headers)
  local names, count = NONE, 0
  for name, value in pairs(headers) do
    count = count + (type(value) == "table" and #value or 1)
    if claims_identity(name) then
      names = names == NONE and {} or names
      names[#names + 1] = name
    end
  end
  return count < _M.MAX_HEADERS and names or nil
end


--- Does the Connection header name only what concerns the connection?
-- Whatever else it names would be removed after the identity headers are set.
function _M.is_plain_connection(value)
  if HOP_BY_HOP[value] then
    return true
  end
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
  if lower(sub(authorization, 1, 6)) ~= "bearer" then
    return nil
  end
  if #authorization > MAX_TOKEN_SIZE or sub(authorization, 7, 7) ~= " " then
    return false
  end
  local text = match(authorization, "^ +([%w._~+/-]+=*) *$", 7)
  return text or false
end


return _M
