local typedefs = require "kong.db.schema.typedefs"
local redis = require "kong.plugins.shared.redis"


return {
  name = "idempotency",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = {
        { policy = {
          description = "`required`: a write without a key is refused. `optional`: it goes through unprotected.",
          type = "string", required = true, default = "optional", one_of = { "required", "optional" },
        } },
        { on_redis_failure = {
          description = "`closed`: no write while keys cannot be checked. `open`: writes go through unprotected.",
          type = "string", required = true, default = "open", one_of = { "open", "closed" },
        } },
        { ttl = {
          description = "Seconds for which an answer is kept for repetition.",
          type = "integer", required = true, default = 86400, between = { 1, 2592000 },
        } },
        { lease = {
          description = "Seconds for which a request whose outcome is not known keeps its key. "
            .. "Longer than the service's connect, write and read time-outs together.",
          type = "integer", required = true, default = 60, between = { 1, 3600 },
        } },
        { max_request_size = {
          description = "Largest request body in bytes; a larger one is refused, never let through unprotected.",
          type = "integer", required = true, default = 1048576, between = { 1, 16777216 },
        } },
        { max_response_size = {
          description = "Largest answer in bytes that is kept. Of a larger one only the fact is kept.",
          type = "integer", required = true, default = 1048576, between = { 1, 16777216 },
        } },
        { redis = redis.schema },
      },
    } },
  },
}
