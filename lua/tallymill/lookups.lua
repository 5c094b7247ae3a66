--- Tables of constants that a rule looks values up in. They are made where the file is loaded, once.
local lookups = {}

---@class tallymill.BandEdge
---@field [1] string its name
---@field below? number values under it belong to the band; the last band has none

--- A function that names the band a value lies in: `t.bands { { "low", below = 10 }, { "high" } }`.
--- A value that equals an edge belongs to the band above it.
---@param edges tallymill.BandEdge[] with growing edges; only the last one has none
---@return fun(value: number): string
function lookups.bands(edges)
  if type(edges) ~= "table" or #edges == 0 then
    error("t.bands: expected a list such as { { \"low\", below = 10 }, { \"high\" } }", 2)
  end
  local names, limits = {}, {}
  for i, edge in ipairs(edges) do
    if type(edge) ~= "table" or type(edge[1]) ~= "string" then
      error(("t.bands: band %d needs a name, as in { \"low\", below = 10 }"):format(i), 2)
    end
    local is_last = i == #edges
    if is_last ~= (edge.below == nil) then
      error(is_last and "t.bands: the last band takes all that is left, it has no 'below'"
        or ("t.bands: band '%s' needs 'below'"):format(edge[1]), 2)
    end
    if not is_last and (type(edge.below) ~= "number" or (i > 1 and edge.below <= limits[i - 1])) then
      error(("t.bands: 'below' of band '%s' must be a number above that of the band before it")
        :format(edge[1]), 2)
    end
    names[i], limits[i] = edge[1], edge.below
  end
  local count = #limits
  return function(value)
    if type(value) ~= "number" or value ~= value then
      error("a band is looked up by a number, got " .. tostring(value), 2)
    end
    for i = 1, count do
      if value < limits[i] then return names[i] end
    end
    return names[count + 1]
  end
end

--- A function that looks a key up: `t.lookup({ A = "own", B = "agent" }, "open")`. Without a default
--- a key that is not there raises.
---@generic V
---@param entries table<string|number|boolean, V>
---@param default? V
---@return fun(key: string|number|boolean): V
function lookups.lookup(entries, default)
  if type(entries) ~= "table" then
    error("t.lookup: expected a table of entries, got a " .. type(entries), 2)
  end
  local own = {}
  for key, value in next, entries do own[key] = value end
  return function(key)
    local value = own[key]
    if value ~= nil then return value end
    if default == nil then error(("there is no entry for '%s'"):format(tostring(key)), 2) end
    return default
  end
end

return lookups
