-- Which plugins run for a route, with which config, in which order.


local ipairs = ipairs
local pairs = pairs


local _M = {}
local mt = { __index = _M }


local PHASES = {
  "init_worker", "configure", "rewrite", "access", "response", "header_filter", "body_filter", "log",
}


-- The most specific of a plugin's configs wins, and only that one runs.
local function specificity(plugin, route)
  if plugin.route_name and plugin.route_name ~= (route and route.name) then
    return nil
  end
  if plugin.service_name and plugin.service_name ~= (route and route.service_name) then
    return nil
  end
  return (plugin.route_name and 2 or 0) + (plugin.service_name and 1 or 0)
end


local function runs_before(a, b)
  local a_priority, b_priority = a.handler.PRIORITY or 0, b.handler.PRIORITY or 0
  if a_priority ~= b_priority then
    return a_priority > b_priority
  end
  return a.name > b.name
end


local function plan_for(self, route)
  local chosen = {}
  for _, plugin in ipairs(self.configured) do
    local rank = plugin.enabled and specificity(plugin, route)
    local current = chosen[plugin.name]
    if rank and (not current or rank > current.rank) then
      chosen[plugin.name] = {
        name = plugin.name, rank = rank, config = plugin.config, handler = self.handlers[plugin.name],
      }
    end
  end

  local ordered = {}
  for _, entry in pairs(chosen) do
    ordered[#ordered + 1] = entry
  end
  table.sort(ordered, runs_before)

  local plan = {}
  for _, phase in ipairs(PHASES) do
    plan[phase] = {}
    for _, entry in ipairs(ordered) do
      if entry.handler[phase] then
        table.insert(plan[phase], entry)
      end
    end
  end
  return plan
end


local function check_handler(name, handler)
  if handler.response and (handler.header_filter or handler.body_filter) then
    return nil, "plugin '" .. name .. "' has response together with header_filter or body_filter"
  end
  if not handler.PRIORITY or not handler.VERSION then
    return nil, "plugin '" .. name .. "' has no PRIORITY or no VERSION"
  end
  return true
end


-- Kong tells a plugin where it was configured.
local function name_scope(config)
  local routes = {}
  for _, route in ipairs(config.routes) do
    routes[route.name] = route.id
  end
  for _, plugin in ipairs(config.plugins) do
    local service = plugin.service_name and config.services[plugin.service_name]
    plugin.config.route_id = plugin.route_name and routes[plugin.route_name]
    plugin.config.service_id = service and service.id
  end
end


--- Loads the handlers of all configured plugins and plans every route.
function _M.new(config)
  name_scope(config)
  local self = setmetatable({ configured = config.plugins, handlers = {}, by_route = {} }, mt)
  local errors = {}
  for _, plugin in ipairs(config.plugins) do
    if not self.handlers[plugin.name] then
      local ok, handler = pcall(require, "kong.plugins." .. plugin.name .. ".handler")
      local err
      if ok then
        ok, err = check_handler(plugin.name, handler)
      else
        err = "plugin '" .. plugin.name .. "' does not load: " .. tostring(handler)
      end
      if not ok then
        errors[#errors + 1] = err
      end
      self.handlers[plugin.name] = ok and handler or {}
    end
  end
  if #errors > 0 then
    return nil, errors
  end

  self.globals = plan_for(self, nil)
  for _, route in ipairs(config.routes) do
    self.by_route[route] = plan_for(self, route)
  end
  return self
end


--- All configs of a plugin, for its `configure` phase.
function _M:configs_of(name)
  local configs = {}
  for _, plugin in ipairs(self.configured) do
    if plugin.name == name and plugin.enabled then
      configs[#configs + 1] = plugin.config
    end
  end
  return configs
end


return _M
