-- The caller's idempotency key. `Idempotency-Key` is a string of RFC 8941, and may come in quotes.


local crypto = require "kong.plugins.shared.crypto"
local parts = require "kong.plugins.shared.parts"


local type = type


local MAX_SIZE = 128


local _M = {}


local function parse(value)
  if type(value) ~= "string" then
    return nil
  end
  local text = value:match('^%s*"([^"]*)"%s*$') or value:match("^%s*(.-)%s*$")
  if #text > MAX_SIZE or not text:find("^[%w._:~/+=-]+$") then
    return nil
  end
  return text
end


--- The key; nil when none was given, false when what was given is no key, or is two.
function _M.read(headers)
  local own, standard = headers["x-idempotency-key"], headers["idempotency-key"]
  if own == nil and standard == nil then
    return nil
  end
  local first = parse(own ~= nil and own or standard)
  if not first or own ~= nil and standard ~= nil and parse(standard) ~= first then
    return false
  end
  return first
end


--- Where the record of a key is: keys of two users, or of two routes, are different keys.
function _M.address(scope, route, key)
  return "idempotency:" .. crypto.sha256_hex(parts.join(scope, route, key))
end


--- What makes two requests the same request.
function _M.fingerprint(request)
  return crypto.sha256_hex(parts.join(request.method, request.path, request.query, request.content_type, request.body))
end


return _M
