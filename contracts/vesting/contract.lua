-- Vesting and lock-up: coins for a person, of which a share is locked for a time and the rest can be taken at once; for
-- example 30 % locked for three years. Several grants for one person stand side by side. Invariant: the contract holds at
-- least what the open grants have not paid yet.
abi.contract("Vesting", "1.0.0")

local PERCENT_MAX = 100

local grants = state.map("grants")
local count = state.value("count")

-- Pays in a grant for `who`: `lockedPercent` of it is free from the time `untilMs`, the rest at once. Rounds up the locked part.
abi.payable("grant", function(who, lockedPercent, untilMs)
  if chain.amount() <= 0 then error("a grant needs a payment") end
  if lockedPercent < 0 or lockedPercent > PERCENT_MAX then error("expected 0 to 100 percent") end
  if untilMs <= chain.time() then error("the lock must end later than now") end
  local exact = bignum.new(chain.amount()) * lockedPercent + (PERCENT_MAX - 1)
  local id = (count:get() or 0) + 1
  count:set(id)
  grants[id] = {
    who = who, token = chain.token(), amount = chain.amount(), locked = bignum.toInteger(exact // PERCENT_MAX),
    untilMs = untilMs, taken = 0,
  }
  event.emit("granted", id, who, chain.amount(), chain.token())
  return id
end, "who: address, lockedPercent: integer, untilMs: integer", "integer")

local function free(grant)
  local locked = chain.time() < grant.untilMs and grant.locked or 0
  return grant.amount - locked - grant.taken
end

local function load(id)
  return grants[id] or error("there is no such grant")
end

-- Pays out what is free; anybody may call it, the person gets it.
abi.call("release", function(id)
  local grant = load(id)
  local amount = free(grant)
  if amount == 0 then error("nothing is free now") end
  grant.taken = grant.taken + amount
  grants[id] = grant.taken < grant.amount and grant or nil
  token.transfer(grant.who, amount, grant.token)
  event.emit("released", id, grant.who, amount)
  return amount
end, "id: integer", "integer")

abi.view("free", function(id) return free(load(id)) end, "id: integer", "integer")
abi.view("show", function(id) return grants[id] end, "id: integer", "table")
