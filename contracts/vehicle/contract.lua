-- History of vehicles: an office registers each by its identification number, workshops and insurers that the owner of the contract
-- admits add entries with the odometer's state, and a change of keeper needs both sides. The odometer never goes down; a correction
-- is the office's and stays visible. Invariant: entries are numbered without a gap and never changed.
abi.contract("Vehicle history", "1.0.0")

local TEXT_MAX = 512
local PAGE = 50

local vehicles = state.map("vehicles")
local entries = state.map("entries")

local KINDS = { service = "workshop", repair = "workshop", inspection = "workshop", accident = "insurer", claim = "insurer" }
local ROLES = { office = true, workshop = true, insurer = true }

abi.constructor(function() access.setOwner(chain.sender()) end)

abi.call("setRole", function(role, who, isGranted)
  if not ROLES[role] then error("expected office, workshop or insurer") end
  if isGranted then access.grant(role, who) else access.revoke(role, who) end
end, "role: string, who: address, isGranted: boolean")

-- 17 letters and digits without I, O and Q (ISO 3779).
local function plain(number)
  local text = string.upper(number)
  if #text ~= 17 or string.find(text, "[^0-9A-HJ-NPR-Z]") then error("expected a vehicle identification number") end
  return text
end

local function load(number)
  local id = plain(number)
  return vehicles[id] or error("the vehicle is not registered"), id
end

local function add(id, vehicle, kind, odometer, text, digest)
  if #text > TEXT_MAX then error("expected a text of at most " .. TEXT_MAX .. " bytes") end
  if digest and #digest ~= 32 then error("a digest has 32 bytes") end
  vehicle.entries = vehicle.entries + 1
  vehicle.odometer = odometer
  vehicles[id] = vehicle
  entries[{ id, vehicle.entries }] = {
    kind = kind, by = chain.sender(), odometer = odometer, text = text, digest = digest, timeMs = chain.time(),
  }
  event.emit(kind, id, vehicle.entries, odometer)
  return vehicle.entries
end

local function notLess(vehicle, odometer)
  if odometer < vehicle.odometer then error("the odometer stood at " .. vehicle.odometer .. " before") end
  return odometer
end

abi.call("register", function(number, keeper, odometer, text, digest)
  access.only("office")
  local id = plain(number)
  if vehicles[id] then error("the vehicle is registered") end
  if odometer < 0 then error("the odometer must be at least zero") end
  add(id, { keeper = keeper, odometer = 0, entries = 0 }, "registered", odometer, text, digest)
end, "number: string, keeper: address, odometer: integer, text: string, digest: string?")

-- `kind`: service, repair or inspection by a workshop; accident or claim by an insurer.
abi.call("record", function(number, kind, odometer, text, digest)
  access.only(KINDS[kind] or error("expected service, repair, inspection, accident or claim"))
  local vehicle, id = load(number)
  return add(id, vehicle, kind, notLess(vehicle, odometer), text, digest)
end, "number: string, kind: string, odometer: integer, text: string, digest: string?", "integer")

-- A wrong reading, or a new instrument: by the office, with a reason.
abi.call("correct", function(number, odometer, text, digest)
  access.only("office")
  local vehicle, id = load(number)
  if odometer < 0 or text == "" then error("expected an odometer of at least zero and a reason") end
  return add(id, vehicle, "corrected", odometer, text, digest)
end, "number: string, odometer: integer, text: string, digest: string?", "integer")

abi.call("sell", function(number, to)
  local vehicle, id = load(number)
  if vehicle.keeper ~= chain.sender() then error("only the keeper may do this") end
  vehicle.soldTo = to
  vehicles[id] = vehicle
end, "number: string, to: address?")

abi.call("accept", function(number, odometer)
  local vehicle, id = load(number)
  if vehicle.soldTo ~= chain.sender() then error("the vehicle was not sold to you") end
  vehicle.keeper, vehicle.soldTo = chain.sender(), nil
  return add(id, vehicle, "keeper", notLess(vehicle, odometer), "", nil)
end, "number: string, odometer: integer", "integer")

abi.view("vehicle", function(number) return vehicles[plain(number)] end, "number: string", "table")
abi.view("history", function(number, from)
  local vehicle, id = load(number)
  local all = {}
  for entry = from, math.min(vehicle.entries, from + PAGE - 1) do all[#all + 1] = entries[{ id, entry }] end
  return all
end, "number: string, from: integer", "table")
