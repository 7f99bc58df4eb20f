-- parked -> pending at the front, as an operator wants it: no cap holds this job any more.
--   ARGV  id, seconds the body lives
--   gives 1, or 0 if it is not parked
--   guard it is parked
local id = ARGV[OWN + 1]
if not redis.call('ZSCORE', parked, id) then return 0 end
check_types(id)
out_of_parked(id, ARGV[OWN + 2])
redis.call('HSET', journal_key(id), 'uncapped', '1')
to_front(id)
return 1
