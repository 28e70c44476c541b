-- Why a request is refused: status, code and public detail, and the `error` of RFC 6750.


return {
  bad_connection = { status = 400, code = "REQ_4000", detail = "The Connection header names other headers." },
  too_many_headers = { status = 400, code = "REQ_4000", detail = "Too many headers." },
  two_credentials = {
    status = 400, code = "REQ_4000", detail = "More than one Authorization header.", error = "invalid_request",
  },
  no_token = { status = 401, code = "AUTH_1001", detail = "An access token is required." },
  revoked = { status = 401, code = "AUTH_1005", detail = "The session was ended.", error = "invalid_token" },
  forbidden = {
    status = 403, code = "AUTH_1003", detail = "Your role may not do this.", error = "insufficient_scope",
  },
  flood = { status = 429, code = "REQ_4290", detail = "Too many bad tokens from this address." },
  no_keys = { status = 503, code = "SYS_5003", detail = "Tokens cannot be checked now." },

  invalid = function(reason)
    return { status = 401, code = "AUTH_1002", detail = "The access token " .. reason .. ".", error = "invalid_token" }
  end,
}
