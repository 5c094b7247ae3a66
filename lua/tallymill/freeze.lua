--- Values of the library that rules share: a rule that changed one would keep state between rows.

---@generic T: table
---@param values T
---@param what string
---@return T
return function(values, what)
  return setmetatable({}, {
    __index = values,
    __newindex = function() error(what .. " may not be changed", 2) end,
    __metatable = false,
  })
end
