-- From an Authorization header to claims that can be believed.


local credential = require "kong.plugins.token-validator.credential"
local fault = require "kong.plugins.token-validator.fault"
local flood = require "kong.plugins.token-validator.flood"
local jwks = require "kong.plugins.token-validator.jwks"
local memory = require "kong.plugins.token-validator.memory"
local token = require "kong.plugins.token-validator.token"


local ngx = ngx
local kong = kong


local _M = {}


local function signed_token(conf, text, address)
  local parsed, reason = token.parse(text)
  if not parsed then
    return nil, fault.invalid(reason)
  end
  local key, never_fetched = jwks.find(conf, parsed.kid)
  if never_fetched then
    return nil, fault.no_keys
  end
  if not key or not token.is_signed_by(parsed, key) then
    flood.note(address)
    return nil, fault.invalid("was not signed by this market")
  end
  return parsed
end


-- What holds for a token as long as it lives.
local function verify(conf, text, now, address)
  local parsed, err = signed_token(conf, text, address)
  if not parsed then
    return nil, err
  end
  local reason = token.fault(parsed.claims, conf, now)
  if reason then
    return nil, fault.invalid(reason)
  end
  return parsed
end


--- The claims of the header's Bearer token. nil and a fault when it is not good, nil alone when there is none.
function _M.claims_of(conf, authorization)
  local now = ngx.now()
  local known, digest = memory.recall(conf, authorization)
  if known and not jwks.find(conf, known.kid) then
    known = nil
  end
  if not known then
    local address = kong.client.get_forwarded_ip()
    if flood.is_over(address, conf.max_bad_tokens) then
      return nil, fault.flood
    end
    local text = credential.bearer(authorization)
    if not text then
      return nil, text == false and fault.invalid("is malformed") or nil
    end
    local verified, err = verify(conf, text, now, address)
    if not verified then
      return nil, err
    end
    memory.keep(conf, digest, verified, now)
    known = verified
  end

  local reason = token.fault_in_time(known.claims, conf, now)
  if reason then
    return nil, fault.invalid(reason)
  end
  return known.claims
end


return _M
