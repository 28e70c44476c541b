-- Asks of the PDK what it does not give, and tells in headers what it did not throw at.


local kong = kong
local ipairs = ipairs
local pcall = pcall


local Trespasser = {
  VERSION = "1.0.0",
  PRIORITY = 30,
}


local IN_ACCESS = {
  { "response.get_status" },
  { "response.get_headers" },
  { "response.get_source" },
  { "response.get_raw_body" },
  { "response.set_raw_body", "text" },
  { "response.set_header", "X-A" },
  { "response.set_header", "X-A", function() end },
  { "response.set_headers", { ["X-A"] = { {} } } },
  { "response.set_status", 600 },
  { "response.exit", "200" },
  { "response.exit", 200, true },
  { "response.exit", 200, "", "headers" },
  { "response.error", 200 },
  { "request.get_headers", 1001 },
  { "request.get_query", 0 },
  { "request.get_header" },
  { "service.request.set_header", "X-A" },
  { "service.request.set_raw_query" },
  { "service.request.clear_header" },
  { "service.response.get_status" },
  { "service.response.get_raw_body" },
}

local IN_HEADER_FILTER = {
  { "request.get_raw_body" },
  { "response.set_raw_body", "text" },
  { "service.request.set_header", "X-A", "a" },
  { "service.request.clear_header", "X-A" },
  { "service.response.get_raw_body" },
}

local IN_BODY_FILTER = {
  { "response.set_header", "X-A", "a" },
  { "response.exit", 200 },
  { "response.set_raw_body" },
}


local function find(name)
  local value = kong
  for part in name:gmatch("[^.]+") do
    value = value[part]
  end
  return value
end


local function allowed(calls)
  local names = {}
  for _, call in ipairs(calls) do
    if pcall(find(call[1]), call[2], call[3], call[4]) then
      names[#names + 1] = call[1]
    end
  end
  return #names == 0 and "nothing" or table.concat(names, " ")
end


function Trespasser:access(conf)
  kong.response.set_header("X-Allowed-In-Access", allowed(IN_ACCESS))
end


function Trespasser:header_filter(conf)
  kong.response.set_header("X-Allowed-In-Header-Filter", allowed(IN_HEADER_FILTER))
  kong.response.clear_header("Content-Length")
end


function Trespasser:body_filter(conf)
  if kong.response.get_raw_body() then
    kong.response.set_raw_body(allowed(IN_BODY_FILTER))
  end
end


return Trespasser
