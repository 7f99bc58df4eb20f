-- dead -> forgotten, as an operator wants it.
--   ARGV  id
--   gives 'done' or 'gone' (it is not among the dead)
--   guard it is among the dead; the journal goes with it unless the job lives in another place
local id = ARGV[OWN + 1]
local known = redis.call('ZREM', dead, id) + redis.call('EXISTS', letter_key(id))
if known == 0 then return 'gone' end
redis.call('ZREM', untold, id)
redis.call('DEL', letter_key(id))
if not (redis.call('LPOS', pending, id) or redis.call('LPOS', processing, id) or
        redis.call('ZSCORE', delayed, id) or redis.call('ZSCORE', parked, id)) then
  redis.call('DEL', journal_key(id))
  -- A body of the wrong type was kept without a limit for whoever decides; he has.
  local held = redis.call('TYPE', job_key(id)).ok
  if held ~= 'string' and held ~= 'none' then redis.call('DEL', job_key(id)) end
end
return 'done'
