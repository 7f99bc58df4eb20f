-- processing -> completed: in no list, the body says so for an hour, the journal is gone. So is a letter
-- of an earlier copy (a producer may push an id twice): it would have the server told that it failed.
--   ARGV  id, token, body, seconds the body lives
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
check_types()
release(id)
redis.call('SET', job_key(id), ARGV[OWN + 3], 'EX', ARGV[OWN + 4])
redis.call('DEL', journal_key(id))
if redis.call('ZREM', dead, id) == 1 then
  redis.call('ZREM', untold, id)
  redis.call('DEL', letter_key(id))
end
return 1
