-- processing, and the body says so. What was to be told of an earlier copy that died (a producer may push
-- an id twice) waits for the end of this one.
--   ARGV  id, token, body, seconds the body lives
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id = ARGV[OWN + 1]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
redis.call('SET', job_key(id), ARGV[OWN + 3], 'EX', ARGV[OWN + 4])
keep_journal_for_a_day(id)
redis.pcall('ZREM', untold, id)
return 1
