-- processing -> pending, no attempt counted: at the front, or at the back if it was the canary of a
-- circuit, so that the next probe is another job.
--   ARGV  id, token, body, seconds the body lives, 'front' or 'back'
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
check_types()
release(id)
redis.call('SET', job_key(id), ARGV[OWN + 3], 'EX', ARGV[OWN + 4])
keep_journal_for_a_day(id)
if ARGV[OWN + 5] == 'front' then to_front(id) else to_back(id) end
return 1
