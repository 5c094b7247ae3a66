-- Makes the source systems of the demo operator: an M8 cost ledger (SQL for sqlite3), CRM users
-- (CSV, UTF-8 here; the caller turns them into GB18030), campaign declarations and gifts (CSV).
-- usage: luajit make_sources.lua FOLDER [SEED]
--
-- Everything follows from the seed, so two makers get the same bytes. Faults are planted on
-- purpose and listed in FOLDER/faults.csv: what finds them, under which code, in which row.

local folder = assert(arg[1], "usage: luajit make_sources.lua FOLDER [SEED]")
local seed = tonumber(arg[2] or "20260131")

-- Park-Miller: exact in doubles, the same on every machine.
local state = seed % 2147483647
local function random(n)
  state = state * 48271 % 2147483647
  return state % n + 1
end
local function pick(list) return list[random(#list)] end
local function chance(one_in) return random(one_in) == 1 end

local function yuan(fen)
  local sign = fen < 0 and "-" or ""
  fen = math.abs(fen)
  return string.format("%s%d.%02d", sign, math.floor(fen / 100), fen % 100)
end

local function writer(name, header)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(table.concat(header, ","), "\n")
  return {
    row = function(fields) file:write(table.concat(fields, ","), "\n") end,
    close = function() file:close() end,
  }
end

local faults = writer("faults.csv", { "graph", "found_by", "code", "row_key", "what" })
local function fault(graph, found_by, code, row_key, what)
  faults.row { graph, found_by, code, row_key, what }
end

---------------------------------------------------------------- organisation (tables/org.csv)
local branches, centres = {}, {}
for b = 1, 5 do
  branches[b] = string.format("B%02d", b)
  for c = 1, 4 do
    centres[#centres + 1] = { code = string.format("K%02d%02d", b, c), branch = branches[b] }
  end
end
local marketing = {}
for m = 1, 30 do marketing[m] = string.format("M%03d", m) end

---------------------------------------------------------------- CRM users
-- A ledger month has one line per (cost item, organisation); drivers are columns of the user.
local USERS = 10000
local users = writer("crm_users.csv", {
  "用户编号", "客户编号", "用户名称", "客户中心", "分公司", "营销客户", "入网日期",
  "新增用户", "活跃天数", "实收", "欠费",
})
local surnames = { "赵", "钱", "孙", "李", "周", "吴", "郑", "王", "陈", "林" }
local given = { "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋" }
local lonely = centres[20].code -- nobody lives here: its pools have no receivers
for u = 1, USERS do
  local centre = centres[random(19)]
  local id = string.format("U%06d", u)
  local is_new = chance(12)
  local joined = is_new and string.format("2026-01-%02d", random(31))
    or string.format("20%02d-%02d-%02d", 15 + random(10), random(12), random(28))
  local fields = {
    id,
    string.format("C%05d", math.floor((u + 1) / 2)),
    pick(surnames) .. pick(given),
    centre.code,
    centre.branch,
    chance(20) and pick(marketing) or "",
    joined,
    is_new and "1" or "0",
    tostring(random(32) - 1),
    yuan(random(30000) - 1),
    chance(15) and yuan(random(20000)) or "0.00",
  }
  if u == 1200 then
    fields[7] = "2025-02-30"
    fault("cost_attribution", "crm_users.rejects", "not_a_date", id, "joined on 30 February")
  elseif u == 3400 then
    fields[10] = "88.885"
    fault("cost_attribution", "crm_users.rejects", "surplus_fraction_digits", id, "half a fen of revenue")
  elseif u == 5600 then
    fields[9] = "三"
    fault("cost_attribution", "crm_users.rejects", "not_a_number", id, "active days in words")
  elseif u == 7000 then
    fields[4] = "K9999"
    fault("cost_attribution", "clean_users.rejects", "unknown_centre", id, "a customer centre that does not exist")
  elseif u == 7800 then
    -- Not a fault: the same centre in full-width characters, which cleansing folds.
    fields[4] = fields[4]:gsub("%w", function(c) return "\239\188" .. string.char(c:byte() + 0x60) end)
  end
  users.row(fields)
  if u == 9000 then
    users.row(fields)
    fault("cost_attribution", "clean_users.merged", "duplicate", id, "the same line twice")
  end
end
users.close()

---------------------------------------------------------------- M8 cost ledger (SQLite)
local items = {
  { name = "新客户发展费", code = "C-01" }, { name = "客户服务费", code = "C-02" },
  { name = "代收话费手续费", code = "C-03" }, { name = "渠道补贴费用", code = "C-08" },
}
local sql = assert(io.open(folder .. "/m8.sql", "wb"))
sql:write [[
create table cost_ledger(period text, voucher text, cost_item text, org_code text, grain text, amount text);
create table cost_control(period text, row_count integer, total_amount text);
]]
local rows, total, voucher = 0, 0, 0
local function cost(item, org, grain, fen)
  voucher = voucher + 1
  rows, total = rows + 1, total + fen
  sql:write(string.format("insert into cost_ledger values('2026-01','V%05d','%s','%s','%s','%s');\n",
    voucher, item, org, grain, yuan(fen)))
  return string.format("V%05d", voucher)
end
sql:write "begin;\n"
for _, centre in ipairs(centres) do
  for _, item in ipairs(items) do
    cost(item.name, centre.code, "customer_centre", 100000 + random(9000000))
  end
end
for _, branch in ipairs(branches) do cost("欠费减值", branch, "branch", 500000 + random(3000000)) end
for _, customer in ipairs(marketing) do
  cost("资产折旧", customer, "marketing_customer", 20000 + random(400000))
end
-- A correction of an earlier month is a negative pool; it must reach users with its sign.
cost("营业厅业务外包代办手续费", centres[3].code, "customer_centre", -123457)
local unknown = cost("神秘费用", centres[1].code, "customer_centre", 99999)
fault("cost_attribution", "clean_cost.rejects", "unknown_cost_item", unknown, "a cost item nobody declared")
for _, item in ipairs(items) do
  fault("cost_attribution", "user_cost.parked", "no_receivers", item.code .. "/" .. lonely,
    "a centre without users")
end
sql:write(string.format("insert into cost_control values('2026-01',%d,'%s');\ncommit;\n", rows, yuan(total)))
sql:close()

---------------------------------------------------------------- campaigns
local cities = { "杭州", "宁波", "温州", "嘉兴", "绍兴" }
local channels = { "营业厅", "网厅", "10000号" }
local services = { "存费送费", "话补", "积分" }
local declarations = writer("declarations.csv", {
  "campaign_id", "name", "city", "channel", "service", "start_date", "end_date",
  "declared_amount", "customer_limit", "one_time",
})
local gifts = writer("gifts.csv", {
  "gift_id", "campaign_id", "city", "channel", "service", "customer_id", "gift_date", "amount",
})
local gift_number = 0
local function gift(fields)
  gift_number = gift_number + 1
  local id = string.format("G%06d", gift_number)
  gifts.row { id, fields.campaign, fields.city, fields.channel, fields.service, fields.customer,
    fields.date, yuan(fields.fen) }
  return id
end

local campaigns = {}
for c = 1, 40 do
  local campaign = {
    id = string.format("P%03d", c), city = pick(cities), channel = pick(channels),
    service = pick(services), first = 1 + random(5), last = 20 + random(8),
    limit = 5000 + random(10) * 1000, one_time = c % 2 == 0, spent = 0,
  }
  campaigns[c] = campaign
  -- The last two stay without gifts; the others give to customers of their own.
  if c <= 38 then
    for g = 1, 50 do
      local fen = random(campaign.limit)
      campaign.spent = campaign.spent + fen
      gift {
        campaign = campaign.id, city = campaign.city, channel = campaign.channel,
        service = campaign.service, customer = string.format("C%05d", c * 100 + g),
        date = string.format("2026-01-%02d", campaign.first + random(campaign.last - campaign.first)),
        fen = fen,
      }
    end
  end
  campaign.declared = campaign.spent + 100000
end

local function like(campaign, number, changes)
  local fields = {
    campaign = campaign.id, city = campaign.city, channel = campaign.channel,
    service = campaign.service, customer = string.format("C%05d", 5000 + number),
    date = string.format("2026-01-%02d", campaign.first + 1), fen = 100,
  }
  for key, value in pairs(changes) do fields[key] = value end
  return gift(fields)
end
local function other(list, value)
  for _, candidate in ipairs(list) do
    if candidate ~= value then return candidate end
  end
end
local function gift_fault(code, id, what)
  fault("campaign_compliance", "gifts_comply.failures", code, id, what)
end
for n = 1, 3 do
  gift_fault("CC01", like(campaigns[n], n, { campaign = "X" .. n }), "executed without declaration")
end
gift_fault("CC03", like(campaigns[4], 11, { date = "2026-01-01" }), "before the declared start")
gift_fault("CC03", like(campaigns[5], 12, { date = "2026-01-31" }), "after the declared end")
gift_fault("CC04", like(campaigns[6], 13, { fen = campaigns[6].limit + 1 }), "one fen over the limit per customer")
gift_fault("CC05", like(campaigns[7], 14, { service = other(services, campaigns[7].service) }), "service not declared")
gift_fault("CC06", like(campaigns[8], 15, { city = other(cities, campaigns[8].city) }), "city outside the declaration")
gift_fault("CC06", like(campaigns[9], 16, { channel = other(channels, campaigns[9].channel) }), "channel outside the declaration")
-- One-time campaign: the second gift to the same customer is the fault, the first is not.
like(campaigns[10], 17, {})
gift_fault("CC07", like(campaigns[10], 17, {}), "gifted twice in a one-time campaign")
-- Exactly at the limit is allowed and must not be flagged.
like(campaigns[11], 18, { fen = campaigns[11].limit })
-- The campaign total over the declared amount.
campaigns[12].declared = campaigns[12].spent - 1
local function declaration_fault(code, campaign, what)
  fault("campaign_compliance", "declarations_comply.failures", code, campaign.id, what)
end
declaration_fault("CC04", campaigns[12], "one fen more given than declared")
declaration_fault("CC02", campaigns[39], "declared and nothing executed")
declaration_fault("CC02", campaigns[40], "declared and nothing executed")
declaration_fault("CC09", campaigns[20], "a declaration without a name")
for _, campaign in ipairs(campaigns) do
  declarations.row {
    campaign.id, campaign.id == "P020" and "" or "活动" .. campaign.id, campaign.city, campaign.channel, campaign.service,
    string.format("2026-01-%02d", campaign.first), string.format("2026-01-%02d", campaign.last),
    yuan(campaign.declared), yuan(campaign.limit),
    campaign.one_time and "true" or "false",
  }
end
declarations.close()
gifts.close()
faults.close()
