-- From a configuration file to services, routes and plugins; whatever is wrong with it is said, and ends the start.


local addresses = require "host.addresses"
local config = require "host.config"
local plugins = require "host.plugins"
local resolver = require "host.resolver"
local router = require "host.router"


local ngx = ngx
local ipairs = ipairs
local pairs = pairs


local _M = {}


local function die(errors)
  for _, message in ipairs(errors) do
    io.stderr:write("gateway: kong.yml: ", message, "\n")
  end
  os.exit(1)
end


local function plugin_path(root, name)
  local file = name:match("^kong%.plugins%.(.+)$")
  if not file then
    return
  end
  file = file:gsub("%.", "/") .. ".lua"
  local roots = { root .. "/plugins/", root .. "/local/plugins/" }
  for extra in (os.getenv("GATEWAY_PLUGINS") or ""):gmatch("[^:]+") do
    table.insert(roots, 1, extra .. "/")
  end
  for _, folder in ipairs(roots) do
    local handle = io.open(folder .. file)
    if handle then
      handle:close()
      return folder .. file
    end
  end
end


-- `kong.plugins.<name>.<module>`: ours, then the stand-ins for those that Kong bundles.
local function install_loader(root)
  table.insert(package.loaders, 2, function(name)
    local path = plugin_path(root, name)
    return path and assert(loadfile(path))
  end)
end


local function read_file(path)
  local file, err = io.open(path, "rb")
  if not file then
    die { err }
  end
  local text = file:read("*a")
  file:close()
  return text
end


local function identify(kind, entity)
  local hex = ngx.md5(kind .. ":" .. entity.name)
  entity.id = entity.id or hex:gsub("^(........)(....)(....)(....)(.*)$", "%1-%2-%3-%4-%5")
end


local function resolve_services(services)
  local errors = {}
  for _, service in pairs(services) do
    identify("service", service)
    local address, err = resolver.resolve(service.host)
    if not address then
      errors[#errors + 1] = "service " .. service.name .. ": host: " .. err
    end
    service.address = address
    local is_default = service.protocol == "http" and service.port == 80
      or service.protocol == "https" and service.port == 443
    service.authority = is_default and service.host or service.host .. ":" .. service.port
  end
  if #errors > 0 then
    die(errors)
  end
end


--- The gateway that a configuration file describes: { router, plugins }.
function _M.load(root, path)
  addresses.let_sockets_resolve()
  install_loader(root)
  local parsed, errors = config.parse(read_file(path))
  if not parsed then
    die(errors)
  end
  resolve_services(parsed.services)
  for _, route in ipairs(parsed.routes) do
    identify("route", route)
    -- The default, and then there is nothing to check.
    route.takes_all_protocols = #route.protocols == 2 and route.protocols[1] ~= route.protocols[2]
  end
  local planned
  planned, errors = plugins.new(parsed)
  if not planned then
    die(errors)
  end
  return { router = router.new(parsed.routes), plugins = planned }
end


return _M
