--- What a rule file can reach: an allow-list. Everything shared between rules is read-only.
local sandbox = {}

--- Keys in one order whatever the insertion history: numbers, then texts, then false, true.
local function ordered_keys(values)
  local numbers, names, others = {}, {}, {}
  for key in next, values do
    local kind = type(key)
    if kind == "number" then
      numbers[#numbers + 1] = key
    elseif kind == "string" then
      names[#names + 1] = key
    elseif kind == "boolean" then
      others[#others + 1] = key
    else
      error("pairs: keys must be numbers, texts or booleans, got a " .. kind, 3)
    end
  end
  table.sort(numbers)
  table.sort(names)
  for _, name in ipairs(names) do numbers[#numbers + 1] = name end
  for _, wanted in ipairs { false, true } do
    for _, key in ipairs(others) do
      if key == wanted then numbers[#numbers + 1] = key end
    end
  end
  return numbers
end

local function ordered_pairs(values)
  if type(values) ~= "table" then
    error("bad argument #1 to 'pairs' (table expected, got " .. type(values) .. ")", 2)
  end
  local keys, i = ordered_keys(values), 0
  return function()
    i = i + 1
    local key = keys[i]
    if key ~= nil then return key, values[key] end
    return nil
  end
end

--- Tables and functions print without their address, which differs from run to run.
local function plain_tostring(value)
  local kind = type(value)
  if kind == "table" or kind == "function" then return kind end
  return tostring(value)
end

local raw_format = string.format
local function format(template, ...)
  if type(template) == "string" and template:find("%%[%-%+ #0%d%.]*p") then
    error("string.format: %p prints an address, which differs from run to run", 2)
  end
  for i = 1, select("#", ...) do
    local kind = type((select(i, ...)))
    if kind == "table" or kind == "function" then
      error(("bad argument #%d to 'format' (got a %s)"):format(i + 1, kind), 2)
    end
  end
  return raw_format(template, ...)
end

--- Calls in progress at which string.gsub calls no more functions. Each of its own takes 16 KB of
--- the C stack, which LuaJIT does not count: a function that asks gsub for itself would end the process.
local MAX_CALLS = 200

local raw_gsub, call_at = string.gsub, debug.getinfo
local function gsub(text, pattern, replacement, count)
  if type(replacement) == "function" and call_at(MAX_CALLS, "l") then
    error("string.gsub: stack overflow (a function it calls asks it again, too deep)", 2)
  end
  return raw_gsub(text, pattern, replacement, count)
end

local function pick(library, names)
  local picked = {}
  for name in names:gmatch "%S+" do picked[name] = library[name] end
  return picked
end

local function frozen(values, what)
  return setmetatable({}, {
    __index = values,
    __newindex = function(_, key)
      error(("%s may not be changed (field '%s')"):format(what, tostring(key)), 2)
    end,
    __metatable = false,
  })
end

local strings = pick(string, "byte char find gmatch len lower match rep reverse sub upper")
strings.format, strings.gsub = format, gsub
local tables = pick(table, "concat insert maxn remove sort")
local maths = pick(math, "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp "
  .. "log log10 max min modf pi pow rad sin sinh sqrt tan tanh")
local bits = pick(bit, "arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex")

--- A module of the library as rules see it: tables inside it are read-only, too.
local function module_view(module, what)
  local view = {}
  for key, value in next, module do
    view[key] = type(value) == "table" and module_view(value, what) or value
  end
  return frozen(view, what)
end

local views = {}

local function library(name)
  if type(name) ~= "string" or not (name == "tallymill" or name:find "^tallymill%.[%w_.]+$") then
    error(("require: only \"tallymill\" can be required, got '%s'"):format(plain_tostring(name)), 2)
  end
  if views[name] then return views[name] end
  local ok, module = pcall(require, name)
  if not ok or type(module) ~= "table" then
    error(("require: there is no module '%s'"):format(name), 2)
  end
  views[name] = module_view(module, name)
  return views[name]
end

local base = {
  assert = assert, error = error, ipairs = ipairs, pairs = ordered_pairs, pcall = pcall,
  require = library, select = select, tonumber = tonumber, tostring = plain_tostring, type = type,
  unpack = unpack, xpcall = xpcall,
  bit = frozen(bits, "bit"), math = frozen(maths, "math"), string = frozen(strings, "string"),
  table = frozen(tables, "table"),
}
setmetatable(base, {
  __index = function(_, name) error(("'%s' is not available in rules"):format(name), 2) end,
})

--- The names a rule may read as globals, as a set.
function sandbox.names()
  local names = {}
  for name in next, base do names[name] = true end
  return names
end

--- A new environment for one file.
function sandbox.environment(file)
  return setmetatable({}, {
    __index = base,
    __newindex = function(_, name)
      error(("%s sets the global '%s'; write local %s"):format(file, tostring(name), tostring(name)), 2)
    end,
    __metatable = false,
  })
end

--- ("x"):rep(3) reaches only the allowed functions, and nobody can change or see how.
function sandbox.protect_strings()
  local metatable = getmetatable ""
  metatable.__index = strings
  metatable.__metatable = false
end

return sandbox
