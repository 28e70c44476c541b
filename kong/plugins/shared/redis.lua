-- One pooled Redis connection per call. AUTH and SELECT go only over a fresh connection; after a
-- failure to connect, the next second's calls fail at once instead of waiting for the same time-out.


local redis = require "resty.redis"


local ngx = ngx
local null = ngx.null
local fmt = string.format


local POOL_IDLE_TIME = 30000
local POOL_SIZE = 64
local PAUSE_AFTER_FAILURE = 1


local _M = {}


local paused_until = {}


--- Schema fields of a connection; the names are those of Kong's bundled plugins.
_M.schema = {
  type = "record",
  required = true,
  fields = {
    { host = {
      description = "Name or address of the Redis server.",
      type = "string", required = true, default = "127.0.0.1",
    } },
    { port = {
      description = "Port of the Redis server.",
      type = "integer", required = true, default = 6379, between = { 0, 65535 },
    } },
    { timeout = {
      description = "Longest wait for a connection, a send or an answer, in milliseconds.",
      type = "integer", required = true, default = 200, between = { 1, 60000 },
    } },
    { username = {
      description = "User of Redis's ACL; empty for the default user.",
      type = "string", referenceable = true, len_min = 0,
    } },
    { password = {
      description = "Password; empty when Redis asks for none.",
      type = "string", referenceable = true, encrypted = true, len_min = 0,
    } },
    { database = {
      description = "Number of the database.",
      type = "integer", required = true, default = 0, between = { 0, 65535 },
    } },
  },
}


local function is_given(value)
  return value ~= nil and value ~= null and value ~= ""
end


local function log_in(client, conf)
  local ok, err = true, nil
  if is_given(conf.password) then
    if is_given(conf.username) then
      ok, err = client:auth(conf.username, conf.password)
    else
      ok, err = client:auth(conf.password)
    end
  end
  if ok and conf.database ~= 0 then
    ok, err = client:select(conf.database)
  end
  return ok, err
end


local function connect(conf)
  local pool = fmt("%s:%d:%d:%s", conf.host, conf.port, conf.database, conf.username or "")
  if (paused_until[pool] or 0) > ngx.now() then
    return nil, "connection refused a moment ago"
  end

  local client, err = redis:new()
  if not client then
    return nil, err
  end
  client:set_timeouts(conf.timeout, conf.timeout, conf.timeout)
  local ok
  ok, err = client:connect(conf.host, conf.port, { pool = pool })
  if not ok then
    paused_until[pool] = ngx.now() + PAUSE_AFTER_FAILURE
    return nil, err
  end

  if client:get_reused_times() == 0 then
    ok, err = log_in(client, conf)
    if not ok then
      client:close()
      return nil, err
    end
  end
  return client
end


--- Runs one command. A missing value is nil without an error.
function _M.call(conf, command, ...)
  local client, err = connect(conf)
  if not client then
    return nil, err
  end
  local reply
  reply, err = client[command](client, ...)
  if err and reply == nil then
    client:close()
    return nil, err
  end
  client:set_keepalive(POOL_IDLE_TIME, POOL_SIZE)
  if reply == false then
    return nil, err
  end
  if reply == null then
    return nil
  end
  return reply
end


--- Runs a script, by its digest where Redis knows it already.
function _M.run(conf, script, keys, ...)
  local arguments = {}
  for index = 1, #keys do
    arguments[index] = keys[index]
  end
  for index = 1, select("#", ...) do
    arguments[#keys + index] = (select(index, ...))
  end

  local reply, err = _M.call(conf, "evalsha", script.sha1, #keys, unpack(arguments))
  if err and err:find("NOSCRIPT", 1, true) then
    return _M.call(conf, "eval", script.source, #keys, unpack(arguments))
  end
  return reply, err
end


--- A script with the digest Redis will know it by.
function _M.script(source)
  local digest = ngx.sha1_bin(source):gsub(".", function(character)
    return fmt("%02x", character:byte())
  end)
  return { source = source, sha1 = digest }
end


return _M
