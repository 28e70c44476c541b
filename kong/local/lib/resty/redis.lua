-- `resty.redis` under the name Debian gives it. Debian's release is an old one: later commands are
-- added, and host names become addresses first.


local redis = require "nginx.redis"
local addresses = require "host.addresses"


redis.add_commands("evalsha", "pexpire", "pttl", "ttl", "select", "ping", "setex", "exists", "incrby", "hgetall")


local connect = redis.connect


function redis.connect(self, host, ...)
  local address = host
  if host:sub(1, 5) ~= "unix:" then
    local err
    address, err = addresses.of(host)
    if not address then
      return nil, err
    end
  end
  return connect(self, address, ...)
end


function redis.set_timeouts(self, connect_timeout, send_timeout, read_timeout)
  return rawget(self, "_sock"):settimeouts(connect_timeout, send_timeout, read_timeout)
end


return redis
