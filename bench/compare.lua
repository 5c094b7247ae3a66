-- Times whole processes, interleaved: luajit compare.lua RUNS NAME_A COMMAND_A [NAME_B COMMAND_B ...]
-- One warm-up each, then RUNS rounds A B ... A B ...; prints a Markdown table row per command with
-- median (min-max) wall seconds, peak MiB of the largest process, and the median of the per-round
-- ratios against the last command.
local ffi = require "ffi"
ffi.cdef [[
typedef struct { long tv_sec; long tv_x; } tm_pair;
typedef struct { tm_pair utime, stime; long maxrss; long rest[13]; } tm_rusage;
int fork(void); int execvp(const char*, const char* const*); int wait4(int, int*, int, tm_rusage*);
int clock_gettime(int, tm_pair*); void _exit(int);
]]

local function now()
  local t = ffi.new "tm_pair"
  ffi.C.clock_gettime(1, t)
  return tonumber(t.tv_sec) + tonumber(t.tv_x) * 1e-9
end

local function run(command)
  local argv = ffi.new("const char*[4]", { "sh", "-c", command })
  local start = now()
  local pid = ffi.C.fork()
  if pid == 0 then
    ffi.C.execvp("sh", argv)
    ffi.C._exit(127)
  end
  local status, usage = ffi.new "int[1]", ffi.new "tm_rusage"
  ffi.C.wait4(pid, status, 0, usage)
  local seconds = now() - start
  local code = math.floor(status[0] / 256) % 256
  if status[0] % 128 ~= 0 or code == 1 or code == 2 or code == 127 then
    io.stderr:write("failed with status ", tostring(status[0]), ": ", command, "\n")
    os.exit(1)
  end
  return seconds, tonumber(usage.maxrss) / 1024
end

local rounds = tonumber(arg[1])
local entries = {}
for i = 2, #arg, 2 do entries[#entries + 1] = { name = arg[i], command = arg[i + 1], times = {}, mib = 0 } end
for _, entry in ipairs(entries) do run(entry.command) end
for _ = 1, rounds do
  for _, entry in ipairs(entries) do
    local seconds, mib = run(entry.command)
    entry.times[#entry.times + 1] = seconds
    entry.mib = math.max(entry.mib, mib)
  end
end

local function median(list)
  local sorted = { unpack(list) }
  table.sort(sorted)
  local n = #sorted
  return n % 2 == 1 and sorted[(n + 1) / 2] or (sorted[n / 2] + sorted[n / 2 + 1]) / 2, sorted[1], sorted[n]
end

local last = entries[#entries]
for _, entry in ipairs(entries) do
  local ratios = {}
  for i, seconds in ipairs(entry.times) do ratios[i] = seconds / last.times[i] end
  local mid, low, high = median(entry.times)
  print(string.format("| %s | %.3f (%.3f-%.3f) | %.0f | %.2f |", entry.name, mid, low, high, entry.mib,
    (median(ratios))))
end
