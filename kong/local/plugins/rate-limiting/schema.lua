local typedefs = require "kong.db.schema.typedefs"


local PERIODS = { "second", "minute", "hour", "day", "month", "year" }


local function are_in_order(config)
  for index, shorter in ipairs(PERIODS) do
    for next_index = index + 1, #PERIODS do
      local longer = PERIODS[next_index]
      local low, high = config[shorter], config[longer]
      if type(low) == "number" and type(high) == "number" and high < low then
        return nil, ("The limit for %s(%.1f) cannot be lower than the limit for %s(%.1f)")
          :format(longer, high, shorter, low)
      end
    end
  end
  return true
end


local function is_sync_rate(value)
  if value ~= -1 and value < 0.02 then
    return nil, "must be -1, or at least 0.02"
  end
  return true
end


return {
  name = "rate-limiting",
  fields = {
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      custom_validator = are_in_order,
      entity_checks = {
        { at_least_one_of = PERIODS },
        { conditional = {
          if_field = "policy", if_match = { eq = "redis" },
          then_field = "redis.host", then_match = { required = true },
        } },
        { conditional = {
          if_field = "limit_by", if_match = { eq = "header" },
          then_field = "header_name", then_match = { required = true },
        } },
        { conditional = {
          if_field = "limit_by", if_match = { eq = "path" },
          then_field = "path", then_match = { required = true },
        } },
      },
      fields = {
        { second = { type = "number", gt = 0 } },
        { minute = { type = "number", gt = 0 } },
        { hour = { type = "number", gt = 0 } },
        { day = { type = "number", gt = 0 } },
        { month = { type = "number", gt = 0 } },
        { year = { type = "number", gt = 0 } },
        { limit_by = {
          type = "string", default = "consumer",
          one_of = { "consumer", "credential", "ip", "service", "header", "path", "consumer-group" },
        } },
        { header_name = typedefs.header_name },
        { path = typedefs.path },
        { policy = { type = "string", default = "local", one_of = { "local", "redis" } } },
        { fault_tolerant = { type = "boolean", required = true, default = true } },
        { redis = {
          type = "record", required = true,
          fields = {
            { host = typedefs.host },
            { port = typedefs.port { default = 6379 } },
            { username = { type = "string", referenceable = true, len_min = 0 } },
            { password = { type = "string", referenceable = true, encrypted = true, len_min = 0 } },
            { database = { type = "integer", default = 0 } },
            { timeout = typedefs.timeout { default = 2000 } },
          },
        } },
        { hide_client_headers = { type = "boolean", required = true, default = false } },
        { error_code = { type = "number", default = 429, gt = 0 } },
        { error_message = { type = "string", default = "API rate limit exceeded" } },
        { sync_rate = { type = "number", required = true, default = -1, custom_validator = is_sync_rate } },
      },
    } },
  },
}
