-- What a service's answer says about whether the request happened.


-- These say nothing lasting: the same request may well be answered otherwise later.
local PASSING = { [401] = true, [403] = true, [408] = true, [409] = true, [425] = true, [429] = true }


local _M = {}


--- May this answer of the service be given again? If not, nothing happened.
function _M.is_final(status)
  return status < 500 and not PASSING[status]
end


return _M
