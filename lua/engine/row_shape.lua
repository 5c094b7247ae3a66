--- The metatable of row tables: a column that is null reads as nil, any other name is an error.
return function(columns)
  return {
    __index = function(_, name)
      if not columns[name] then
        error(("column '%s' is read but not declared in needs"):format(tostring(name)), 2)
      end
      return nil
    end,
    __newindex = function() error("a rule may not change its row", 2) end,
    __metatable = false,
  }
end
