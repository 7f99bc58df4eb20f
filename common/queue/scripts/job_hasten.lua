-- delayed -> pending at the front, as an operator wants it: without waiting for its time. Its attempts
-- stay counted.
--   ARGV  id, seconds the body lives
--   gives 'done' or 'gone' (it is not delayed)
--   guard it is delayed
local id = ARGV[OWN + 1]
if not redis.call('ZSCORE', delayed, id) then return 'gone' end
check_types(id)
redis.call('ZREM', delayed, id)
redis.call('EXPIRE', job_key(id), ARGV[OWN + 2])
keep_journal_for_a_day(id)
to_front(id)
return 'done'
