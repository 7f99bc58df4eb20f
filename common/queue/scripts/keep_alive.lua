-- The bodies of jobs that wait must not run out of time: pending ones get their day anew.
--   ARGV  first, last (positions in the pending list), seconds the body lives
--   gives how many ids there were
--   guard none
local ids = redis.call('LRANGE', pending, ARGV[OWN + 1], ARGV[OWN + 2])
for _, id in ipairs(ids) do
  local left = redis.call('TTL', job_key(id))
  if left >= 0 and left < ARGV[OWN + 3] / 2 then
    redis.call('EXPIRE', job_key(id), ARGV[OWN + 3])
    keep_journal_for_a_day(id)
  end
end
return #ids
