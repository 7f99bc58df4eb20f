-- processing -> pending at the front, or dead, for jobs whose lease ran out: their host is gone.
--   ARGV  crashes that bury, how many at most
--   gives how many were put back, how many were buried, calls in doubt
--   guard the lease is over by Redis' clock
local back, buried = 0, 0
check_types()
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now(), 'LIMIT', 0,
                               ARGV[OWN + 2])) do
  local went = take_back(id, tonumber(ARGV[OWN + 1]))
  if went == 'requeued' then back = back + 1 end
  if went == 'buried' then buried = buried + 1 end
end
return {back, buried, in_doubt}
