-- dead -> pending at the back, as an operator wants it. The journal stays, so that nothing is paid
-- for twice, but for what speaks against another run: crashes, and that the end was reported.
--   ARGV  id, the new body, the old one of the letter it was made of, seconds the body lives
--   gives 'done', 'gone' (no such letter), 'changed' (another body), 'telling' (the server is being told)
--         or 'lives' (in another place)
--   guard there is a letter with that body, nobody is telling the server, and the job is nowhere else
local id, letter = ARGV[OWN + 1], letter_key(ARGV[OWN + 1])
local old = redis.call('HGET', letter, 'body')
if not old then return 'gone' end
if old ~= ARGV[OWN + 3] then return 'changed' end
if (tonumber(redis.call('HGET', letter, 'telling') or '') or 0) > now() then return 'telling' end
redis.call('ZCARD', untold)  -- a key of the wrong type must fail before anything moves
if redis.call('LPOS', pending, id) or redis.call('LPOS', processing, id) or
    redis.call('ZSCORE', delayed, id) or redis.call('ZSCORE', parked, id) or redis.call('HGET', owners, id) then return 'lives' end
redis.call('HDEL', journal_key(id), 'crashes', 'asked', 'reported')
redis.call('SET', job_key(id), ARGV[OWN + 2], 'EX', ARGV[OWN + 4])
redis.call('ZREM', dead, id)
redis.call('ZREM', untold, id)
redis.call('DEL', letter)
keep_journal_for_a_day(id)
to_back(id)
return 'done'
