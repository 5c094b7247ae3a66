--- Reads the bytecode of rule functions before any row is seen. It answers exactly what a text
--- search can only guess: which globals, columns and parameters a function touches, whether it
--- keeps something between rows, and on which line.
local util = require "jit.util"
local band, rshift = bit.band, bit.rshift

local inspect = {}

--- Opcode numbers differ between LuaJIT builds, so they are read off samples.
local function opcodes(source, ...)
  local chunk = assert(load(source, "=sample", "t"))
  local sample = chunk() or chunk
  local found = {}
  for _, pc in ipairs { ... } do found[#found + 1] = band((util.funcbc(sample, pc)), 0xff) end
  return unpack(found)
end

local function set_of(...)
  local set = {}
  for _, value in ipairs { ... } do set[value] = true end
  return set
end

local GGET = opcodes("local x = y", 1)
local GSET = opcodes("local x; y = x", 2)
local UGET = opcodes("local u; return function() local x = u end", 1)
local MOV = opcodes("return function(a) local b = a end", 1)
local TGETS = opcodes("return function(a) local b = a.x end", 1)
local TGETV = opcodes("return function(a, b) local c = a[b] end", 1)
local TGETB = opcodes("return function(a) local b = a[1] end", 1)
local ITERC = opcodes("local f; return function() for _, b in f() do end end", 4)
local TSETS = opcodes("return function(a, b) a.x = b end", 1)
local TSETV = opcodes("return function(a, b) a[b] = b end", 1)
local TSETB = opcodes("return function(a, b) a[1] = b end", 1)
local USETV = opcodes("local u; return function(a) u = a end", 1)
local USETS = opcodes("local u; return function() u = 's' end", 1)
local USETN = opcodes("local u; return function() u = 7 end", 1)
local USETP = opcodes("local u; return function() u = nil end", 1)
local CALL = opcodes("local f, a; return function() f(a) end", 3)
local CALLT = opcodes("local f, a; return function() return f(a) end", 3)
local CALLM = opcodes("local f, a, g; return function() f(a, g()) end", 5)
local CALLMT = opcodes("local f, a, g; return function() return f(a, g()) end", 5)
--- How many registers behind a called function its first argument lies: that differs, too.
local FIRST_ARGUMENT = band(rshift(
  (util.funcbc((load "local f, a; return function() f(a) end")(), 2)), 8), 0xff)
local CALLS = set_of(CALL, CALLT, CALLM, CALLMT)
--- Functions of `table` that change the table they are given.
local TABLE_CHANGERS = set_of("insert", "remove", "sort")
local TABLE_WRITES = set_of(TSETS, TSETV, TSETB)
local UPVALUE_WRITES = set_of(USETV, USETS, USETN, USETP)

local MODE_DESTINATION, MODE_BASE = 1, 2

--- Calls visit(pc, op, a, b, c, d, mode) for every instruction of a function or prototype.
local function each_instruction(proto, visit)
  local pc = 1
  while true do
    local instruction, mode = util.funcbc(proto, pc)
    if not instruction then return end
    visit(pc, band(instruction, 0xff), band(rshift(instruction, 8), 0xff),
      rshift(instruction, 24), band(rshift(instruction, 16), 0xff), rshift(instruction, 16), mode)
    pc = pc + 1
  end
end

local function each_child(proto, visit)
  local n = -1
  while true do
    local constant = util.funck(proto, n)
    if constant == nil then return end
    if type(constant) == "proto" then visit(constant) end
    n = n - 1
  end
end

local function text_constant(proto, index) return util.funck(proto, -index - 1) end

local function line_of(proto, pc) return util.funcinfo(proto, pc).currentline end

--- What register `register` holds before `pc`: "upvalue", index | "argument", slot | nil. Looks back
--- to the nearest instruction that writes it; one that may write it or not ends the search.
local function origin(proto, pc, register)
  for before = pc - 1, 1, -1 do
    local instruction, mode = util.funcbc(proto, before)
    local op, a = band(instruction, 0xff), band(rshift(instruction, 8), 0xff)
    local kind = band(mode, 7)
    if kind == MODE_DESTINATION and a == register then
      if op == UGET then return "upvalue", rshift(instruction, 16) end
      if op == MOV then return origin(proto, before, rshift(instruction, 16)) end
      return nil
    end
    if kind == MODE_BASE and a <= register then return nil end
  end
  if register < util.funcinfo(proto).params then return "argument", register end
  return nil
end

--- The global that register `register` was read from before `pc`, if it was.
local function origin_global(proto, pc, register)
  for before = pc - 1, 1, -1 do
    local instruction, mode = util.funcbc(proto, before)
    if band(mode, 7) == MODE_DESTINATION and band(rshift(instruction, 8), 0xff) == register then
      if band(instruction, 0xff) ~= GGET then return nil end
      return text_constant(proto, rshift(instruction, 16))
    end
  end
  return nil
end

--- Loops `for i, row in ipairs(rows)` over the first argument: {first=, register=}, the row's
--- register from instruction `first` on.
local function loops_over_rows(proto)
  local loops, pc = {}, 1
  while true do
    local instruction = util.funcbc(proto, pc)
    if not instruction then return loops end
    if band(instruction, 0xff) == ITERC then
      local base = band(rshift(instruction, 8), 0xff)
      local first = pc + 2 + rshift((util.funcbc(proto, pc + 1)), 16) - 0x8000
      local kind, slot = origin(proto, first - 2, base - 3 + FIRST_ARGUMENT)
      local maker = origin_global(proto, first - 2, base - 3)
      if maker == "ipairs" and kind == "argument" and slot == 0 then
        loops[#loops + 1] = { first = first, register = base + 1 }
      end
    end
    pc = pc + 1
  end
end

--- Whether register `register` holds one of the rows before `pc`.
local function is_row(proto, pc, register, loops)
  for before = pc - 1, 1, -1 do
    for _, loop in ipairs(loops) do
      if loop.first == before + 1 and loop.register == register then return true end
    end
    local instruction, mode = util.funcbc(proto, before)
    local op, a = band(instruction, 0xff), band(rshift(instruction, 8), 0xff)
    local kind = band(mode, 7)
    if kind == MODE_DESTINATION and a == register then
      if op == MOV then return is_row(proto, before, rshift(instruction, 16), loops) end
      if op ~= TGETV and op ~= TGETB then return false end
      local from, slot = origin(proto, before, rshift(instruction, 24))
      return from == "argument" and slot == 0
    end
    if kind == MODE_BASE and a <= register then return false end
  end
  return false
end

--- The name of the field that a call's function in `register` was read from, if it was.
local function called_field(proto, pc, register)
  for before = pc - 1, 1, -1 do
    local instruction, mode = util.funcbc(proto, before)
    local kind, a = band(mode, 7), band(rshift(instruction, 8), 0xff)
    if kind == MODE_DESTINATION and a == register then
      if band(instruction, 0xff) ~= TGETS then return nil end
      return text_constant(proto, band(rshift(instruction, 16), 0xff))
    end
    if kind == MODE_BASE and a <= register then return nil end
  end
  return nil
end

--- Whether an instruction calls a function that changes the table it is given.
local function changes_table(proto, pc, op, register)
  return CALLS[op] and TABLE_CHANGERS[called_field(proto, pc, register)]
end

--- Problems with global names anywhere in a chunk: {line=, message=, name=, among=, hint=}; `name`
--- is what the line is searched for.
function inspect.globals(chunk, allowed)
  local problems = {}
  local names = {}
  for name in next, allowed do names[#names + 1] = name end
  table.sort(names)
  local function visit(proto)
    each_instruction(proto, function(pc, op, _, _, _, d)
      if op == GSET then
        local name = text_constant(proto, d)
        problems[#problems + 1] = {
          line = line_of(proto, pc),
          message = ("the global '%s' may not be set"):format(name),
          name = name,
          hint = "write local " .. name,
        }
      elseif op == GGET and not allowed[text_constant(proto, d)] then
        local name = text_constant(proto, d)
        problems[#problems + 1] = {
          line = line_of(proto, pc),
          message = ("'%s' is not available in rules"):format(name),
          name = name, among = names,
        }
      end
    end)
    each_child(proto, visit)
  end
  visit(chunk)
  return problems
end

local function sorted_names(values)
  local names = {}
  for name in next, values do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

--- A rule function's own look at its row (slot 0) and parameters (slot 1).
local function inspect_arguments(rule, needs, params, sees_rows, report)
  local declared = {
    [0] = { names = needs, what = "column", where = "in needs" },
    [1] = { names = params, what = "parameter", where = "in params" },
  }
  local loops = sees_rows and loops_over_rows(rule)
  each_instruction(rule, function(pc, op, a, b, c)
    local changes = TABLE_WRITES[op] or changes_table(rule, pc, op, a)
    if op ~= TGETS and not changes then return end
    if sees_rows and not CALLS[op] and is_row(rule, pc, b, loops) then
      local column = op == TGETS and text_constant(rule, c)
      if changes then
        report(pc, { message = "a rule may not change its rows", hint = "copy the value into a local" })
      elseif needs[column] == nil then
        report(pc, {
          message = ("column '%s' is read but not declared in needs"):format(column),
          name = column, among = sorted_names(needs),
        })
      end
      return
    end
    local kind, slot = origin(rule, pc, CALLS[op] and a + FIRST_ARGUMENT or b)
    local argument = kind == "argument" and declared[slot]
    if not argument then return end
    if changes then
      report(pc, { message = slot == 0 and "a rule may not change its row"
        or "a rule may not change its parameters", hint = "copy the value into a local" })
      return
    end
    local name = text_constant(rule, c)
    if slot == 0 and sees_rows then
      report(pc, {
        message = ("column '%s' is read of all rows at once"):format(name),
        name = name,
        hint = ("the function gets a list of rows: rows[1].%s, for i, row in ipairs(rows)")
          :format(name),
      })
      return
    end
    if argument.names[name] == nil then
      report(pc, {
        message = ("%s '%s' is read but not declared %s"):format(argument.what, name, argument.where),
        name = name, among = sorted_names(argument.names),
      })
    end
  end)
end

--- Writes to variables that outlive the call. `outer` tells which upvalue indexes do.
local function inspect_state(proto, outer, report)
  each_instruction(proto, function(pc, op, a, b)
    local index
    if UPVALUE_WRITES[op] and outer(a) then
      index = a
    elseif TABLE_WRITES[op] then
      local kind, upvalue = origin(proto, pc, b)
      if kind == "upvalue" and outer(upvalue) then index = upvalue end
    elseif changes_table(proto, pc, op, a) then
      local kind, upvalue = origin(proto, pc, a + FIRST_ARGUMENT)
      if kind == "upvalue" and outer(upvalue) then index = upvalue end
    end
    if index then
      report(proto, pc, {
        message = ("'%s' is changed by the rule and would keep its value for later rows")
          :format(util.funcuvname(proto, index)),
        name = util.funcuvname(proto, index),
        hint = "a rule may depend on its row and parameters only; use locals inside the function",
      })
    end
  end)
  local names = {}
  for index = 0, 255 do
    local name = util.funcuvname(proto, index)
    if not name then break end
    if outer(index) then names[name] = true end
  end
  each_child(proto, function(child)
    inspect_state(child, function(index) return names[util.funcuvname(child, index)] end, report)
  end)
end

--- Problems of a rule's function and of the file's functions it can reach.
function inspect.rule(rule, needs, params, sees_rows)
  local problems, visited = {}, {}
  local function report(proto, pc, problem)
    problem.line = line_of(proto, pc)
    problems[#problems + 1] = problem
  end
  if type(rule) ~= "function" or util.funcinfo(rule).addr then return { problems = problems } end
  inspect_arguments(rule, type(needs) == "table" and needs or {}, params, sees_rows,
    function(pc, problem) report(rule, pc, problem) end)
  local file = util.funcinfo(rule).source
  local reach
  local function visit(fn)
    if util.funcinfo(fn).source ~= file then return end
    inspect_state(fn, function() return true end, report)
    for index = 1, 255 do
      local name, value = debug.getupvalue(fn, index)
      if not name then break end
      reach(value)
    end
  end
  --- Functions stand in tables of the file, too.
  function reach(value)
    local kind = type(value)
    if (kind ~= "function" and kind ~= "table") or visited[value] then return end
    visited[value] = true
    if kind == "function" then return visit(value) end
    for _, item in next, value do reach(item) end
  end
  reach(rule)
  return { problems = problems }
end

return inspect
