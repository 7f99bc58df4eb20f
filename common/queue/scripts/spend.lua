-- Adds a portion of a worker's spending to the day's book.
--   ARGV  the worker, number of its portion, seconds the book is kept, then for each customer its name,
--         calls, tokens in, tokens out, billionths of a dollar, calls of unknown price
--   gives 1, or 0 if it is in a book already
--   guard no portion of the worker with that number or a later one is in today's book or yesterday's
local worker, portion = 'written:' .. ARGV[OWN + 1], tonumber(ARGV[OWN + 2])
local book = spend_key(now())
for _, key in ipairs({book, spend_key(now() - 86400000)}) do
  if tonumber(redis.call('HGET', key, worker) or 0) >= portion then return 0 end
end
redis.call('HSET', book, worker, portion)
redis.call('EXPIRE', book, ARGV[OWN + 3])
local function add(field, from)
  local sum = spent(book, field)
  for i = 1, 5 do sum[i] = string.format('%.0f', sum[i] + ARGV[from + i]) end
  redis.call('HSET', book, field, table.concat(sum, ' '))
end
for i = OWN + 4, #ARGV, 6 do
  add('of:' .. ARGV[i], i)
  add('all', i)
end
return 1
