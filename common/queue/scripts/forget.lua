-- An answer that turned out to be none: the step has to be taken again.
--   ARGV  id, token, field
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
redis.call('HDEL', journal_key(id), ARGV[OWN + 3])
return 1
