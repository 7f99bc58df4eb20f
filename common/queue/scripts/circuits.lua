-- What the processes that share circuits say to each other: what is out for all of them, and which one
-- of them tries whether it still is.
--   ARGV  who asks, then of each circuit: its name; 'failed', 'works' or ''; why it failed; ms until it is
--         to be tried, at least; '1' from who would try
--   gives of each: '1' while it is open; ms until anybody may try, 0 to the one who is to try; why
--   guard only the one who tries, or anybody while nobody does, moves the next try; only the one who
--         tries closes it
local TRIES = 5000         -- ms: who tries and says nothing for so long is not waited for
local FIRST, LONGEST = 1000, 60000  -- ms between two tries
local FORGOTTEN = 600000   -- ms: a circuit that nobody asks about
local who, at, out = ARGV[OWN + 1], now(), {}
for i = OWN + 2, #ARGV - 4, 5 do
  local name, event, why, least, would = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  local readable, open = pcall(cjson.decode, redis.call('HGET', circuits, name) or '')
  if not readable or type(open) ~= 'table' or at - (tonumber(open.asked) or 0) > FORGOTTEN then open = nil end
  if open and event == 'works' and open.tries == who then open = nil end
  if event == 'failed' then
    open = open or {since = at, by = who, failures = 0, next = at}
    if open.tries == who or at >= open.next then
      open.next = at + math.max(least, math.min(LONGEST, FIRST * 2 ^ math.min(open.failures, 10)))
      open.failures, open.tries, open.why = open.failures + 1, nil, why
    end
  end
  if open and would == '1' and (open.tries == who or at >= open.next) then
    open.tries, open.next = who, at + TRIES
  elseif open and open.tries == who then
    open.tries, open.next = nil, at
  end
  if open then
    open.asked = at
    redis.call('HSET', circuits, name, cjson.encode(open))
    out[#out + 1], out[#out + 2] = '1', open.tries == who and 0 or math.max(1, open.next - at)
    out[#out + 1] = open.why
  else
    redis.call('HDEL', circuits, name)
    out[#out + 1], out[#out + 2], out[#out + 3] = '0', 0, ''
  end
end
return out
