-- SHA-256 and ECDSA over P-256, from whichever OpenSSL binding is installed.
-- The only module that knows there is more than one.


local ngx = ngx
local byte = string.byte
local char = string.char
local sub = string.sub


local _M = {}


-- SubjectPublicKeyInfo of an uncompressed point on P-256, up to the point itself (RFC 5480).
local P256_PREFIX = "\48\89\48\19\6\7\42\134\72\206\61\2\1\6\8\42\134\72\206\61\3\1\7\3\66\0\4"


local function load_resty_openssl()
  local pkey = require "resty.openssl.pkey"
  local digest = require "resty.openssl.digest"
  return {
    load = function(pem) return pkey.new(pem, { format = "PEM", type = "pu" }) end,
    verify = function(key, message, signature) return key:verify(signature, message, "sha256") end,
    sha256 = function(text) return digest.new("sha256"):final(text) end,
  }
end


local function load_luaossl()
  local pkey = require "openssl.pkey"
  local digest = require "openssl.digest"
  local ffi = require "ffi"
  ffi.cdef [[
    int SHA256_Init(void *context);
    int SHA256_Update(void *context, const void *text, size_t size);
    int SHA256_Final(unsigned char *result, void *context);
  ]]
  local context = ffi.new("uint64_t[16]")
  local result = ffi.new("unsigned char[32]")
  return {
    load = function(pem) return pkey.new(pem, "PEM") end,
    verify = function(key, message, signature)
      return key:verify(signature, digest.new("sha256"):update(message))
    end,
    -- nginx has libcrypto loaded already; this one is asked for every request.
    sha256 = function(text)
      ffi.C.SHA256_Init(context)
      ffi.C.SHA256_Update(context, text, #text)
      ffi.C.SHA256_Final(result, context)
      return ffi.string(result, 32)
    end,
  }
end


local found, binding = pcall(load_resty_openssl)
if not found then
  binding = load_luaossl()
end


--- SHA-256 as 32 raw bytes.
function _M.sha256(text)
  return binding.sha256(text)
end


--- SHA-256 in hexadecimal.
function _M.sha256_hex(text)
  return (binding.sha256(text):gsub(".", function(character)
    return string.format("%02x", byte(character))
  end))
end


--- Bytes from base64url without padding (RFC 7515); nil when they are not exactly that.
function _M.from_base64url(text)
  if text:find("[^A-Za-z0-9_-]") or #text % 4 == 1 then
    return nil
  end
  local padded = text:gsub("-", "+"):gsub("_", "/") .. ("="):rep(-#text % 4)
  local bytes = ngx.decode_base64(padded)
  -- The unused bits of the last character must be zero, or one token would have several spellings.
  if not bytes or ngx.encode_base64(bytes) ~= padded then
    return nil
  end
  return bytes
end


--- A verification key from the coordinates of a JWK.
function _M.p256_key(x, y)
  if #x ~= 32 or #y ~= 32 then
    return nil, "a coordinate is not 32 bytes long"
  end
  local pem = "-----BEGIN PUBLIC KEY-----\n" .. ngx.encode_base64(P256_PREFIX .. x .. y)
    .. "\n-----END PUBLIC KEY-----\n"
  local ok, key, err = pcall(binding.load, pem)
  if not ok or not key then
    return nil, err or key
  end
  return key
end


local function der_integer(bytes)
  local start = 1
  while start < #bytes and byte(bytes, start) == 0 do
    start = start + 1
  end
  local digits = sub(bytes, start)
  if byte(digits) >= 0x80 then
    digits = "\0" .. digits
  end
  return "\2" .. char(#digits) .. digits
end


--- Verifies a signature of JOSE's form, the 64 bytes r || s. Never raises.
function _M.verify_es256(key, message, signature)
  if #signature ~= 64 then
    return false
  end
  local numbers = der_integer(sub(signature, 1, 32)) .. der_integer(sub(signature, 33))
  local ok, verified = pcall(binding.verify, key, message, "\48" .. char(#numbers) .. numbers)
  return ok and verified == true
end


return _M
