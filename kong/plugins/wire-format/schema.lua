local typedefs = require "kong.db.schema.typedefs"


return {
  name = "wire-format",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = {
        { request_id_pattern = {
          description = "What a client's X-Request-Id must look like to be taken over, as a regular expression. "
            .. "Any other is dropped, and the correlation-id plugin makes a new one.",
          type = "string", required = true, default = "^[A-Za-z0-9._-]{8,128}$",
        } },
        { first_party_token = {
          description = "Whoever sends it as X-Warmup-Token is a part of the market, and not limited as an address.",
          type = "string", referenceable = true, encrypted = true, len_min = 8,
        } },
      },
    } },
  },
}
