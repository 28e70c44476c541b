local answer = require "kong.plugins.shared.answer"
local key = require "kong.plugins.idempotency.key"
local ledger = require "kong.plugins.idempotency.ledger"
local outcome = require "kong.plugins.idempotency.outcome"
local problem = require "kong.plugins.shared.problem"
local seldom = require "kong.plugins.shared.seldom"
local service = require "kong.plugins.idempotency.service"
local stored_headers = require "kong.plugins.shared.stored_headers"


local ngx = ngx
local kong = kong
local ceil = math.ceil
local tonumber = tonumber


local SAFE = { GET = true, HEAD = true, OPTIONS = true, TRACE = true }

local NO_KEY = { status = 400, code = "IDEM_4000", detail = "This request needs an X-Idempotency-Key." }
local BAD_KEY = { status = 400, code = "IDEM_4000", detail = "The idempotency key is malformed." }
local TOO_LARGE = { status = 413, code = "REQ_4130", detail = "The body is too large for a request with a key." }
local DIFFERENT = { status = 422, code = "IDEM_4220", detail = "The idempotency key belongs to another request." }
local PENDING = { status = 409, code = "IDEM_4090", detail = "The same request is still being worked on." }
local UNKNOWN = { status = 409, code = "IDEM_4090", detail = "It is not known yet what became of this request." }
local FORGOTTEN = {
  status = 409, code = "IDEM_4090", detail = "The request was done, but its answer was too large to be kept.",
}
local NO_SERVICE = { status = 502, code = "SYS_5002", detail = "A service cannot be reached." }
local NO_STORE = { status = 503, code = "IDEM_5030", detail = "Idempotency keys cannot be checked now." }


local Idempotency = {
  VERSION = "1.0.0",
  PRIORITY = 905,
}


local function refuse(fault, retry_after)
  return problem.exit(fault.status, fault, { ["Retry-After"] = retry_after })
end


local function scope_of()
  local identity = kong.ctx.shared.identity
  return identity and identity.sub or kong.request.get_header("Authorization") or ""
end


local function replay(kept)
  answer.mark_kept()
  kept.headers["X-Idempotency-Status"] = "replayed"
  return kong.response.exit(kept.status, kept.body, kept.headers)
end


local function read_body(conf, headers)
  local size = tonumber(headers["content-length"])
  if size and size > conf.max_request_size then
    return nil
  end
  local body, err = kong.request.get_raw_body(0)
  if not body then
    kong.log.err("the body could not be read: ", err)
    return nil
  end
  return #body <= conf.max_request_size and body or nil
end


local function claim_of(value, body)
  local route = kong.router.get_route()
  return {
    address = key.address(scope_of(), route.name or route.id, value),
    owner = ngx.var.request_id,
    fingerprint = key.fingerprint {
      method = kong.request.get_method(),
      path = kong.request.get_path(),
      query = kong.request.get_raw_query(),
      content_type = kong.request.get_header("Content-Type"),
      body = body,
    },
  }
end


-- Returns the claim to settle later, or nil when the request goes on without one.
local function claim(conf, headers)
  local value = key.read(headers)
  if value == false then
    return refuse(BAD_KEY)
  end
  if not value then
    return conf.policy == "required" and refuse(NO_KEY) or nil
  end
  local body = read_body(conf, headers)
  if not body then
    return refuse(TOO_LARGE)
  end

  kong.service.request.set_header("X-Idempotency-Key", value)
  local wanted = claim_of(value, body)
  local found, err = ledger.claim(conf, wanted)
  if not found then
    seldom.complain("keys cannot be checked", err)
    if conf.on_redis_failure == "closed" then
      return refuse(NO_STORE, 1)
    end
    return kong.response.set_header("X-Idempotency-Status", "unprotected")
  end

  if found.state == "done" then
    return replay(found.answer)
  elseif found.state == "different" then
    return refuse(DIFFERENT)
  elseif found.state == "pending" then
    return refuse(PENDING, 1)
  elseif found.state == "unknown" then
    return refuse(UNKNOWN, ceil(found.remaining / 1000))
  elseif found.state == "forgotten" then
    return refuse(FORGOTTEN)
  end
  return wanted
end


function Idempotency:access(conf)
  if not SAFE[kong.request.get_method()] then
    local claimed = claim(conf, ngx.req.get_headers(0))
    if claimed and not service.is_listening() then
      ledger.release(conf, claimed)
      return refuse(NO_SERVICE)
    end
    kong.ctx.plugin.claim = claimed
  end
  answer.expect()
end


local function settle(conf, claimed)
  local status = kong.service.response.get_status()
  if not outcome.is_final(status) then
    return ledger.release(conf, claimed)
  end
  local body = kong.service.response.get_raw_body() or ""
  if #body > conf.max_response_size then
    return ledger.forget(conf, claimed)
  end
  local headers = stored_headers.select(answer.headers())
  return ledger.complete(conf, claimed, { status = status, headers = headers, body = body })
end


-- Before the client sees anything of the answer: one that hangs up now gets it at the next try.
function Idempotency:response(conf)
  answer.arrived()
  local claimed = kong.ctx.plugin.claim
  if not claimed then
    return
  end
  local settled, err = settle(conf, claimed)
  if not settled then
    seldom.complain("the outcome of a request could not be kept", err)
  end
end


-- No whole answer came: a time-out, a reset, half an answer. What the service did is its own to know.
function Idempotency:log(conf)
  local claimed = kong.ctx.plugin.claim
  if claimed and answer.is_missing() then
    ngx.timer.at(0, function()
      ledger.doubt(conf, claimed)
    end)
  end
end


return Idempotency
