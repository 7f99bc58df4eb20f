-- processing -> pending at the front, or dead, for jobs whose lease ran out: their host is gone.
--   ARGV  crashes that bury, how many at most, until when (ms) whoever asks means it
--   gives how many were put back, how many were buried, calls in doubt
--   guard the lease is over by Redis' clock; and it was asked just now: in a Redis that stands still the
--         script waits, and comes before those who live could renew
local back, buried = 0, 0
check_types()
if now() > tonumber(ARGV[OWN + 3]) then return {back, buried, in_doubt} end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now(), 'LIMIT', 0,
                               ARGV[OWN + 2])) do
  local went = take_back(id, tonumber(ARGV[OWN + 1]))
  if went == 'requeued' then back = back + 1 end
  if went == 'buried' then buried = buried + 1 end
end
return {back, buried, in_doubt}
