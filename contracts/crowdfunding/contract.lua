-- Crowd-funding: people pledge TTC until a height; if the goal is reached the organiser gets everything, else everybody takes
-- their pledge back. Invariant: until it is closed the contract holds at least the sum of the pledges.
abi.contract("Crowd-funding", "1.0.0")

local terms = state.value("terms")
local pledges = state.map("pledges")
local total = state.value("total")
local isPaid = state.value("isPaid")

abi.constructor(function(organiser, goal, untilHeight)
  if goal <= 0 then error("the goal must be above zero") end
  if untilHeight <= chain.height() then error("the end must lie ahead") end
  terms:set({ organiser = organiser, goal = goal, untilHeight = untilHeight })
end, "organiser: address, goal: integer, untilHeight: integer")

local function isOver() return chain.height() > terms:get().untilHeight end
local function sum() return total:get() or 0 end

abi.payable("pledge", function()
  if isOver() then error("the time for pledges is over") end
  if chain.token() ~= "TTC" or chain.amount() <= 0 then error("a pledge is in TTC") end
  pledges[chain.sender()] = (pledges[chain.sender()] or 0) + chain.amount()
  total:set(sum() + chain.amount())
  event.emit("pledged", chain.sender(), chain.amount())
end)

-- After the end, with the goal reached: pays the organiser. Anybody may call it.
abi.call("close", function()
  if not isOver() or sum() < terms:get().goal then error("the goal is not reached, or there is still time") end
  if isPaid:get() then error("it was paid before") end
  isPaid:set(true)
  token.transfer(terms:get().organiser, sum())
  event.emit("funded", sum())
end)

-- After the end, without the goal: the sender's pledge back.
abi.call("refund", function()
  if not isOver() or sum() >= terms:get().goal then error("the goal is reached, or there is still time") end
  local amount = pledges[chain.sender()] or 0
  if amount == 0 then error("there is no pledge") end
  pledges[chain.sender()] = nil
  token.transfer(chain.sender(), amount)
  event.emit("refunded", chain.sender(), amount)
end)

abi.view("status", function()
  local all = terms:get()
  all.total, all.isPaid = sum(), isPaid:get() or false
  return all
end, "", "table")
abi.view("pledgeOf", function(who) return pledges[who] or 0 end, "who: address", "integer")
