local typedefs = require "kong.db.schema.typedefs"
local redis = require "kong.plugins.shared.redis"


return {
  name = "simple-redis-cache",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = {
        { ttl = {
          description = "Longest time in seconds for which an answer counts as fresh. What its Cache-Control says "
            .. "may be less.",
          type = "integer", required = true, default = 300, between = { 1, 86400 },
        } },
        { stale_ttl = {
          description = "Seconds after that for which it is still given out while a new one is fetched, or when "
            .. "the service fails. What its stale-while-revalidate and stale-if-error say may be less.",
          type = "integer", required = true, default = 3600, between = { 0, 604800 },
        } },
        { statuses = {
          description = "Statuses of answers that may be kept.",
          type = "set", required = true, default = { 200, 301, 302 },
          elements = { type = "integer", between = { 200, 599 } },
        } },
        { max_size = {
          description = "Largest body in bytes that is kept.",
          type = "integer", required = true, default = 2097152, between = { 1, 16777216 },
        } },
        { query_parameters = {
          description = "Query parameters that make a different answer. All others are not even sent on.",
          type = "set", required = true, default = {},
          elements = { type = "string" },
        } },
        { repeated_parameters = {
          description = "Those of them that may come several times, in whatever order. Of all others the first counts.",
          type = "set", required = true, default = {},
          elements = { type = "string" },
        } },
        { warmup_token = {
          description = "Whoever sends it as X-Warmup-Token, with X-Cache-Refresh: true, renews the entry.",
          type = "string", required = true, referenceable = true, encrypted = true, len_min = 8,
        } },
        { fetch_timeout = {
          description = "Seconds after which a fetch counts as lost: what it brings then is not kept.",
          type = "integer", required = true, default = 15, between = { 1, 300 },
        } },
        { wait_timeout = {
          description = "Milliseconds after which a fetch counts as slow, and one of those who wait for it fetches "
            .. "as well. Nobody waits for more than twice that.",
          type = "integer", required = true, default = 3000, between = { 0, 60000 },
        } },
        { redis = redis.schema },
      },
    } },
  },
}
