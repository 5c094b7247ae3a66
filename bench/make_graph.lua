-- Writes the same layered random DAG of N no-op jobs as a Tallymill graph, a ninja file, a makefile and,
-- of at most 1,000 jobs, a Snakefile.
-- usage: luajit make_graph.lua N FOLDER
local n, folder = tonumber(arg[1]), arg[2]
local width = math.floor(math.sqrt(n))
local state = 1
local function random(below)
  state = state * 48271 % 2147483647
  return state % below
end
local graph = assert(io.open(folder .. "/graphs/noop_" .. n .. ".yaml", "w"))
local ninja = assert(io.open(folder .. "/build.ninja", "w"))
local make = assert(io.open(folder .. "/Makefile", "w"))
local snake = n <= 1000 and assert(io.open(folder .. "/Snakefile", "w"))
graph:write("graph: noop_", n, "\nperiod: month\njobs:\n")
-- generator: what is there and newer counts as built, as in make, without a log of commands.
ninja:write("rule r\n  command = touch $out\n  generator = 1\n")
local all = {}
for i = 0, n - 1 do all[#all + 1] = "out/n" .. i end
make:write("all: ", table.concat(all, " "), "\n")
if snake then snake:write('rule all:\n  input: "', table.concat(all, '", "'), '"\n') end
for i = 0, n - 1 do
  graph:write("  n", i, ":\n    type: noop\n")
  ninja:write("build out/n", i, ": r")
  make:write("out/n", i, ":")
  local inputs = ""
  if i >= width then
    local first = (math.floor(i / width) - 1) * width
    local a, b = first + random(width), first + random(width)
    local needs = (a == b or random(2) == 0) and { a } or { a, b }
    graph:write("    needs: [n", table.concat(needs, ", n"), "]\n")
    ninja:write(" out/n", table.concat(needs, " out/n"))
    make:write(" out/n", table.concat(needs, " out/n"))
    inputs = '  input: "out/n' .. table.concat(needs, '", "out/n') .. '"\n'
  end
  ninja:write("\n")
  make:write("\n\t@touch $@\n")
  if snake then
    snake:write("rule n", i, ":\n", inputs, '  output: "out/n', i, '"\n  shell: "touch {output}"\n')
  end
end
graph:close()
ninja:close()
make:close()
if snake then snake:close() end
