-- pending, delayed, parked or processing -> dead, as an operator wants it. A worker that has it in hand is
-- fenced off: it finds that the job is not its own at its next step, and stops.
--   ARGV  id, body that says it failed ('' if it could not be read), the body it was made of, seconds
--         the body lives, cause
--   gives 'done', 'gone' (in no place), 'dead' (already), 'changed' (another body), 'peer' (a Python
--         worker has it, who knows no fence) or 'reported' (the server has its completion already)
--   guard none of those but 'done'
local id, body, old = ARGV[OWN + 1], ARGV[OWN + 2], ARGV[OWN + 3]
check_types(id)
if redis.call('ZSCORE', dead, id) or redis.call('EXISTS', letter_key(id)) == 1 then return 'dead' end
local owner, in_hand = redis.call('HGET', owners, id), redis.call('LPOS', processing, id)
if in_hand and not owner then return 'peer' end
if not (owner or redis.call('LPOS', pending, id) or redis.call('ZSCORE', delayed, id) or
        redis.call('ZSCORE', parked, id)) then
  return 'gone'
end
local held = redis.pcall('GET', job_key(id))
if (type(held) == 'string' and held or '') ~= old then return 'changed' end
if redis.call('HEXISTS', journal_key(id), 'reported') == 1 then return 'reported' end
redis.call('LREM', pending, 0, id)
redis.call('ZREM', delayed, id)
redis.call('ZREM', parked, id)
release(id)
if body == '' then
  bury(id, false, 'cancelled', ARGV[OWN + 5], 'nobody can be told: the job cannot be read')
  return 'done'
end
bury(id, body, 'cancelled', ARGV[OWN + 5], '0')
redis.call('SET', job_key(id), body, 'EX', ARGV[OWN + 4])
return 'done'
