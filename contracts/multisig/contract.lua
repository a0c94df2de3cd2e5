-- A wallet of several owners: a payment or a call of another contract happens when enough of them approved it. Owners and the
-- number needed change in the same way. Invariant: 1 <= needed <= number of owners <= 50.
abi.contract("Multi-signature wallet", "1.0.0")

local OWNERS_MAX = 50

local owners = state.value("owners")
local needed = state.value("needed")
local proposals = state.map("proposals")
local count = state.value("count")

local function isOwner(who)
  for _, owner in ipairs(owners:get()) do
    if owner == who then return true end
  end
  return false
end

local function setOwners(list, number)
  if #list < 1 or #list > OWNERS_MAX then error("expected 1 to " .. OWNERS_MAX .. " owners") end
  if number < 1 or number > #list then error("expected 1 to " .. #list .. " approvals") end
  local seen = {}
  for _, owner in ipairs(list) do
    if type(owner) ~= "string" or #owner ~= 32 then error("an owner is an address") end
    if seen[owner] then error("an owner is listed twice") end
    seen[owner] = true
  end
  owners:set(list)
  needed:set(number)
end

abi.constructor(setOwners, "owners: table, needed: integer")

abi.payable("deposit", function() event.emit("deposit", chain.sender(), chain.amount(), chain.token()) end)

local function execute(id, proposal)
  proposals[id] = nil
  event.emit("executed", id)
  if proposal.kind == "pay" then
    token.transfer(proposal.to, proposal.amount, proposal.token)
  elseif proposal.kind == "call" then
    contract.call({ address = proposal.to, amount = proposal.amount }, proposal.name, table.unpack(proposal.args))
  else
    setOwners(proposal.owners, proposal.needed)
  end
end

-- Approvals of people who are owners no more don't count.
local function approvals(proposal)
  local number = 0
  for _, owner in ipairs(owners:get()) do
    if proposal.approved[owner] then number = number + 1 end
  end
  return number
end

local function approve(id, proposal)
  proposal.approved[chain.sender()] = true
  if approvals(proposal) >= needed:get() then
    execute(id, proposal)
  else
    proposals[id] = proposal
  end
end

local function propose(proposal)
  if not isOwner(chain.sender()) then error("only an owner may do this") end
  local id = (count:get() or 0) + 1
  count:set(id)
  proposal.approved = {}
  event.emit("proposed", id, chain.sender())
  approve(id, proposal)
  return id
end

abi.call("proposePayment", function(to, amount, tokenId)
  if amount <= 0 then error("the amount must be above zero") end
  return propose({ kind = "pay", to = to, amount = amount, token = tokenId or "TTC" })
end, "to: address, amount: integer, tokenId: string?", "integer")

abi.call("proposeCall", function(to, name, args, amount)
  return propose({ kind = "call", to = to, name = name, args = args, amount = amount })
end, "to: address, name: string, args: table, amount: integer", "integer")

abi.call("proposeOwners", function(list, number)
  return propose({ kind = "owners", owners = list, needed = number })
end, "owners: table, needed: integer", "integer")

abi.call("approve", function(id)
  if not isOwner(chain.sender()) then error("only an owner may do this") end
  local proposal = proposals[id]
  if not proposal then error("there is no such proposal") end
  approve(id, proposal)
end, "id: integer")

abi.call("withdraw", function(id)
  local proposal = proposals[id]
  if not proposal or not proposal.approved[chain.sender()] then error("there is no such approval") end
  proposal.approved[chain.sender()] = nil
  proposals[id] = proposal
end, "id: integer")

abi.view("owners", function() return { owners = owners:get(), needed = needed:get() } end, "", "table")
abi.view("proposal", function(id) return proposals[id] end, "id: integer", "table")
