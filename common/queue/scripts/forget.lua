-- An answer that turned out to be none: the step has to be taken again.
--   ARGV  id, token, field
--   gives 1, or 0 if the token does not own the job, or 2 if what is under the journal's key is none
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
if is_odd(journal_key(id)) then return 2 end
redis.call('HDEL', journal_key(id), ARGV[OWN + 3])
return 1
