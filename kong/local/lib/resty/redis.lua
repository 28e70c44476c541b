-- `resty.redis` under the name Debian gives it, with what its old release lacks.


local redis = require "nginx.redis"


redis.add_commands("evalsha", "pexpire", "pttl", "ttl", "select", "ping", "setex", "exists", "incrby", "hgetall")


function redis.set_timeouts(self, connect_timeout, send_timeout, read_timeout)
  return rawget(self, "_sock"):settimeouts(connect_timeout, send_timeout, read_timeout)
end


return redis
