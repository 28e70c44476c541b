-- What Kong's PDK throws at: a function in a phase it is not made for, an argument it does not take.
-- Looking costs time at every call, so it is for tests: GATEWAY_STRICT=on.


local ngx = ngx
local error = error
local ipairs = ipairs
local pairs = pairs
local select = select
local type = type


local MAX_ENTRIES = 1000


local function phases(names)
  local set = {}
  for name in names:gmatch("%S+") do
    set[name] = true
  end
  return set
end


local ANY = phases "rewrite access response header_filter body_filter log error"
local BEFORE_HEADERS = phases "rewrite access response header_filter error"
local BEFORE_CONTENT = phases "rewrite access response error"
local BEFORE_SERVICE = phases "rewrite access"
local AFTER_ROUTER = phases "access response header_filter body_filter log"
local WITH_ANSWER = phases "response header_filter body_filter log error"
local WITH_SERVICE_ANSWER = phases "response header_filter body_filter log"
local BODY = phases "body_filter"


local function of_type(...)
  local wanted = { ... }
  return function(value)
    for _, name in ipairs(wanted) do
      if type(value) == name then
        return
      end
    end
    return "a " .. type(value) .. " where there should be a " .. table.concat(wanted, " or ")
  end
end


local is_string = of_type("string")


local function is_limit(value)
  if value ~= nil and (type(value) ~= "number" or value < 1 or value > MAX_ENTRIES) then
    return "a limit that is not a number from 1 to " .. MAX_ENTRIES
  end
end


local function status_from(least)
  return function(value)
    if type(value) ~= "number" or value < least or value > 599 then
      return "a status that is not a number from " .. least .. " to 599"
    end
  end
end


local function is_header_value(value)
  if type(value) == "table" then
    for _, item in ipairs(value) do
      local fault = is_string(item)
      if fault then
        return fault
      end
    end
    return
  end
  return of_type("string", "number", "boolean", "table")(value)
end


local function are_headers(headers)
  local fault = of_type("table")(headers)
  for name, value in pairs(fault and {} or headers) do
    fault = fault or is_string(name) or is_header_value(value)
  end
  return fault
end


local function optional(check)
  return function(value)
    return value ~= nil and check(value) or nil
  end
end


local function is_buffered()
  return ngx.ctx.buffered_status == nil and "an answer that is not buffered" or nil
end


-- For each function its phases, then what each argument must be.
local RULES = {
  request = {
    get_body = { BEFORE_CONTENT },
    get_header = { ANY, is_string },
    get_headers = { ANY, is_limit },
    get_method = { ANY },
    get_path_with_query = { ANY },
    get_query = { ANY, is_limit },
    get_query_arg = { ANY, is_string },
    get_raw_body = { BEFORE_CONTENT },
    get_raw_path = { ANY },
    get_raw_query = { ANY },
    get_forwarded_scheme = { ANY },
    get_forwarded_host = { ANY },
    get_forwarded_port = { ANY },
  },
  response = {
    add_header = { BEFORE_HEADERS, is_string, is_header_value },
    clear_header = { BEFORE_HEADERS, is_string },
    error = { BEFORE_HEADERS, status_from(400), optional(of_type("string", "table")), optional(are_headers) },
    exit = { BEFORE_HEADERS, status_from(100), optional(of_type("string", "table")), optional(are_headers) },
    get_header = { WITH_ANSWER, is_string },
    get_headers = { WITH_ANSWER, is_limit },
    get_raw_body = { BODY },
    get_source = { WITH_ANSWER },
    get_status = { WITH_ANSWER },
    set_header = { BEFORE_HEADERS, is_string, is_header_value },
    set_headers = { BEFORE_HEADERS, are_headers },
    set_raw_body = { BODY, is_string },
    set_status = { BEFORE_HEADERS, status_from(100) },
  },
  service_request = {
    add_header = { BEFORE_SERVICE, is_string, is_header_value },
    clear_header = { BEFORE_SERVICE, is_string },
    enable_buffering = { BEFORE_SERVICE },
    set_header = { BEFORE_SERVICE, is_string, is_header_value },
    set_headers = { BEFORE_SERVICE, are_headers },
    set_method = { BEFORE_SERVICE, is_string },
    set_path = { BEFORE_SERVICE, is_string },
    set_query = { BEFORE_SERVICE, of_type("table") },
    set_raw_body = { BEFORE_SERVICE, is_string },
    set_raw_query = { BEFORE_SERVICE, is_string },
    set_scheme = { BEFORE_SERVICE, is_string },
  },
  service_response = {
    get_header = { WITH_SERVICE_ANSWER, is_string },
    get_headers = { WITH_SERVICE_ANSWER, is_limit },
    get_raw_body = { WITH_SERVICE_ANSWER, is_buffered },
    get_status = { WITH_SERVICE_ANSWER },
  },
  router = {
    get_route = { AFTER_ROUTER },
    get_service = { AFTER_ROUTER },
  },
}


local _M = {}


local function current_phase()
  local phase = ngx.get_phase()
  if phase == "access" then
    return ngx.ctx.KONG_PHASE == "response" and "response" or phase
  end
  return phase == "content" and "error" or phase
end


local function guarded(name, run, rule)
  return function(...)
    local phase = current_phase()
    if not rule[1][phase] then
      error("as on Kong: " .. name .. " cannot be called in the " .. phase .. " phase", 2)
    end
    for index = 2, #rule do
      local fault = rule[index]((select(index - 1, ...)))
      if fault then
        error("as on Kong: " .. name .. " does not take " .. fault, 2)
      end
    end
    return run(...)
  end
end


local function guard_all(name, functions, rules)
  for key, rule in pairs(rules) do
    functions[key] = guarded(name .. "." .. key, functions[key], rule)
  end
end


--- Makes a PDK throw where Kong's does.
function _M.guard(kong)
  guard_all("kong.request", kong.request, RULES.request)
  guard_all("kong.response", kong.response, RULES.response)
  guard_all("kong.service.request", kong.service.request, RULES.service_request)
  guard_all("kong.service.response", kong.service.response, RULES.service_response)
  guard_all("kong.router", kong.router, RULES.router)
  return kong
end


return _M
