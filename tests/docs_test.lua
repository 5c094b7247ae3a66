-- Holds what documents show against what is true. usage: luajit docs_test.lua [--update] ROOT FILE...
--
-- A fenced block that follows a line `<!-- file: PATH -->` or `<!-- file: PATH from TEXT to TEXT -->`
-- quotes that file (from the first line that holds TEXT to the next one that does), and must equal
-- it. Quoted outputs are the expectations of test cases, so they are what the program prints.
-- Relative links must lead somewhere.

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

local function excerpt(path, from, to)
  local text = read(root .. "/" .. path)
  if not text then return nil, "no such file: " .. path end
  local result, inside = {}, from == nil
  for _, line in ipairs(lines_of(text)) do
    local starts = not inside and from and line:find(from, 1, true)
    if starts then inside = true end
    if inside then result[#result + 1] = line end
    if inside and not starts and to and line:find(to, 1, true) then break end
  end
  if #result == 0 then return nil, "no line of " .. path .. " holds '" .. from .. "'" end
  return result
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
    if line:find "^```" then fenced = not fenced end
    if not fenced then check_links(file, n, line) end
    local spec = line:match "^<!%-%- file: (.-) %-%->$"
    if spec and not fenced then
      local path, from, to = spec:match "^(%S+) from (.-) to (.+)$"
      if not path then path = spec:match "^(%S+)$" or spec:match "^(%S+)" end
      if not from then from = spec:match "^%S+ from (.+)$" end
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
