-- Surveys with one anonymous answer a person. The issuer lists the persons' public keys in groups; an answer carries a ring
-- signature of its group, which proves that one of them answered but not who, and whose tag is the same for every answer of one
-- person in one survey, so that a second is refused. Invariant: a survey counts at most one answer for each key listed.
abi.contract("Survey", "1.0.0")

local GROUP_MAX = 16
local OPTIONS_MAX = 64
local TEXT_MAX = 1024

local surveys = state.map("surveys")
local groups = state.map("groups")
local listed = state.map("listed")
local answered = state.map("answered")
local counts = state.map("counts")
local count = state.value("count")

abi.constructor(function() access.setOwner(chain.sender()) end)

-- A survey takes answers once its groups are listed and it is opened, until `untilHeight`.
abi.call("create", function(question, options, untilHeight)
  access.onlyOwner()
  if #question < 1 or #question > TEXT_MAX then error("expected a question of 1 to " .. TEXT_MAX .. " bytes") end
  if #options < 2 or #options > OPTIONS_MAX then error("expected 2 to " .. OPTIONS_MAX .. " options") end
  for _, option in ipairs(options) do
    if type(option) ~= "string" or #option > TEXT_MAX then error("an option is a text of at most " .. TEXT_MAX .. " bytes") end
  end
  if untilHeight <= chain.height() then error("the end must lie ahead") end
  local id = (count:get() or 0) + 1
  count:set(id)
  surveys[id] = { question = question, options = options, untilHeight = untilHeight, groups = 0, isOpen = false, answers = 0 }
  event.emit("created", id, question)
  return id
end, "question: string, options: table, untilHeight: integer", "integer")

local function load(id)
  return surveys[id] or error("there is no such survey")
end

-- Lists a group of 2 to 16 persons' ed25519 public keys. The larger the groups, the better answers hide.
abi.call("addGroup", function(id, keys)
  access.onlyOwner()
  local survey = load(id)
  if survey.isOpen then error("the survey is open: its list is closed") end
  if #keys < 2 or #keys > GROUP_MAX then error("expected 2 to " .. GROUP_MAX .. " keys") end
  for _, key in ipairs(keys) do
    if type(key) ~= "string" or #key ~= 32 then error("a key has 32 bytes") end
    if listed[{ id, key }] then error("a key is listed twice") end
    listed[{ id, key }] = true
  end
  survey.groups = survey.groups + 1
  surveys[id] = survey
  groups[{ id, survey.groups }] = keys
  return survey.groups
end, "id: integer, keys: table", "integer")

abi.call("open", function(id)
  access.onlyOwner()
  local survey = load(id)
  if survey.isOpen or survey.groups == 0 then error("expected a survey with groups that is not open yet") end
  survey.isOpen = true
  surveys[id] = survey
  event.emit("opened", id)
end, "id: integer")

local function scope(id)
  return crypto.sha256("TTChain survey 1" .. chain.genesis() .. chain.contract() .. string.format("%020d", id))
end

local function message(option)
  return string.format("option %d", option)
end

-- `option`: its number, from 1. Anybody may send it, so that the sender's account needn't be the person's.
abi.call("answer", function(id, group, option, signature)
  local survey = load(id)
  if not survey.isOpen or chain.height() > survey.untilHeight then error("the survey is not open") end
  if option < 1 or option > #survey.options then error("expected an option from 1 to " .. #survey.options) end
  local keys = groups[{ id, group }] or error("there is no such group")
  local tag = crypto.ringVerify(scope(id), message(option), keys, signature)
  if not tag then error("the signature is not of this group") end
  if answered[{ id, tag }] then error("this person answered before") end
  answered[{ id, tag }] = true
  counts[{ id, option }] = (counts[{ id, option }] or 0) + 1
  survey.answers = survey.answers + 1
  surveys[id] = survey
  event.emit("answered", id, option)
end, "id: integer, group: integer, option: integer, signature: string")

abi.view("survey", function(id) return surveys[id] end, "id: integer", "table")
abi.view("group", function(id, group) return groups[{ id, group }] end, "id: integer, group: integer", "table")
abi.view("results", function(id)
  local all = {}
  for option = 1, #load(id).options do all[option] = counts[{ id, option }] or 0 end
  return all
end, "id: integer", "table")

-- What the person's wallet signs: a ring signature over this message in this scope, by the keys of group().
abi.view("toSign", function(id, option) return { scope = scope(id), message = message(option) } end,
  "id: integer, option: integer", "table")
