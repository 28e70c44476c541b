-- Host names as addresses, remembered: cosockets here have no resolver of their own.


local resolver = require "host.resolver"


local ngx = ngx


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


--- Kong's cosockets resolve names by themselves; so do these.
function _M.let_sockets_resolve()
  local tcp = ngx.socket.tcp
  ngx.socket.tcp = function(...) -- luacheck: ignore 122
    local socket, err = tcp(...)
    if not socket then
      return nil, err
    end
    local connect = socket.connect
    socket.connect = function(self, host, ...)
      local address, failure = host, nil
      if host:sub(1, 5) ~= "unix:" then
        address, failure = _M.of(host)
      end
      if not address then
        return nil, failure
      end
      return connect(self, address, ...)
    end
    return socket
  end
end


return _M
