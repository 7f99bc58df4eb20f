-- What a supervisor says of itself, for everybody who wants to see the fleet.
--   ARGV  its name, and the JSON object that it says, or '' if it leaves; without a name nothing is said
--   gives of each that has said something lately: its name, ms since then, and what it said
--   guard none
local FORGOTTEN = 900000  -- ms: one that went without a word is remembered for so long
local at, name, says = now(), ARGV[OWN + 1], ARGV[OWN + 2]
if says == '' then
  redis.call('HDEL', fleet, name)
elseif name then
  redis.call('HSET', fleet, name, string.format('%.0f ', at) .. says)
end
local all, out = redis.call('HGETALL', fleet), {}
for i = 1, #all, 2 do
  local seen, text = string.match(all[i + 1], '^(%d+) (.*)$')
  -- Also not what was said much later, by a clock that was put back.
  if seen and math.abs(at - seen) <= FORGOTTEN then
    out[#out + 1], out[#out + 2], out[#out + 3] = all[i], at - seen, text
  elseif name then
    redis.call('HDEL', fleet, all[i])
  end
end
return out
