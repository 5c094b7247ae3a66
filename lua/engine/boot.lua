--- Runs once in every Lua state, with full libraries, before any rule. Arguments: the embedded
--- sources by module name, and {scale=, compiled=, share=, rest=, round=, random=} (addresses of C
--- functions). Returns the functions the C++ runtime calls; nothing here is reachable from a rule.
local sources, config = ...
local ffi = require "ffi"
local jit_util = require "jit.util"

local host = {
  share = ffi.cast("double (*)(double, double, double, int)", config.share),
  rest = ffi.cast("double (*)(double, double, double)", config.rest),
  round = ffi.cast("double (*)(double, int)", config.round),
  random = ffi.cast("double (*)(const char *, size_t)", config.random),
}
local loaded = {
  ["ffi"] = ffi,
  ["jit.util"] = jit_util,
  ["engine.config"] = { scale = config.scale },
  ["engine.host"] = host,
}

--- Replaces Lua's own require: modules come from the binary, never from a disk.
function require(name)  -- luacheck: ignore 121
  local module = loaded[name]
  if module == nil then
    local chunk = assert(load(sources[name], "=lua/" .. name:gsub("%.", "/") .. ".lua", "t"))
    module = chunk()
    loaded[name] = module
  end
  return module
end

if config.compiled then
  -- Rule sets make long loop bodies; the defaults give up on them (bench/results.md).
  require("ffi")
  jit.opt.start("maxtrace=4000", "maxrecord=20000", "maxirconst=4000", "maxsnap=2000",
    "maxside=400", "maxmcode=8192", "sizemcode=256")
else
  jit.off()
end

local sandbox = require "engine.sandbox"
local inspect = require "engine.inspect"
local row_set = require "engine.row_set"
local group_set = require "engine.group_set"
local rule_tests = require "engine.rule_tests"
local exam = require "engine.exam"
local describe = require "engine.describe"
sandbox.protect_strings()

local rules = {}  -- by name: {info}, as load() made them

local engine = {}

--- Runs a rule file. `arguments` is {name=, file=, text=}; gives {description=} or {error=}.
--- With `observed` the text is RuleCode::instrumented(), whose own names are let through.
function engine.load(arguments)
  if arguments.text:byte(1) == 27 then
    return { error = "this is compiled Lua (bytecode), which is never loaded; give the rule's source text" }
  end
  local environment, allowed = sandbox.environment(arguments.file), sandbox.names()
  if arguments.observed then exam.observe(environment, allowed) end
  local chunk, problem = load(arguments.text, "@" .. arguments.file, "t", environment)
  if not chunk then return { error = problem } end
  local globals = inspect.globals(chunk, allowed)
  if #globals > 0 then return { problems = globals } end
  local ok, value = pcall(chunk)
  if not ok then
    return { error = type(value) == "string" and value or "the file raised a " .. type(value) }
  end
  local description = describe.rule(value)
  if description.kind then rules[arguments.name] = value end
  return { description = description }
end

--- Bytecode findings about the functions of a loaded rule: {name=}.
function engine.inspect(arguments)
  local rule = rules[arguments.name]
  return inspect.rule(rule.fields[rule["function"]], rule.fields.needs,
    describe.params(rule.fields.params), rule.kind == "group")
end

--- Makes one loop over rows: see row_set.lua. The result stays in Lua; C++ takes references.
function engine.bind(spec) return row_set.make(spec, rules) end

--- Makes the set of one group rule: see group_set.lua.
function engine.bind_group(spec) return group_set.make(spec, rules) end

--- Runs one test case against a loaded rule: see rule_tests.lua.
function engine.run_test(spec) return rule_tests.run(spec, rules) end

--- Which conditions a case meets, and how: see exam.lua.
function engine.count(spec) return exam.count(spec, rules) end
function engine.trace(spec) return exam.trace(spec, rules) end

return engine
