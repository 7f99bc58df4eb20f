-- What the processes that share circuits say to each other: what is out for all of them, and which one
-- of them tries whether it still is.
--   ARGV  who asks, then of each circuit: its name; 'failed', 'works' or ''; why it failed; ms until it is
--         to be tried, at least; '1' from who would try
--   gives of each: '1' while it is open; ms until anybody may try, 0 to the one who is to try; why
--   guard only the one who tries, or anybody while nobody does and it is time, moves the next try or closes
--         it; who is given a turn is given that of all that are open, since a job may need them all
local TRIES = 5000                  -- ms: who tries and says nothing for so long is not waited for
local FIRST, LONGEST = 1000, 60000  -- ms between two tries
local FORGOTTEN = 600000            -- ms: a circuit that nobody asks about
local who, at, all, free, out = ARGV[OWN + 1], now(), {}, true, {}
local function number(value, unless) return type(value) == 'number' and value or unless end
-- Of our own sort, whoever wrote it; and no later than it can be now, if the clock was put back.
local function read(name)
  local readable, open = pcall(cjson.decode, redis.call('HGET', circuits, name) or '')
  if not readable or type(open) ~= 'table' or at - number(open.asked, 0) > FORGOTTEN then return nil end
  return {failures = math.max(0, math.min(99, number(open.failures, 0))),
          next = math.max(0, math.min(at + LONGEST, number(open.next, at))),  -- in this order: NaN
          tries = type(open.tries) == 'string' and open.tries or nil,
          why = type(open.why) == 'string' and open.why ~= '' and open.why or 'no reason is known'}
end
for i = OWN + 2, #ARGV - 4, 5 do
  local name, event, why, least, would = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  local open = read(name)
  if open and event == 'works' and (open.tries == who or at >= open.next) then open = nil end
  if event == 'failed' then
    open = open or {failures = 0, next = at}
    if open.tries == who or at >= open.next then
      open.next = at + math.max(least, math.min(LONGEST, FIRST * 2 ^ math.min(open.failures, 10)))
      open.failures, open.tries, open.why = open.failures + 1, nil, why
    end
  end
  if open and open.tries ~= who and (would ~= '1' or at < open.next) then free = false end
  all[#all + 1] = {name = name, open = open, would = would == '1'}
end
for _, one in ipairs(all) do
  local name, open = one.name, one.open
  if open and one.would and (open.tries == who or free) then
    open.tries, open.next = who, at + TRIES
  elseif open and open.tries == who then
    open.tries, open.next = nil, at
  end
  if open then
    open.asked = at
    redis.call('HSET', circuits, name, cjson.encode(open))
    redis.call('PEXPIRE', circuits, FORGOTTEN)
    out[#out + 1], out[#out + 2] = '1', open.tries == who and 0 or math.max(1, open.next - at)
    out[#out + 1] = open.why
  else
    redis.call('HDEL', circuits, name)
    out[#out + 1], out[#out + 2], out[#out + 3] = '0', 0, ''
  end
end
return out
