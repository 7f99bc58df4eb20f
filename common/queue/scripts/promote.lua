-- delayed -> pending at the back, for jobs that are due.
--   ARGV  how many at most, seconds the body lives
--   gives how many
--   guard due by Redis' clock
check_types()
local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', now(), 'LIMIT', 0, ARGV[OWN + 1])
for _, id in ipairs(due) do
  redis.call('ZREM', delayed, id)
  redis.call('EXPIRE', job_key(id), ARGV[OWN + 2])
  keep_journal_for_a_day(id)
  to_back(id)
end
return #due
