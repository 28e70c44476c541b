-- `{vault://env/a-name}` -> the environment variable A_NAME, Kong's environment vault.


local _M = {}


--- The value a reference stands for; nil and a message when it stands for none.
function _M.resolve(reference)
  local name = reference:match("^{vault://env/([%w_-]+)[^}]*}$")
  if not name then
    return nil, "unknown vault reference " .. reference
  end
  local variable = name:upper():gsub("-", "_")
  local value = os.getenv(variable)
  if value == nil then
    return nil, variable .. " is not set"
  end
  return value
end


return _M
