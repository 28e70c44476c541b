-- Access tokens: JWS in compact form (RFC 7515), profile of RFC 9068, ES256 and nothing else.


local json = require("cjson.safe").new()
local crypto = require "kong.plugins.shared.crypto"
local role = require "kong.plugins.token-validator.role"


local type = type
local ipairs = ipairs
local lower = string.lower


local MAX_TIME = 2 ^ 53
local MAX_ID_SIZE = 128


local _M = {}


-- NaN, Infinity and hexadecimal numbers are no JSON, and the services' parsers know none of them.
json.decode_invalid_numbers(false)


local function decode_object(part)
  local text = crypto.from_base64url(part)
  local value = text and json.decode(text)
  return type(value) == "table" and value or nil
end


--- The parts of a token; nil and a reason when it is not one that could be believed.
function _M.parse(text)
  local header_part, claims_part, signature_part = text:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
  if not header_part then
    return nil, "is not a signed token"
  end
  local header = decode_object(header_part)
  local claims = decode_object(claims_part)
  local signature = crypto.from_base64url(signature_part)
  if not header or not claims or not signature then
    return nil, "is malformed"
  end
  if header.alg ~= "ES256" then
    return nil, "has an algorithm that is not allowed"
  end
  local typ = type(header.typ) == "string" and lower(header.typ):gsub("^application/", "")
  if typ ~= "at+jwt" then
    return nil, "is not an access token"
  end
  if header.crit ~= nil then
    return nil, "asks for extensions that are not understood"
  end
  if type(header.kid) ~= "string" then
    return nil, "names no key"
  end
  return {
    kid = header.kid,
    claims = claims,
    signature = signature,
    signed = header_part .. "." .. claims_part,
  }
end


--- Was the token signed by the owner of this key?
function _M.is_signed_by(token, key)
  return crypto.verify_es256(key, token.signed, token.signature)
end


local function is_time(value)
  return type(value) == "number" and value >= 0 and value < MAX_TIME
end


-- Ids become header values: nothing but plain characters may be in them.
local function is_id(value)
  return type(value) == "string" and #value <= MAX_ID_SIZE and value:find("^[%w._:|@-]+$") ~= nil
end


local function is_for(audience, wanted)
  if audience == wanted then
    return true
  end
  for _, item in ipairs(type(audience) == "table" and audience or {}) do
    if item == wanted then
      return true
    end
  end
  return false
end


--- Why the claims are not good at this time; nil when they are.
function _M.fault_in_time(claims, conf, now)
  if claims.exp + conf.leeway <= now then
    return "is expired"
  end
  if claims.nbf ~= nil and claims.nbf - conf.leeway > now then
    return "is not valid yet"
  end
end


--- Why a token cannot be taken that came at this time for the first time; nil when it can.
function _M.fault(claims, conf, now)
  if not is_time(claims.exp) or not is_time(claims.iat) or claims.nbf ~= nil and not is_time(claims.nbf) then
    return "has no usable times"
  end
  -- Issued in the future, it would outlive whatever is said of tokens issued until now.
  if claims.iat - conf.leeway > now then
    return "is not valid yet"
  end
  if claims.iss ~= conf.issuer then
    return "is from another issuer"
  end
  if not is_for(claims.aud, conf.audience) then
    return "is for another audience"
  end
  if not is_id(claims.sub) or not is_id(claims.sid) then
    return "names no subject or no session"
  end
  if type(claims.role) ~= "string" or not role.known(claims.role) then
    return "has no known role"
  end
end


return _M
