-- One more thing that a job has behind it.
--   ARGV  id, token, field, value; if it is the answer to a call that was noted as asked, also the
--         calls that are still under way
--   gives 1, or 0 if the token does not own the job, or 2 if what is under the journal's key is none
--   guard owners[id] == token; without it an answer is kept if the job lives and has none, since it
--         has been paid for
local id = ARGV[OWN + 1]
local journal = journal_key(id)
if not owned_by(id, ARGV[OWN + 2]) then
  if ARGV[OWN + 3] ~= 'asked' and not is_odd(journal) and redis.call('EXISTS', journal) == 1 then
    redis.call('HSETNX', journal, ARGV[OWN + 3], ARGV[OWN + 4])
  end
  return 0
end
if is_odd(journal) then return 2 end
redis.call('HSET', journal, ARGV[OWN + 3], ARGV[OWN + 4])
keep_journal_for_a_day(id)
if ARGV[OWN + 5] == '' then redis.call('HDEL', journal, 'asked') end
if (ARGV[OWN + 5] or '') ~= '' then redis.call('HSET', journal, 'asked', ARGV[OWN + 5]) end
return 1
