-- Holds what documents show against what is true. usage: luajit docs_test.lua [--update] ROOT FILE...
--
-- A fenced block that follows a line `<!-- file: PATH -->` quotes that file and must equal it; behind
-- PATH, `from TEXT to TEXT` quotes from the first line that holds the one TEXT to the next that holds
-- the other, and `line TEXT` one line. Quoted outputs are the expectations of test cases, so they are
-- what the program prints. A block of yaml, lua or text that quotes nothing follows a line
-- `<!-- picture: WHY -->`. Relative links must lead somewhere.

local update = arg[1] == "--update"
local root = arg[update and 2 or 1]

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

-- A folder opens too, though it cannot be read.
local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function lines_of(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  return lines
end

--- "PATH", "PATH line TEXT", "PATH from TEXT", "PATH from TEXT to TEXT"
local function parse_quotation(spec)
  local path, how, rest = spec:match "^(%S+) (%l+) (.+)$"
  if how == "line" then return path, rest, rest end
  if how == "from" then
    local from, to = rest:match "^(.-) to (.+)$"
    return path, from or rest, to
  end
  return spec
end

--- The quoted lines; `from` and `to` are the same text where one line is quoted.
local function excerpt(path, from, to)
  local text = read(root .. "/" .. path)
  if not text then return nil, "no such file: " .. path end
  local result, inside = {}, from == nil
  for _, line in ipairs(lines_of(text)) do
    local starts = not inside and from and line:find(from, 1, true)
    if starts then inside = true end
    if inside then result[#result + 1] = line end
    if inside and to and (not starts or to == from) and line:find(to, 1, true) then break end
  end
  if #result == 0 then return nil, "no line of " .. path .. " holds '" .. from .. "'" end
  return result
end

--- Kinds of blocks that must quote something a test runs.
local must_quote = { yaml = true, lua = true, text = true }

local function is_explained(line)
  return line:find "^<!%-%- file: " or line:find "^<!%-%- picture: "
end

local problems = 0
local function problem(file, line, message)
  problems = problems + 1
  print(("%s:%d: error: %s"):format(file, line, message))
end

local function check_links(file, number, line)
  for target in line:gmatch "%]%(([^)#%s]+)[^)]*%)" do
    if not target:find "^%a+:" then
      local folder = file:match "^(.*/)" or ""
      if not exists(root .. "/" .. folder .. target) then
        problem(file, number, "the link to '" .. target .. "' leads nowhere")
      end
    end
  end
end

for i = update and 3 or 2, #arg do
  local file = arg[i]
  local lines = lines_of(assert(read(root .. "/" .. file), "no such document: " .. file))
  local out, n = {}, 1
  local fenced = false
  while n <= #lines do
    local line = lines[n]
    out[#out + 1] = line
    if line:find "^```" then
      fenced = not fenced
      local kind = fenced and line:match "^```(%l+)"
      if must_quote[kind] and not is_explained(lines[n - 1] or "") then
        problem(file, n, "an example of " .. kind .. " that nothing runs: quote a file (see tests/docs_test.lua)")
      end
    end
    if not fenced then check_links(file, n, line) end
    local spec = line:match "^<!%-%- file: (.-) %-%->$"
    if spec and not fenced then
      local path, from, to = parse_quotation(spec)
      local want, message = excerpt(path, from, to)
      local first = n + 1
      if not (lines[first] or ""):find "^```" then
        problem(file, n, "a quoting comment is followed by no fenced block")
      else
        local last = first + 1
        while lines[last] and not lines[last]:find "^```" do last = last + 1 end
        if not want then
          problem(file, n, message)
        elseif update then
          out[#out + 1] = lines[first]
          for _, quoted in ipairs(want) do out[#out + 1] = quoted end
          out[#out + 1] = "```"
          n = last
        else
          for k = 1, math.max(#want, last - first - 1) do
            if lines[first + k] ~= want[k] or first + k >= last then
              problem(file, first + k, "differs from " .. path .. ": expected '" .. tostring(want[k]) .. "'")
              break
            end
          end
        end
      end
    end
    n = n + 1
  end
  if update then
    local handle = assert(io.open(root .. "/" .. file, "wb"))
    handle:write(table.concat(out, "\n"), "\n")
    handle:close()
  end
end
print(problems == 0 and "every quotation holds" or problems .. " problems")
os.exit(problems == 0 and 0 or 1)
