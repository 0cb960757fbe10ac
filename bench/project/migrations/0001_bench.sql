-- The one table that the benchmarks write and follow. No row level security: everybody may do everything.
create table events (
  id uuid default gen_random_uuid() primary key,
  kind text,
  payload text,
  created_at timestamptz default now()
);
