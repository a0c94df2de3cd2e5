-- Property listings without duplicates: a registrar says whose a property is, its owner lists it or lets one agent do it, and
-- while a listing is open there is no second one for the same property, however its number is written. Invariant: at most one open
-- listing for each property.
abi.contract("Property listing", "1.0.0")

local TEXT_MAX = 1024

local properties = state.map("properties")
local listings = state.map("listings")
local count = state.value("count")

abi.constructor(function() access.setOwner(chain.sender()) end)

abi.call("setRegistrar", function(who, isRegistrar)
  if isRegistrar then access.grant("registrar", who) else access.revoke("registrar", who) end
end, "who: address, isRegistrar: boolean")

-- One spelling for every way of writing a land register's number: capitals and digits alone.
local function plain(number)
  local text = string.gsub(string.upper(number), "[%s%-%./_]", "")
  if #text < 1 or #text > 64 or string.find(text, "[^0-9A-Z]") then
    error("expected a number of letters and digits, with spaces, dots, dashes and slashes between them")
  end
  return text
end

local function load(number)
  local id = plain(number)
  return properties[id] or error("the property is not registered"), id
end

-- A new owner ends the listing and the agent's right.
abi.call("register", function(number, owner)
  access.only("registrar")
  local id = plain(number)
  local before = properties[id]
  if before and before.listing then
    listings[before.listing] = nil
    event.emit("ended", before.listing, id)
  end
  properties[id] = { owner = owner }
  event.emit("registered", id, owner)
  return id
end, "number: string, owner: address", "string")

abi.call("setAgent", function(number, agent)
  local property, id = load(number)
  if property.owner ~= chain.sender() then error("only the property's owner may do this") end
  property.agent = agent
  properties[id] = property
end, "number: string, agent: address?")

local function isOver(listing)
  return listing == nil or chain.height() > listing.untilHeight
end

local function mayList(property)
  return chain.sender() == property.owner or chain.sender() == property.agent
end

-- `kind`: "sale" or "rent". `digest`: SHA-256 of pictures and documents that lie elsewhere.
abi.call("list", function(number, kind, price, priceToken, text, digest, untilHeight)
  local property, id = load(number)
  if not mayList(property) then error("only the property's owner or agent may do this") end
  if property.listing and not isOver(listings[property.listing]) then
    error("the property is listed as number " .. property.listing)
  end
  if kind ~= "sale" and kind ~= "rent" then error("expected sale or rent") end
  if price < 1 or #text > TEXT_MAX or #digest ~= 32 then error("expected a price, a text of at most 1024 bytes and a digest of 32") end
  if untilHeight <= chain.height() then error("the end must lie ahead") end
  if property.listing then listings[property.listing] = nil end
  local listing = (count:get() or 0) + 1
  count:set(listing)
  property.listing = listing
  properties[id] = property
  listings[listing] = {
    property = id, kind = kind, price = price, priceToken = priceToken, text = text, digest = digest,
    by = chain.sender(), untilHeight = untilHeight,
  }
  event.emit("listed", listing, id, kind, price, priceToken)
  return listing
end, "number: string, kind: string, price: integer, priceToken: string, text: string, digest: string, untilHeight: integer", "integer")

abi.call("withdraw", function(number)
  local property, id = load(number)
  if not mayList(property) then error("only the property's owner or agent may do this") end
  local listing = property.listing or error("the property is not listed")
  listings[listing] = nil
  property.listing = nil
  properties[id] = property
  event.emit("ended", listing, id)
end, "number: string")

abi.view("property", function(number) return properties[plain(number)] end, "number: string", "table")
abi.view("listing", function(id)
  local listing = listings[id]
  if listing then listing.isOpen = not isOver(listing) end
  return listing
end, "id: integer", "table")
