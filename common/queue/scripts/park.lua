-- processing -> parked: what may be spent in a day is spent. The body waits without a limit; the journal
-- says whose money it is and why it waits.
--   ARGV  id, token, body, customer, then what may be spent: billionths of a dollar by all, by each
--         customer, tokens by all, by each customer (0: without a limit)
--   gives 1; 0 if the token does not own the job; 2 if it may go on
--   guard owners[id] == token, a cap is reached, and no operator has let the job go on
local id, customer = ARGV[OWN + 1], ARGV[OWN + 4]
if not owned_by(id, ARGV[OWN + 2]) then return 0 end
check_types()
if is_odd(journal_key(id)) then return 2 end  -- the first note of it buries the job
local why = cap_reached(customer, OWN + 5)
if not why or redis.call('HEXISTS', journal_key(id), 'uncapped') == 1 then return 2 end
release(id)
redis.call('ZADD', parked, now(), id)
redis.call('SET', job_key(id), ARGV[OWN + 3])
redis.call('HSET', journal_key(id), 'payer', customer, 'parked', why)
keep_journal(id)
return 1
