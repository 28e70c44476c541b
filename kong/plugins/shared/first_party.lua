-- Servers and jobs of the market itself prove that they are with a secret in X-Warmup-Token.


local crypto = require "kong.plugins.shared.crypto"


local kong = kong


local _M = {}


_M.HEADER = "X-Warmup-Token"


--- Does the request hold this secret? Digests are compared, so that the time it takes tells nothing of it.
function _M.is_proven(secret)
  local given = kong.request.get_header(_M.HEADER)
  return given ~= nil and secret ~= nil and secret ~= "" and crypto.sha256(given) == crypto.sha256(secret)
end


return _M
