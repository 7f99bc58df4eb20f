-- A dead letter with what the job has behind it, at one moment.
--   ARGV  id
--   gives the letter's fields and values, the journal's, '1' if the server has still to be told;
--         nothing if there is no such letter
--   guard none: nothing is written
local id = ARGV[OWN + 1]
local letter = redis.pcall('HGETALL', letter_key(id))
if letter.err then letter = {'cause', letter.err} end
if #letter == 0 then return {} end
local journal = redis.pcall('HGETALL', journal_key(id))
if journal.err then journal = {} end
return {letter, journal, redis.call('ZSCORE', untold, id) and '1' or '0'}
