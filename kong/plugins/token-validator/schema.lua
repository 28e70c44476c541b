local typedefs = require "kong.db.schema.typedefs"
local redis = require "kong.plugins.shared.redis"
local role = require "kong.plugins.token-validator.role"


return {
  name = "token-validator",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = {
        { policy = {
          description = "`required`: no token, no entry. `optional`: a request without a token goes on without an "
            .. "identity, a bad token is refused. `ignored`: tokens are not looked at; only forged identity "
            .. "headers are removed.",
          type = "string", required = true, default = "required", one_of = { "required", "optional", "ignored" },
        } },
        { minimum_role = {
          description = "The least role that may enter. Each role may do what the ones before it may.",
          type = "string", required = true, default = "MEMBER", one_of = role.NAMES,
        } },
        { jwks_uri = {
          description = "Where auth-server publishes its public keys (RFC 7517).",
          type = "string", required = true, referenceable = true, match = "^https?://",
        } },
        { issuer = {
          description = "The only `iss` that is believed.",
          type = "string", required = true, referenceable = true,
        } },
        { audience = {
          description = "What `aud` must be, or hold.",
          type = "string", required = true, default = "doa-market",
        } },
        { leeway = {
          description = "Seconds that clocks may differ by when `exp` and `nbf` are compared.",
          type = "integer", required = true, default = 2, between = { 0, 60 },
        } },
        { jwks_max_age = {
          description = "Seconds after which keys are fetched again in the background, so that withdrawn ones go.",
          type = "integer", required = true, default = 300, between = { 1, 86400 },
        } },
        { jwks_timeout = {
          description = "Longest wait for auth-server's keys, in milliseconds.",
          type = "integer", required = true, default = 2000, between = { 1, 30000 },
        } },
        { max_bad_tokens = {
          description = "Tokens with a bad signature that one address may send in a second, to each worker. After "
            .. "that, tokens that are not known yet get 429 until the second is over.",
          type = "integer", required = true, default = 200, between = { 1, 1000000 },
        } },
        { check_revocation = {
          description = "Look in Redis for sessions that were ended. While Redis is down, none counts as ended.",
          type = "boolean", required = true, default = true,
        } },
        { redis = redis.schema },
      },
    } },
  },
}
