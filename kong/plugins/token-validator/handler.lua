local credential = require "kong.plugins.token-validator.credential"
local flood = require "kong.plugins.token-validator.flood"
local jwks = require "kong.plugins.token-validator.jwks"
local memory = require "kong.plugins.token-validator.memory"
local problem = require "kong.plugins.shared.problem"
local revocation = require "kong.plugins.token-validator.revocation"
local role = require "kong.plugins.token-validator.role"
local token = require "kong.plugins.token-validator.token"


local ngx = ngx
local kong = kong
local type = type
local ipairs = ipairs


local REALM = 'Bearer realm="doa-market"'

local BAD_CONNECTION = { status = 400, code = "REQ_4000", detail = "The Connection header names other headers." }
local TWO_CREDENTIALS = {
  status = 400, code = "REQ_4000", detail = "More than one Authorization header.", error = "invalid_request",
}
local TOKEN_IN_QUERY = {
  status = 400, code = "REQ_4000", detail = "A token does not belong in a URL.", error = "invalid_request",
}
local NO_TOKEN = { status = 401, code = "AUTH_1001", detail = "An access token is required." }
local REVOKED = {
  status = 401, code = "AUTH_1005", detail = "The session was ended.", error = "invalid_token",
}
local FORBIDDEN = {
  status = 403, code = "AUTH_1003", detail = "Your role may not do this.", error = "insufficient_scope",
}
local FLOOD = { status = 429, code = "REQ_4290", detail = "Too many bad tokens from this address." }
local NO_KEYS = { status = 503, code = "SYS_5003", detail = "Tokens cannot be checked now." }


local TokenValidator = {
  VERSION = "1.0.0",
  PRIORITY = 1400,
}


local function refuse(fault)
  local headers = {}
  if fault.status == 503 or fault.status == 429 then
    headers["Retry-After"] = "1"
  elseif fault.error then
    headers["WWW-Authenticate"] = REALM .. ', error="' .. fault.error .. '", error_description="' .. fault.detail .. '"'
  elseif fault.status == 401 then
    headers["WWW-Authenticate"] = REALM
  end
  return problem.exit(fault.status, fault, headers)
end


local function invalid(reason)
  return { status = 401, code = "AUTH_1002", detail = "The access token " .. reason .. ".", error = "invalid_token" }
end


local function verify(conf, text)
  local now = ngx.now()
  local known, digest = memory.recall(conf, text)
  if known and jwks.find(conf, known.kid) then
    local reason = token.fault_in_time(known.claims, conf, now)
    return not reason and known.claims or nil, reason and invalid(reason)
  end

  local parsed, reason = token.parse(text)
  if not parsed then
    return nil, invalid(reason)
  end
  local key, never_fetched = jwks.find(conf, parsed.kid)
  if never_fetched then
    return nil, NO_KEYS
  end
  local address = kong.client.get_forwarded_ip()
  if key and flood.is_over(address, conf.max_bad_tokens) then
    return nil, FLOOD
  end
  if not key or not token.is_signed_by(parsed, key) then
    flood.note(address)
    return nil, invalid("was not signed by this market")
  end
  reason = token.fault(parsed.claims, conf) or token.fault_in_time(parsed.claims, conf, now)
  if reason then
    return nil, invalid(reason)
  end
  memory.keep(conf, digest, parsed, now)
  return parsed.claims
end


local function identify(conf, headers)
  local authorization = headers["authorization"]
  if type(authorization) == "table" then
    return nil, TWO_CREDENTIALS
  end
  if ngx.var.args and ngx.req.get_uri_args(0)["access_token"] ~= nil then
    return nil, TOKEN_IN_QUERY
  end
  local text = authorization and credential.bearer(authorization)
  if text == false then
    return nil, invalid("is malformed")
  end
  if not text then
    return nil, conf.policy == "required" and NO_TOKEN or nil
  end

  local claims, fault = verify(conf, text)
  if not claims then
    return nil, fault
  end
  if conf.check_revocation and revocation.is_revoked(conf, claims.sid) then
    return nil, REVOKED
  end
  if not role.suffices(claims.role, conf.minimum_role) then
    return nil, FORBIDDEN
  end
  return claims
end


function TokenValidator:access(conf)
  local headers = ngx.req.get_headers(0)
  for _, name in ipairs(credential.forged(headers) or {}) do
    kong.service.request.clear_header(name)
  end
  if headers["connection"] and not credential.is_plain_connection(headers["connection"]) then
    return refuse(BAD_CONNECTION)
  end
  if conf.policy == "ignored" then
    return
  end

  local claims, fault = identify(conf, headers)
  if fault then
    return refuse(fault)
  end
  if claims then
    kong.ctx.shared.identity = claims
    kong.service.request.set_header("X-User-Id", claims.sub)
    kong.service.request.set_header("X-User-Role", claims.role)
    kong.service.request.set_header("X-Session-Id", claims.sid)
  end
end


return TokenValidator
