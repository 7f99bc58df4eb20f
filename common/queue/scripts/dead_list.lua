-- Some of the dead, the oldest first.
--   ARGV  first, last (positions among the dead)
--   gives id, kind, cause, at in ms, told, attempts, '1' if the server has still to be told, of each
--   guard none: nothing is written
local rows = {}
for _, id in ipairs(redis.call('ZRANGE', dead, ARGV[OWN + 1], ARGV[OWN + 2])) do
  local letter = redis.pcall('HMGET', letter_key(id), 'kind', 'cause', 'at', 'told')
  if letter.err then letter = {'', letter.err} end
  local attempts = 0
  local journal = redis.pcall('HKEYS', journal_key(id))
  if not journal.err then
    for _, field in ipairs(journal) do
      if string.sub(field, 1, 8) == 'attempt:' then attempts = attempts + 1 end
    end
  end
  local row = {id, letter[1] or '', letter[2] or '', letter[3] or '', letter[4] or '',
               tostring(attempts), redis.call('ZSCORE', untold, id) and '1' or '0'}
  for _, value in ipairs(row) do rows[#rows + 1] = value end
end
return rows
