-- Host names as addresses, remembered: cosockets here have no resolver of their own.


local resolver = require "host.resolver"


local known = {}


local _M = {}


function _M.of(name)
  local address = known[name]
  if not address then
    local err
    address, err = resolver.resolve(name)
    if not address then
      return nil, err
    end
    known[name] = address
  end
  return address
end


return _M
