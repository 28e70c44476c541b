local credential = require "kong.plugins.token-validator.credential"
local fault = require "kong.plugins.token-validator.fault"
local problem = require "kong.plugins.shared.problem"
local query = require "kong.plugins.token-validator.query"
local revocation = require "kong.plugins.token-validator.revocation"
local role = require "kong.plugins.token-validator.role"
local verification = require "kong.plugins.token-validator.verification"


local kong = kong
local type = type
local ipairs = ipairs


local REALM = 'Bearer realm="doa-market"'


local TokenValidator = {
  VERSION = "1.0.0",
  PRIORITY = 1400,
}


local function refuse(reason)
  local headers = {}
  if reason.status == 503 or reason.status == 429 then
    headers["Retry-After"] = "1"
  elseif reason.error then
    headers["WWW-Authenticate"] = REALM .. ', error="' .. reason.error
      .. '", error_description="' .. reason.detail .. '"'
  elseif reason.status == 401 then
    headers["WWW-Authenticate"] = REALM
  end
  return problem.exit(reason.status, reason, headers)
end


-- Returns claims, or nothing where none are needed, or nil and a fault.
local function identify(conf, authorization)
  if type(authorization) == "table" then
    return nil, fault.two_credentials
  end

  local claims, err
  if authorization then
    claims, err = verification.claims_of(conf, authorization)
  end
  if not claims then
    return nil, err or conf.policy == "required" and fault.no_token or nil
  end
  if conf.check_revocation and revocation.is_revoked(conf, claims.sid) then
    return nil, fault.revoked
  end
  if not role.suffices(claims.role, conf.minimum_role) then
    return nil, fault.forbidden
  end
  return claims
end


function TokenValidator:access(conf)
  query.drop_tokens()
  local headers = kong.request.get_headers(credential.MAX_HEADERS)
  local forged = credential.forged(headers)
  if not forged then
    return refuse(fault.too_many_headers)
  end
  for _, name in ipairs(forged) do
    kong.service.request.clear_header(name)
  end
  if headers["connection"] and not credential.is_plain_connection(headers["connection"]) then
    return refuse(fault.bad_connection)
  end
  if conf.policy == "ignored" then
    return
  end

  local claims, err = identify(conf, headers["authorization"])
  if err then
    return refuse(err)
  end
  if claims then
    kong.ctx.shared.identity = claims
    kong.service.request.set_header("X-User-Id", claims.sub)
    kong.service.request.set_header("X-User-Role", claims.role)
    kong.service.request.set_header("X-Session-Id", claims.sid)
  end
end


return TokenValidator
