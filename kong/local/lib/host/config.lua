-- A declarative configuration (YAML) as services, routes and plugins, checked as a whole.


local lyaml = require "lyaml"
local entities = require "host.entities"
local schema = require "host.schema"
local vault = require "host.vault"


local fmt = string.format
local ipairs = ipairs
local pairs = pairs
local type = type


local _M = {}


local function add(errors, ...)
  errors[#errors + 1] = fmt(...)
end


-- `url` is short for protocol, host, port and path.
local function expand_url(service)
  if type(service.url) ~= "string" then
    return
  end
  local protocol, authority, path = service.url:match("^(https?)://([^/]+)(.*)$")
  if not protocol then
    return
  end
  local host, port = authority:match("^(.-):(%d+)$")
  service.protocol = protocol
  service.host = host or authority
  service.port = tonumber(port) or (protocol == "https" and 443 or 80)
  service.path = path ~= "" and path ~= "/" and path or nil
  service.url = nil
end


local function label(kind, entity, index)
  return fmt("%s %s", kind, type(entity.name) == "string" and entity.name or "#" .. index)
end


local function owner_name(value)
  if type(value) == "table" then
    return value.name
  end
  return value
end


local function load_plugin_schema(name, cache)
  if cache[name] == nil then
    local ok, loaded = pcall(require, "kong.plugins." .. name .. ".schema")
    cache[name] = ok and { schema = loaded } or { err = loaded }
  end
  return cache[name]
end


local function config_field(plugin_schema)
  for _, entry in ipairs(plugin_schema.fields) do
    if entry.config then
      return entry.config
    end
  end
end


local function resolve_references(plugin, where, errors)
  schema.each_reference(plugin.config, function(container, key, reference)
    local value, err = vault.resolve(reference)
    if value == nil then
      add(errors, "%s: config.%s: %s", where, key, err)
      return
    end
    container[key] = value
  end)
end


local function check_plugin(state, plugin, owner, where)
  local errors = state.errors
  if type(plugin) ~= "table" then
    add(errors, "%s: expected a record", where)
    return
  end
  local faults = {}
  schema.check(entities.plugin, plugin, "", faults)
  for _, fault in ipairs(faults) do
    add(errors, "%s: %s", where, fault)
  end
  if type(plugin.name) ~= "string" then
    return
  end

  local loaded = load_plugin_schema(plugin.name, state.plugin_schemas)
  if loaded.err then
    local missing = loaded.err:find("module '[^']+' not found")
    add(errors, "%s: name: plugin '%s' %s", where, plugin.name,
        missing and "is not installed" or "has a broken schema: " .. loaded.err)
    return
  end

  local field = config_field(loaded.schema)
  local config_faults = {}
  plugin.config = plugin.config or {}
  schema.check(field, plugin.config, "config", config_faults)
  if #config_faults == 0 then
    resolve_references(plugin, where, config_faults)
    -- Once more with the values in place of the references: an empty secret is found here.
    if #config_faults == 0 then
      schema.check(field, plugin.config, "config", config_faults)
    end
    for index, fault in ipairs(config_faults) do
      config_faults[index] = fault:gsub("^" .. where:gsub("%p", "%%%0") .. ": ", "")
    end
  end
  for _, fault in ipairs(config_faults) do
    add(errors, "%s: %s", where, fault)
  end

  plugin.service_name = owner.service or owner_name(plugin.service)
  plugin.route_name = owner.route or owner_name(plugin.route)
  state.plugins[#state.plugins + 1] = plugin
end


local function check_plugins(state, list, owner, where)
  for index, plugin in ipairs(type(list) == "table" and list or {}) do
    local name = label("plugin", type(plugin) == "table" and plugin or {}, index)
    check_plugin(state, plugin, owner, where and where .. ", " .. name or name)
  end
end


local function check_route(state, route, service_name, where)
  if type(route) ~= "table" then
    add(state.errors, "%s: expected a record", where)
    return
  end
  local faults = {}
  schema.check(entities.route, route, "", faults)
  for _, fault in ipairs(faults) do
    add(state.errors, "%s: %s", where, fault)
  end

  route.name = route.name or fmt("route-%d", #state.routes + 1)
  if state.route_names[route.name] then
    add(state.errors, "%s: name: is already taken by another route", where)
  end
  state.route_names[route.name] = route
  route.order = #state.routes + 1
  route.service_name = service_name or owner_name(route.service)
  state.routes[#state.routes + 1] = route
  check_plugins(state, route.plugins, { route = route.name }, where)
end


local function check_routes(state, list, service_name, where)
  for index, route in ipairs(type(list) == "table" and list or {}) do
    local name = label("route", type(route) == "table" and route or {}, index)
    check_route(state, route, service_name, where and where .. ", " .. name or name)
  end
end


local function check_service(state, service, index)
  if type(service) ~= "table" then
    add(state.errors, "service #%d: expected a record", index)
    return
  end
  local where = label("service", service, index)
  local faults = {}
  expand_url(service)
  schema.check(entities.service, service, "", faults)
  for _, fault in ipairs(faults) do
    add(state.errors, "%s: %s", where, fault)
  end

  service.name = service.name or fmt("service-%d", index)
  if state.services[service.name] then
    add(state.errors, "%s: name: is already taken by another service", where)
  end
  state.services[service.name] = service
  check_routes(state, service.routes, service.name, where)
  check_plugins(state, service.plugins, { service = service.name }, where)
end


local function link(state)
  local seen = {}
  for _, route in ipairs(state.routes) do
    route.service = nil
    if route.service_name then
      route.service = state.services[route.service_name]
      if not route.service then
        add(state.errors, "route %s: service: no service is named '%s'", route.name, route.service_name)
      end
    end
  end
  for _, plugin in ipairs(state.plugins) do
    local service, route = plugin.service_name, plugin.route_name
    if service and not state.services[service] then
      add(state.errors, "plugin %s: service: no service is named '%s'", plugin.name, service)
    end
    if route and not state.route_names[route] then
      add(state.errors, "plugin %s: route: no route is named '%s'", plugin.name, route)
    end
    local scope = fmt("%s service=%s route=%s", plugin.name, service or "", route or "")
    if seen[scope] then
      add(state.errors, "plugin %s: is configured twice for the same service and route", plugin.name)
    end
    seen[scope] = true
  end
end


-- An alias in YAML is the same table as its anchor; what is added to one must not show in the other.
local function unshared(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, item in pairs(value) do
    result[key] = unshared(item)
  end
  return result
end


--- Parses and checks a configuration. Returns it, or nil and a list of every fault found.
function _M.parse(text)
  local ok, root = pcall(lyaml.load, text)
  if not ok then
    return nil, { "is not YAML: " .. tostring(root) }
  end
  if type(root) ~= "table" then
    return nil, { "is empty" }
  end

  root = unshared(root)
  local state = { errors = {}, services = {}, routes = {}, route_names = {}, plugins = {}, plugin_schemas = {} }
  schema.check(entities.root, root, "", state.errors)
  for index, service in ipairs(type(root.services) == "table" and root.services or {}) do
    check_service(state, service, index)
  end
  check_routes(state, root.routes)
  check_plugins(state, root.plugins, {})
  link(state)

  if #state.errors > 0 then
    return nil, state.errors
  end
  return { services = state.services, routes = state.routes, plugins = state.plugins }
end


return _M
