-- One pooled Redis connection per call. AUTH and SELECT go only over a fresh connection. A Redis that cannot be
-- connected to, or does not answer in time, is left alone for a moment (circuit.lua); an error reply is an answer.


local circuit = require "kong.plugins.shared.circuit"
local redis = require "resty.redis"


local ngx = ngx
local null = ngx.null
local fmt = string.format


local POOL_IDLE_TIME = 30000
local POOL_SIZE = 64
-- Time-outs that one call can come to: connecting, AUTH, SELECT, the command, and sending it.
local WAITS = 5


local _M = {}


-- Pool and circuit of each Redis: configs with the same connection share them.
local servers = {}
local by_config = setmetatable({}, { __mode = "k" })


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


local function server_of(conf)
  local server = by_config[conf]
  if not server then
    local pool = fmt("%s:%d:%d:%s", conf.host, conf.port, conf.database, conf.username or "")
    server = servers[pool] or { pool = pool, circuit = circuit.new() }
    servers[pool] = server
    by_config[conf] = server
  end
  return server
end


-- Returns nil and a message when there is no answer, false and a message when the answer is a refusal.
local function connect(conf, pool)
  local client, err = redis:new()
  if not client then
    return nil, err
  end
  client:set_timeouts(conf.timeout, conf.timeout, conf.timeout)
  local ok
  ok, err = client:connect(conf.host, conf.port, { pool = pool })
  if ok and client:get_reused_times() == 0 then
    ok, err = log_in(client, conf)
  end
  if not ok then
    client:close()
    return ok, err
  end
  return client
end


--- Runs one command. A missing value is nil without an error. After an error, a third value of true says that the
-- command was sent: it may yet be carried out.
function _M.call(conf, command, ...)
  local server = server_of(conf)
  local entered_at = circuit.enter(server.circuit, WAITS * conf.timeout / 1000)
  if not entered_at then
    return nil, "gave no answer a moment ago"
  end

  local client, err = connect(conf, server.pool)
  if not client then
    if client == nil then
      circuit.failed(server.circuit, entered_at)
    end
    return nil, err
  end

  local reply
  reply, err = client[command](client, ...)
  if reply == nil then
    -- Never pooled: its answer may still come, and would be taken for that of the next command.
    client:close()
    if err == "timeout" then
      circuit.failed(server.circuit, entered_at)
    end
    return nil, err, true
  end
  circuit.answered(server.circuit)
  client:set_keepalive(POOL_IDLE_TIME, POOL_SIZE)
  if reply == false then
    return nil, err
  end
  if reply == null then
    return nil
  end
  return reply
end


--- Runs a script, by its digest where Redis knows it already. Returns what `call` returns.
function _M.run(conf, script, keys, ...)
  local arguments = {}
  for index = 1, #keys do
    arguments[index] = keys[index]
  end
  for index = 1, select("#", ...) do
    arguments[#keys + index] = (select(index, ...))
  end

  local reply, err, may_follow = _M.call(conf, "evalsha", script.sha1, #keys, unpack(arguments))
  if err and err:find("NOSCRIPT", 1, true) then
    return _M.call(conf, "eval", script.source, #keys, unpack(arguments))
  end
  return reply, err, may_follow
end


--- A script with the digest Redis will know it by.
function _M.script(source)
  local digest = ngx.sha1_bin(source):gsub(".", function(character)
    return fmt("%02x", character:byte())
  end)
  return { source = source, sha1 = digest }
end


return _M
