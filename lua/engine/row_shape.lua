--- The metatable of row tables: a column that is null reads as nil, any other name is an error.
--- `missing(row, name)`, if there is one, may still find the value of a column.
return function(columns, missing)
  return {
    __index = function(row, name)
      if not columns[name] then
        error(("column '%s' is read but not declared in needs"):format(tostring(name)), 2)
      end
      return missing and missing(row, name)
    end,
    __newindex = function() error("a rule may not change its row", 2) end,
    __metatable = false,
  }
end
