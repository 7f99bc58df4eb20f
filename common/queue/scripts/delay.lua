-- processing -> delayed: the attempt failed, another is due later. The body waits without a limit.
--   ARGV  id, token, body, ms until it is due, number of the attempt, what is known of it
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
check_types()
set_aside_odd(id)
redis.call('ZADD', delayed, now() + ARGV[OWN + 4], id)
release(id)
redis.call('SET', job_key(id), ARGV[OWN + 3])
redis.call('HSET', journal_key(id), 'attempt:' .. ARGV[OWN + 5], ARGV[OWN + 6])
keep_journal(id)
return 1
