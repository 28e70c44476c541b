-- The market's conventions for what the gateway itself says: request ids, errors as problem documents, and whom
-- rate-limiting does not count as an address.
-- The lowest PRIORITY of all: its header_filter sees the headers that all the others have set.


local answer = require "kong.plugins.shared.answer"
local first_party = require "kong.plugins.shared.first_party"
local problem = require "kong.plugins.shared.problem"


local kong = kong
local find = string.find
local random = math.random
local re_find = ngx.re.find


local LIMIT_HEADER = "X-Rate-Limit-Key"
local FIRST_PARTY_NAMES = 1000

local CODES = {
  [400] = "REQ_4000",
  [401] = "AUTH_1001",
  [403] = "AUTH_1003",
  [404] = "REQ_4040",
  [405] = "REQ_4050",
  [408] = "REQ_4000",
  [411] = "REQ_4000",
  [413] = "REQ_4130",
  [414] = "REQ_4001",
  [417] = "REQ_4130",
  [429] = "REQ_4290",
  [431] = "REQ_4000",
  [494] = "REQ_4000",
  [500] = "SYS_5000",
  [501] = "REQ_4000",
  [502] = "SYS_5002",
  [503] = "SYS_5003",
  [504] = "SYS_5004",
}

local DETAILS = {
  [400] = "The request could not be read.",
  [404] = "There is nothing at this address.",
  [405] = "This method is not known here.",
  [408] = "The request took too long to arrive.",
  [411] = "The request must say how long its body is.",
  [413] = "The request is too large.",
  [414] = "The address is too long.",
  [417] = "The request is too large.",
  [429] = "Too many requests; try again later.",
  [431] = "The request's headers are too large.",
  [494] = "The request's headers are too large.",
  [500] = "Something went wrong here.",
  [501] = "The request is of a kind that is not known here.",
  [502] = "A service gave no usable answer.",
  [503] = "A service is not available now.",
  [504] = "A service did not answer in time.",
}


local WireFormat = {
  VERSION = "1.0.0",
  PRIORITY = 1,
}


local function drop_malformed_request_id(conf)
  local id = kong.request.get_header("X-Request-Id")
  if id and not re_find(id, conf.request_id_pattern, "jo") then
    kong.service.request.clear_header("X-Request-Id")
  end
end


-- How long a caller waits is for servers to tell each other: with it a client could have others' answers cut short,
-- as they share them.
local function drop_deadline()
  if kong.request.get_header("X-Request-Deadline") then
    kong.service.request.clear_header("X-Request-Deadline")
  end
end


-- rate-limiting counts by address where this header is missing. A server that renders pages for everybody is one
-- address too: it goes by so many names that none of them meets a limit.
local function name_for_limits(conf)
  if kong.request.get_header(LIMIT_HEADER) then
    kong.service.request.clear_header(LIMIT_HEADER)
  end
  if kong.request.get_header(first_party.HEADER) and first_party.is_proven(conf.first_party_token) then
    kong.service.request.set_header(LIMIT_HEADER, "first-party:" .. random(FIRST_PARTY_NAMES))
  end
end


function WireFormat:rewrite(conf)
  drop_malformed_request_id(conf)
  drop_deadline()
  name_for_limits(conf)
end


-- The last access phase: what was between client, plugins and gateway ends here.
function WireFormat:access(conf)
  if kong.request.get_header(first_party.HEADER) then
    kong.service.request.clear_header(LIMIT_HEADER)
    kong.service.request.clear_header(first_party.HEADER)
  end
end


local function is_already_a_problem()
  local content_type = kong.response.get_header("Content-Type")
  return content_type ~= nil and find(content_type, problem.CONTENT_TYPE, 1, true) == 1
end


local function replace_with(status, headers, body)
  kong.response.set_status(status)
  kong.response.set_header("Content-Length", #body)
  kong.response.set_headers(headers)
  kong.ctx.plugin.body = body
end


local function replace_with_problem(status)
  local document = problem.encode(status, {
    code = CODES[status],
    detail = DETAILS[status] or "The request was refused.",
    request_id = kong.response.get_header("X-Request-Id"),
  })
  replace_with(status, { ["Content-Type"] = problem.CONTENT_TYPE, ["Cache-Control"] = "private, no-store" }, document)
  if status == 503 and not kong.response.get_header("Retry-After") then
    kong.response.set_header("Retry-After", "1")
  end
end


function WireFormat:header_filter(conf)
  local status = kong.response.get_status()
  local is_missing = answer.is_missing()
  if is_missing and status < 500 then
    status = 502
  end
  if status < 400 or not answer.is_own() or is_already_a_problem() then
    return
  end
  local fallback = is_missing and answer.fallback()
  if fallback then
    return replace_with(fallback.status, fallback.headers, fallback.body or "")
  end
  return replace_with_problem(status)
end


function WireFormat:body_filter(conf)
  local body = kong.ctx.plugin.body
  if body == "" then
    -- The PDK would send a line break for it, which belongs to no body of no length.
    ngx.arg[1] = nil
  elseif body then
    kong.response.set_raw_body(body)
  end
end


return WireFormat
