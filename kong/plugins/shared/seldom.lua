-- Complaints that every request could make while something is down: logged once a second in each worker.


local ngx = ngx
local kong = kong


local INTERVAL = 1


local _M = {}


-- Messages and when they were last logged: as many as are written in the plugins.
local logged_at = {}


--- Logs what is wrong, and why.
function _M.complain(message, err)
  local now = ngx.now()
  if now - (logged_at[message] or 0) >= INTERVAL then
    logged_at[message] = now
    kong.log.err(message, ": ", err)
  end
end


return _M
