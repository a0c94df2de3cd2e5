-- Tickets of an event with a cap on resale: a ticket changes hands only through the contract and for no more than the cap, and at
-- the gate each is used once. The organiser is paid when the event is over; if it is called off, whoever holds a ticket gets its
-- face price back. Invariant: until then the contract holds the face price of every ticket sold.
abi.contract("Ticket", "1.0.0")

local terms = state.value("terms")
local tickets = state.map("tickets")
local sold = state.value("sold")
local isCalledOff = state.value("isCalledOff")
local isPaid = state.value("isPaid")

-- `capPercent`: what a ticket may cost at most when it is sold on, in percent of its face price.
abi.constructor(function(title, seats, price, capPercent, startsMs, endsMs)
  if seats < 1 or price < 1 or price > math.maxinteger // seats then error("expected seats and a price above zero") end
  if capPercent < 0 or capPercent > 1000 then error("expected a cap of 0 to 1000 percent") end
  if startsMs <= chain.time() or endsMs <= startsMs then error("the event must lie ahead") end
  access.setOwner(chain.sender())
  terms:set({
    title = title, seats = seats, price = price, capPercent = capPercent, startsMs = startsMs, endsMs = endsMs,
    organiser = chain.sender(),
  })
end, "title: string, seats: integer, price: integer, capPercent: integer, startsMs: integer, endsMs: integer")

local function onSale()
  local now = terms:get()
  if isCalledOff:get() then error("the event is called off") end
  if chain.time() >= now.startsMs then error("the event has begun") end
  return now
end

local function load(seat)
  return tickets[seat] or error("the seat is not sold")
end

local function expectPayment(price)
  if chain.token() ~= "TTC" or chain.amount() ~= price then error("expected " .. price .. " units of TTC") end
end

abi.payable("buy", function(seat)
  local now = onSale()
  if seat < 1 or seat > now.seats then error("expected a seat from 1 to " .. now.seats) end
  if tickets[seat] then error("the seat is sold") end
  expectPayment(now.price)
  tickets[seat] = { holder = chain.sender() }
  sold:set((sold:get() or 0) + 1)
  event.emit("sold", seat, chain.sender(), now.price)
end, "seat: integer")

-- Offers a ticket again, for its cap at most; 0 takes the offer back.
abi.call("resell", function(seat, price)
  local now, ticket = onSale(), load(seat)
  if ticket.holder ~= chain.sender() then error("only the holder may do this") end
  local most = bignum.toInteger(bignum.mulDiv(now.price, now.capPercent, 100))
  if price < 0 or price > most then error("expected a price of 0 to " .. most .. " units") end
  ticket.price = price > 0 and price or nil
  tickets[seat] = ticket
  event.emit("offered", seat, price)
end, "seat: integer, price: integer")

abi.payable("buyAgain", function(seat)
  onSale()
  local ticket = load(seat)
  if not ticket.price then error("the ticket is not offered") end
  expectPayment(ticket.price)
  tickets[seat] = { holder = chain.sender() }
  token.transfer(ticket.holder, ticket.price)
  event.emit("resold", seat, ticket.holder, chain.sender(), ticket.price)
end, "seat: integer")

abi.call("setGate", function(who, isGate)
  if isGate then access.grant("gate", who) else access.revoke("gate", who) end
end, "who: address, isGate: boolean")

-- At the gate: `signature` is the holder's key over the bytes that pass(seat) gives, shown as a picture by their wallet.
local function pass(seat)
  return "TTChain ticket 1" .. chain.genesis() .. chain.contract() .. string.format("%020d", seat)
end

abi.call("admit", function(seat, publicKey, signature)
  access.only("gate")
  local ticket = load(seat)
  if isCalledOff:get() then error("the event is called off") end
  if ticket.isUsed then error("the ticket was used before") end
  if crypto.sha256("TTC key address\0" .. publicKey) ~= ticket.holder then error("the key is not the holder's") end
  if not crypto.verify(signature, pass(seat), publicKey) then error("the signature is not the holder's") end
  ticket.isUsed, ticket.price = true, nil
  tickets[seat] = ticket
  event.emit("admitted", seat)
end, "seat: integer, publicKey: string, signature: string")

-- Before the event is over: everybody's money can be taken back.
abi.call("callOff", function()
  access.onlyOwner()
  if chain.time() >= terms:get().endsMs then error("the event is over") end
  isCalledOff:set(true)
  event.emit("calledOff")
end)

abi.call("refund", function(seat)
  local ticket = load(seat)
  if not isCalledOff:get() then error("the event is not called off") end
  tickets[seat] = nil
  token.transfer(ticket.holder, terms:get().price)
end, "seat: integer")

-- After the event: pays the organiser. Anybody may call it.
abi.call("payOut", function()
  local now = terms:get()
  if chain.time() < now.endsMs or isCalledOff:get() then error("the event is not over, or was called off") end
  if isPaid:get() then error("it was paid before") end
  isPaid:set(true)
  token.transfer(now.organiser, (sold:get() or 0) * now.price)
end)

abi.view("show", function()
  local all = terms:get()
  all.sold, all.isCalledOff = sold:get() or 0, isCalledOff:get() or false
  return all
end, "", "table")
abi.view("ticket", function(seat) return tickets[seat] end, "seat: integer", "table")
abi.view("pass", pass, "seat: integer", "string")
