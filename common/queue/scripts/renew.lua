-- The leases of a process, all at once.
--   ARGV  ms the lease lasts, then id, token, id, token, …
--   gives the ids that the tokens do not own
--   guard owners[id] == token, for each
local lost = {}
local until_then = now() + ARGV[OWN + 1]
for i = OWN + 2, #ARGV, 2 do
  if owned_by(ARGV[i], ARGV[i + 1]) then
    redis.call('ZADD', leases, until_then, ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
