-- What was spent today, and by whom most.
--   ARGV  how many customers
--   gives the day, "calls in out nano unpriced" of all, number of customers not named, then name and
--         figures of each, who spent most first
--   guard none: nothing is written
local book = spend_key(now())
local customers = {}
local fields = redis.call('HGETALL', book)
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 3) == 'of:' then
    local figures = figures_in(fields[i + 1])
    customers[#customers + 1] = {string.sub(fields[i], 4), fields[i + 1], figures[4],
                                 figures[2] + figures[3]}
  end
end
table.sort(customers, function(a, b)
  if a[3] ~= b[3] then return a[3] > b[3] end
  if a[4] ~= b[4] then return a[4] > b[4] end
  return a[1] < b[1]
end)
local most = math.min(tonumber(ARGV[OWN + 1]), #customers)
local rows = {day_of(now()), redis.call('HGET', book, 'all') or '0 0 0 0 0',
              tostring(#customers - most)}
for i = 1, most do
  rows[#rows + 1] = customers[i][1]
  rows[#rows + 1] = customers[i][2]
end
return rows
