-- Peer-to-peer exchange: two people agree that one pays TTC and the other a token, or TTC against goods. Both requests are
-- recorded with their payments; the receiver confirms and both sides are paid out at once. Until then the one who opened it
-- may cancel, and after the time-out anybody may have everything sent back. Invariant: the contract holds at least what the
-- open deals say.
abi.contract("Escrow", "1.0.0")

local deals = state.map("deals")
local count = state.value("count")

local function load(id)
  local deal = deals[id]
  if not deal then error("there is no such deal") end
  return deal
end

local function only(who)
  if chain.sender() ~= who then error("this is for the other side to do") end
end

local function finish(id, deal, outcome)
  deals[id] = nil
  event.emit(outcome, id, deal.seller, deal.buyer)
end

local function refund(id, deal)
  finish(id, deal, "refunded")
  token.transfer(deal.buyer, deal.paid, deal.paidToken)
  if deal.offered then token.transfer(deal.seller, deal.offered, deal.offeredToken) end
end

-- The buyer pays in. `wanted` of `wantedToken` is what the seller has to bring; 0 for goods that move elsewhere.
abi.payable("open", function(seller, wanted, wantedToken, untilHeight)
  if chain.amount() <= 0 then error("a deal needs a payment") end
  if wanted < 0 then error("the amount wanted must be at least zero") end
  if untilHeight <= chain.height() then error("the time-out must lie ahead") end
  if seller == chain.sender() then error("a deal needs two sides") end
  local id = (count:get() or 0) + 1
  count:set(id)
  deals[id] = {
    buyer = chain.sender(), seller = seller, paid = chain.amount(), paidToken = chain.token(),
    wanted = wanted, wantedToken = wantedToken, untilHeight = untilHeight,
  }
  event.emit("opened", id, seller, chain.sender())
  return id
end, "seller: address, wanted: integer, wantedToken: string, untilHeight: integer", "integer")

-- The seller brings exactly what is wanted.
abi.payable("offer", function(id)
  local deal = load(id)
  only(deal.seller)
  if deal.offered then error("the offer was made before") end
  if chain.height() > deal.untilHeight then error("the deal's time is over") end
  if chain.amount() ~= deal.wanted or chain.token() ~= deal.wantedToken then
    error("expected " .. deal.wanted .. " units of " .. deal.wantedToken)
  end
  deal.offered, deal.offeredToken = chain.amount(), chain.token()
  deals[id] = deal
  event.emit("offered", id, deal.seller, deal.buyer)
end, "id: integer")

-- The buyer has got, or sees, what was agreed: both sides are paid.
abi.call("confirm", function(id)
  local deal = load(id)
  only(deal.buyer)
  if deal.wanted > 0 and not deal.offered then error("the seller has not brought anything yet") end
  finish(id, deal, "settled")
  token.transfer(deal.seller, deal.paid, deal.paidToken)
  if deal.offered then token.transfer(deal.buyer, deal.offered, deal.offeredToken) end
end, "id: integer")

-- The seller gives the buyer's money back at any time; the buyer may withdraw while an exchange has no offer yet. For goods
-- (nothing wanted) the buyer waits for the time-out: the seller may have sent them already.
abi.call("cancel", function(id)
  local deal = load(id)
  local isFree = deal.wanted > 0 and not deal.offered
  if chain.sender() ~= deal.seller and not (chain.sender() == deal.buyer and isFree) then
    error("this is for the other side to do")
  end
  refund(id, deal)
end, "id: integer")

abi.call("expire", function(id)
  local deal = load(id)
  if chain.height() <= deal.untilHeight then error("the deal's time is not over") end
  refund(id, deal)
end, "id: integer")

abi.view("deal", function(id) return deals[id] end, "id: integer", "table")
