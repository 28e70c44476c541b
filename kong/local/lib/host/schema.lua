-- Checks values against schemas in Kong's own notation, and fills in defaults.
-- Every fault is collected, none stops the check.


local cjson = require "cjson.safe"


local fmt = string.format
local ipairs = ipairs
local pairs = pairs
local type = type
local tostring = tostring
local null = ngx.null


local _M = {}


local function is_reference(value)
  return type(value) == "string" and value:find("^{vault://.+}$") ~= nil
end


local function is_list(value)
  if type(value) ~= "table" then
    return false
  end
  local count = 0
  for key in pairs(value) do
    if type(key) ~= "number" then
      return false
    end
    count = count + 1
  end
  return count == #value
end


local function shown(value)
  if type(value) == "table" then
    return cjson.encode(value) or "a table"
  end
  return tostring(value)
end


local function length(value)
  if type(value) ~= "table" then
    return #value
  end
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count
end


-- In the order in which they are reported. Each returns a message when the value is at fault.
local VALIDATORS = {
  { "eq", function(value, expected)
    return value ~= expected and fmt("value must be %s", shown(expected))
  end },
  { "gt", function(value, limit)
    return value <= limit and fmt("value must be greater than %s", limit)
  end },
  { "between", function(value, limits)
    return (value < limits[1] or value > limits[2]) and fmt("value should be between %s and %s", limits[1], limits[2])
  end },
  { "len_eq", function(value, n) return length(value) ~= n and fmt("length must be %d", n) end },
  { "len_min", function(value, n) return length(value) < n and fmt("length must be at least %d", n) end },
  { "len_max", function(value, n) return length(value) > n and fmt("length must be at most %d", n) end },
  { "one_of", function(value, options)
    for _, option in ipairs(options) do
      if option == value then
        return false
      end
    end
    return "expected one of: " .. table.concat(options, ", ")
  end },
  { "not_one_of", function(value, options)
    for _, option in ipairs(options) do
      if option == value then
        return "must not be one of: " .. table.concat(options, ", ")
      end
    end
  end },
  { "starts_with", function(value, prefix)
    return value:sub(1, #prefix) ~= prefix and "should start with: " .. prefix
  end },
  { "match", function(value, pattern) return not value:find(pattern) and "invalid value: " .. value end },
  { "match_none", function(value, patterns)
    for _, item in ipairs(patterns) do
      if value:find(item.pattern) then
        return item.err
      end
    end
  end },
  { "match_all", function(value, patterns)
    for _, item in ipairs(patterns) do
      if not value:find(item.pattern) then
        return item.err
      end
    end
  end },
  { "match_any", function(value, rule)
    for _, pattern in ipairs(rule.patterns) do
      if value:find(pattern) then
        return false
      end
    end
    return rule.err
  end },
  { "custom_validator", function(value, check)
    local ok, err = check(value)
    return not ok and (err or "invalid value")
  end },
}


local TYPES = {
  string = function(value) return type(value) == "string" end,
  number = function(value) return type(value) == "number" end,
  integer = function(value) return type(value) == "number" and value % 1 == 0 end,
  boolean = function(value) return type(value) == "boolean" end,
  array = is_list,
  set = is_list,
  map = function(value) return type(value) == "table" end,
  record = function(value) return type(value) == "table" end,
  foreign = function(value) return type(value) == "table" or type(value) == "string" end,
  any = function() return true end,
  ["function"] = function(value) return type(value) == "function" end,
}


local check_field


local function add(errors, path, message)
  errors[#errors + 1] = path == "" and message or path .. ": " .. message
end


local function join(path, name)
  if path == "" then
    return tostring(name)
  end
  return path .. "." .. name
end


local function at(value, dotted)
  for name in dotted:gmatch("[^.]+") do
    if type(value) ~= "table" then
      return nil
    end
    value = value[name]
  end
  if value == null then
    return nil
  end
  return value
end


local CHECKS = {
  at_least_one_of = function(names, value)
    for _, name in ipairs(names) do
      if at(value, name) ~= nil then
        return
      end
    end
    return fmt("at least one of these fields must be non-empty: '%s'", table.concat(names, "', '"))
  end,

  only_one_of = function(names, value)
    local count = 0
    for _, name in ipairs(names) do
      count = count + (at(value, name) ~= nil and 1 or 0)
    end
    return count ~= 1 and fmt("exactly one of these fields must be non-empty: '%s'", table.concat(names, "', '"))
  end,

  mutually_required = function(names, value)
    local count = 0
    for _, name in ipairs(names) do
      count = count + (at(value, name) ~= nil and 1 or 0)
    end
    return count ~= 0 and count ~= #names
      and fmt("all or none of these fields must be set: '%s'", table.concat(names, "', '"))
  end,

  conditional = function(rule, value)
    local given = at(value, rule.if_field)
    if given == nil then
      return
    end
    local faults = {}
    rule.if_match.type = rule.if_match.type or "any"
    check_field(rule.if_match, given, "", faults)
    if #faults > 0 then
      return
    end
    rule.then_match.type = rule.then_match.type or "any"
    check_field(rule.then_match, at(value, rule.then_field), rule.then_field, faults)
    return faults[1]
  end,

  custom_entity_check = function(rule, value)
    local given = {}
    for _, name in ipairs(rule.field_sources) do
      given[name] = at(value, name)
    end
    local ok, err = rule.fn(given)
    return not ok and (err or "entity check failed")
  end,
}


local function check_record(schema, value, path, errors)
  local known = {}
  for _, entry in ipairs(schema.fields) do
    local name, field = next(entry)
    known[name] = true
    value[name] = check_field(field, value[name], join(path, name), errors)
  end
  for name in pairs(value) do
    if not known[name] then
      add(errors, join(path, name), "unknown field")
    end
  end
  for _, check in ipairs(schema.entity_checks or {}) do
    local kind, rule = next(check)
    local message = CHECKS[kind] and CHECKS[kind](rule, value)
    if message then
      add(errors, path, message)
    end
  end
  return value
end


local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, item in pairs(value) do
    result[key] = copy(item)
  end
  return result
end


check_field = function(field, value, path, errors)
  if value == null then
    value = nil
  end
  if value == nil and field.default ~= nil then
    value = copy(field.default)
  end
  if value == nil and field.type == "record" and (field.required or field.fields) and field.required then
    value = {}
  end
  if value == nil then
    if field.required then
      add(errors, path, "required field missing")
    end
    return nil
  end

  if not TYPES[field.type](value) then
    add(errors, path, "expected " .. (field.type == "integer" and "an integer" or "a " .. field.type))
    return value
  end

  if field.referenceable and is_reference(value) then
    return value
  end
  if is_reference(value) and field.type == "string" then
    add(errors, path, "a vault reference is not allowed in this field")
    return value
  end

  -- Kong refuses an empty string wherever the schema does not say len_min = 0.
  if field.type == "string" and value == "" and field.len_min == nil then
    add(errors, path, "length must be at least 1")
    return value
  end

  if field.type == "array" or field.type == "set" then
    for index, item in ipairs(value) do
      value[index] = check_field(field.elements, item, fmt("%s[%d]", path, index), errors)
    end
  elseif field.type == "map" then
    for key, item in pairs(value) do
      check_field(field.keys or { type = "string" }, key, join(path, key), errors)
      value[key] = check_field(field.values or { type = "any" }, item, join(path, key), errors)
    end
  elseif field.type == "record" then
    check_record(field, value, path, errors)
  end

  for _, validator in ipairs(VALIDATORS) do
    local rule = field[validator[1]]
    if rule ~= nil then
      local message = validator[2](value, rule)
      if message then
        add(errors, path, message)
        break
      end
    end
  end
  return value
end


--- Checks `value` (changed in place: defaults) and appends messages to `errors`.
function _M.check(schema, value, path, errors)
  return check_record(schema, value, path, errors)
end


--- Calls `visit(container, key, reference)` for every vault reference in a checked value.
function _M.each_reference(value, visit)
  for key, item in pairs(value) do
    if is_reference(item) then
      visit(value, key, item)
    elseif type(item) == "table" then
      _M.each_reference(item, visit)
    end
  end
end


return _M
