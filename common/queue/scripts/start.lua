-- processing, and the body says so.
--   ARGV  id, token, body, seconds the body lives
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
redis.call('SET', job_key(id), ARGV[OWN + 3], 'EX', ARGV[OWN + 4])
return 1
