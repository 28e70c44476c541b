-- Schemas of the entities that a declarative configuration may hold here.


local typedefs = require "kong.db.schema.typedefs"


local function is_path(value)
  if value:sub(1, 1) == "~" then
    local _, err = ngx.re.match("", value:sub(2), "aj")
    if err then
      return nil, "invalid regex: " .. value .. " (" .. err .. ")"
    end
    return true
  end
  if value:sub(1, 1) ~= "/" then
    return nil, "should start with: / (fixed path) or ~/ (regex path)"
  end
  if value:find("//", 1, true) then
    return nil, "must not have empty segments"
  end
  return true
end


local name = { type = "string", match = "^[%w%.%-_~]+$" }
local tags = { type = "set", elements = { type = "string" } }
local list = { type = "array", elements = { type = "any" } }
local reference = { type = "foreign" }


return {
  root = {
    fields = {
      { _format_version = { type = "string", required = true, one_of = { "2.1", "3.0" } } },
      { _transform = { type = "boolean" } },
      { _comment = { type = "string" } },
      { _ignore = list },
      { services = list },
      { routes = list },
      { plugins = list },
    },
  },

  service = {
    fields = {
      { id = typedefs.uuid },
      { name = name },
      { url = typedefs.url },
      { protocol = { type = "string", default = "http", one_of = { "http", "https" } } },
      { host = typedefs.host { required = true } },
      { port = typedefs.port { default = 80 } },
      { path = typedefs.path },
      { retries = { type = "integer", default = 5, between = { 0, 32767 } } },
      { connect_timeout = { type = "integer", default = 60000, between = { 1, 2147483646 } } },
      { write_timeout = { type = "integer", default = 60000, between = { 1, 2147483646 } } },
      { read_timeout = { type = "integer", default = 60000, between = { 1, 2147483646 } } },
      { enabled = { type = "boolean", default = true } },
      { tags = tags },
      { routes = list },
      { plugins = list },
    },
  },

  route = {
    fields = {
      { id = typedefs.uuid },
      { name = name },
      { service = reference },
      { protocols = {
        type = "set",
        default = { "http", "https" },
        len_min = 1,
        elements = { type = "string", one_of = { "http", "https" } },
      } },
      { methods = { type = "set", elements = { type = "string", match = "^%u+$" } } },
      { hosts = { type = "array", elements = { type = "string", match = "^[%w%.%-*:]+$" } } },
      { paths = { type = "array", elements = { type = "string", custom_validator = is_path } } },
      { headers = {
        type = "map",
        keys = typedefs.header_name,
        values = { type = "array", len_min = 1, elements = { type = "string" } },
      } },
      { https_redirect_status_code = {
        type = "integer", default = 426, one_of = { 426, 301, 302, 307, 308 },
      } },
      { regex_priority = { type = "integer", default = 0 } },
      { strip_path = { type = "boolean", default = true } },
      { path_handling = { type = "string", default = "v0", one_of = { "v0" } } },
      { preserve_host = { type = "boolean", default = false } },
      { request_buffering = { type = "boolean", default = true } },
      { response_buffering = { type = "boolean", default = true } },
      { tags = tags },
      { plugins = list },
    },
    entity_checks = {
      { at_least_one_of = { "methods", "hosts", "headers", "paths" } },
    },
  },

  plugin = {
    fields = {
      { id = typedefs.uuid },
      { name = { type = "string", required = true } },
      { instance_name = name },
      { service = reference },
      { route = reference },
      { enabled = { type = "boolean", default = true } },
      { protocols = typedefs.protocols_http },
      { config = { type = "map" } },
      { tags = tags },
    },
  },
}
