-- processing -> dead: kept as a letter until an operator decides. The job's own key is left as the
-- peers leave a failed job, and what could not be read stays as it is.
--   ARGV  id, token, body ('' if it could not be read), seconds the body lives, kind, cause,
--         number of the attempt, what is known of it
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
local id, body = ARGV[OWN + 1], ARGV[OWN + 3]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
check_types()
set_aside_odd(id)
release(id)
redis.call('HSET', journal_key(id), 'attempt:' .. ARGV[OWN + 7], ARGV[OWN + 8])
if body == '' then
  bury(id, false, ARGV[OWN + 5], ARGV[OWN + 6], 'nobody can be told: the job cannot be read')
else
  bury(id, body, ARGV[OWN + 5], ARGV[OWN + 6], told_of(id))
  redis.call('SET', job_key(id), body, 'EX', ARGV[OWN + 4])
end
return 1
