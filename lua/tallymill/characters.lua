--- Text by characters (code points of UTF-8), where Lua's string functions count bytes. A character
--- starts at every byte that does not continue one.
local letters = require "tallymill.letters"

local characters = {}

local byte, char, lower, sub, upper = string.byte, string.char, string.lower, string.sub, string.upper
local concat = table.concat

--- Loops over bytes, because the JIT compiles them and not patterns.
local function is_ascii(text)
  for i = 1, #text do
    if byte(text, i) >= 0x80 then return false end
  end
  return true
end

--- How many characters a text has.
---@param text string
---@return integer
function characters.len(text)
  local count = 0
  for i = 1, #text do
    local b = byte(text, i)
    if b < 0x80 or b >= 0xC0 then count = count + 1 end
  end
  return count
end

--- Characters `first` to `last` of a text, counted from its end where negative, as string.sub does
--- with bytes.
---@param text string
---@param first integer
---@param last? integer -1 if not said
---@return string
function characters.sub(text, first, last)
  last = last or -1
  if first < 0 or last < 0 then
    local length = characters.len(text)
    if first < 0 then first = length + first + 1 end
    if last < 0 then last = length + last + 1 end
  end
  if first < 1 then first = 1 end
  if last < first then return "" end
  local count, from, to = 0, nil, #text
  for i = 1, #text do
    local b = byte(text, i)
    if b < 0x80 or b >= 0xC0 then
      count = count + 1
      if count == first then from = i end
      if count == last + 1 then
        to = i - 1
        break
      end
    end
  end
  return from and sub(text, from, to) or ""
end

--- The characters of a text as a list.
---@param text string
---@return string[]
function characters.chars(text)
  local list, from = {}, 1
  for i = 2, #text + 1 do
    local b = byte(text, i)
    if not b or b < 0x80 or b >= 0xC0 then
      list[#list + 1] = sub(text, from, i - 1)
      from = i
    end
  end
  return list
end

local function mapped(text, ascii, map)
  if is_ascii(text) then return ascii(text) end
  local list = characters.chars(text)
  for i = 1, #list do list[i] = map[list[i]] or ascii(list[i]) end
  return concat(list)
end

--- A text in capital letters: Latin, Greek, Cyrillic, Armenian and full-width ones, each by itself.
---@param text string
---@return string
function characters.upper(text) return mapped(text, upper, letters.upper) end

--- A text in small letters.
---@param text string
---@return string
function characters.lower(text) return mapped(text, lower, letters.lower) end

--- Full-width letters, digits, signs and blanks as ordinary ones, as step `width` makes them.
---@param text string
---@return string
function characters.half_width(text)
  if is_ascii(text) then return text end
  local pieces, from, i, last = {}, 1, 1, #text
  while i + 2 <= last do
    local a, b, c = byte(text, i, i + 2)
    local plain
    if a == 0xEF and ((b == 0xBC and c >= 0x81) or (b == 0xBD and c <= 0x9E)) then
      plain = char((b - 0xBC) * 0x40 + (c - 0x80) + 0x20)
    elseif a == 0xE3 and b == 0x80 and c == 0x80 then
      plain = " "
    end
    if plain then
      pieces[#pieces + 1] = sub(text, from, i - 1)
      pieces[#pieces + 1] = plain
      i = i + 3
      from = i
    else
      i = i + 1
    end
  end
  if from == 1 then return text end
  pieces[#pieces + 1] = sub(text, from)
  return concat(pieces)
end

--- Bytes of the blank that starts at byte `i`: ASCII ones, U+00A0 and U+3000; 0 if there is none.
local function blank_at(text, i)
  local b = byte(text, i)
  if not b then return 0 end
  if b == 32 or (b >= 9 and b <= 13) then return 1 end
  if b == 0xC2 and byte(text, i + 1) == 0xA0 then return 2 end
  if b == 0xE3 and byte(text, i + 1) == 0x80 and byte(text, i + 2) == 0x80 then return 3 end
  return 0
end

--- A text without blanks around it, full-width ones included, as step `trim` makes it.
---@param text string
---@return string
function characters.trim(text)
  local from, to = 1, #text
  local size = blank_at(text, from)
  while size > 0 do
    from = from + size
    size = blank_at(text, from)
  end
  while to >= from do
    if blank_at(text, to) == 1 then
      to = to - 1
    elseif to - 1 >= from and blank_at(text, to - 1) == 2 then
      to = to - 2
    elseif to - 2 >= from and blank_at(text, to - 2) == 3 then
      to = to - 3
    else
      break
    end
  end
  return sub(text, from, to)
end

--- A text without any blanks.
---@param text string
---@return string
function characters.squeeze(text)
  local pieces, from, i = {}, 1, 1
  while i <= #text do
    local size = blank_at(text, i)
    if size > 0 then
      pieces[#pieces + 1] = sub(text, from, i - 1)
      from = i + size
    end
    i = i + (size > 0 and size or 1)
  end
  if from == 1 then return text end
  pieces[#pieces + 1] = sub(text, from)
  return concat(pieces)
end

--- Whether a text begins with another one.
---@param text string
---@param start string
---@return boolean
function characters.starts_with(text, start) return sub(text, 1, #start) == start end

--- Whether a text ends with another one.
---@param text string
---@param ending string
---@return boolean
function characters.ends_with(text, ending) return ending == "" or sub(text, -#ending) == ending end

--- Whether a text holds another one, byte for byte.
---@param text string
---@param part string
---@return boolean
function characters.contains(text, part) return text:find(part, 1, true) ~= nil end

return characters
