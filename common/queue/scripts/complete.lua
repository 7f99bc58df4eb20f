-- processing -> completed: in no list, the body says so for an hour, the journal is gone.
--   ARGV  id, token, body, seconds the body lives
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
check_types()
release(id)
redis.call('SET', job_key(id), ARGV[OWN + 3], 'EX', ARGV[OWN + 4])
redis.call('DEL', journal_key(id))
return 1
