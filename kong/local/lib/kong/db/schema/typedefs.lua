-- The field types of Kong's own library of them that the plugins here use.


local function extend(base)
  return setmetatable(base, {
    __call = function(self, more)
      local field = {}
      for key, value in pairs(self) do
        field[key] = value
      end
      for key, value in pairs(more or {}) do
        field[key] = value
      end
      return field
    end,
  })
end


local PROTOCOLS = { "grpc", "grpcs", "http", "https", "tcp", "tls", "tls_passthrough", "udp", "ws", "wss" }


local function is_url(value)
  if not value:find("^https?://[^/%s]+") then
    return nil, "missing host in url"
  end
  return true
end


local function is_header_name(value)
  if not value:find("^[A-Za-z0-9!#$%%&'*+.^_|~-]+$") then
    return nil, "bad header name '" .. value .. "'"
  end
  return true
end


return {
  host = extend { type = "string" },
  port = extend { type = "integer", between = { 0, 65535 } },
  url = extend { type = "string", custom_validator = is_url },
  path = extend { type = "string", starts_with = "/" },
  timeout = extend { type = "integer", between = { 0, 2147483646 } },
  header_name = extend { type = "string", custom_validator = is_header_name },
  http_method = extend { type = "string", match = "^%u+$" },
  uuid = extend { type = "string", match = "^%x+%-%x+%-%x+%-%x+%-%x+$" },
  protocols = extend {
    type = "set",
    default = { "http", "https" },
    elements = { type = "string", one_of = PROTOCOLS },
  },
  protocols_http = extend {
    type = "set",
    default = { "grpc", "grpcs", "http", "https" },
    elements = { type = "string", one_of = { "grpc", "grpcs", "http", "https" } },
  },
  no_consumer = extend { type = "foreign", eq = ngx.null },
  no_consumer_group = extend { type = "foreign", eq = ngx.null },
  no_route = extend { type = "foreign", eq = ngx.null },
  no_service = extend { type = "foreign", eq = ngx.null },
}
