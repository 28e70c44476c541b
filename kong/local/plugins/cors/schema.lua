local typedefs = require "kong.db.schema.typedefs"


local METHODS = { "GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT" }


local function is_origin(value)
  local _, err = ngx.re.match("", value == "*" and "" or value, "j")
  if err then
    return nil, value .. " is not a valid regex"
  end
  return true
end


return {
  name = "cors",
  fields = {
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = {
        { origins = { type = "array", elements = { type = "string", custom_validator = is_origin } } },
        { headers = { type = "array", elements = { type = "string" } } },
        { exposed_headers = { type = "array", elements = { type = "string" } } },
        { methods = {
          type = "array", default = METHODS, elements = { type = "string", one_of = METHODS },
        } },
        { max_age = { type = "number" } },
        { credentials = { type = "boolean", required = true, default = false } },
        { private_network = { type = "boolean", required = true, default = false } },
        { allow_origin_absent = { type = "boolean", required = true, default = true } },
        { preflight_continue = { type = "boolean", required = true, default = false } },
      },
    } },
  },
}
