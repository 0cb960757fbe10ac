-- The clinic: patients, appointments, the waiting room, bills, and the staff table. Every table is live.
-- Who may see and change what is in 0002_sign_in.sql.

create type user_role as enum ('admin', 'staff', 'dentist', 'patient');
create type staff_role as enum ('dentist', 'hygienist', 'assistant', 'reception', 'manager');
create type appointment_status as enum ('booked', 'confirmed', 'completed', 'cancelled', 'missed');
create type queue_status as enum ('waiting', 'called', 'in_room', 'done');
create type bill_status as enum ('open', 'paid', 'void');
create type payment_method as enum ('cash', 'card', 'transfer', 'insurance');

-- Everybody who can sign in: a row beside each account, made by a trigger in 0002_sign_in.sql.
create table users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text not null unique check (email like '%_@_%'),
  full_name text not null check (full_name <> ''),
  role user_role not null default 'staff',
  active boolean not null default true,
  created_at timestamptz not null default now()
);

-- The devices on which somebody is or was signed in.
create table user_sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  device_name text not null,
  started_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  ended_at timestamptz check (ended_at >= started_at)
);
create index user_sessions_user_id on user_sessions (user_id);

create table user_activity_log (
  id bigint generated always as identity primary key,
  user_id uuid references users (id) on delete set null,
  action text not null check (action <> ''),
  details jsonb not null default '{}',
  happened_at timestamptz not null default now()
);
create index user_activity_log_user_id on user_activity_log (user_id, happened_at);

create table staff (
  id uuid primary key default gen_random_uuid(),
  full_name text not null default '' check (char_length(full_name) <= 120),
  role staff_role not null default 'assistant',
  phone text not null default '' check (char_length(phone) <= 40),
  email text not null default '' check (char_length(email) <= 120),
  room text not null default '' check (char_length(room) <= 20),
  weekly_hours numeric(4,1) not null default 0 check (weekly_hours >= 0 and weekly_hours <= 60),
  on_duty boolean not null default false,
  note text not null default '' check (char_length(note) <= 500),
  created_at timestamptz not null default now()
);
create index staff_created_at on staff (created_at, id);

create table patients (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references users (id) on delete set null,  -- when the patient has an account
  full_name text not null check (full_name <> ''),
  born_on date,
  phone text,
  email text,
  allergies text[] not null default '{}',
  created_at timestamptz not null default now()
);
create index patients_full_name on patients (full_name);

create table clinic_services (
  id bigint generated always as identity primary key,
  name text not null unique check (name <> ''),
  minutes integer not null check (minutes between 5 and 480),
  price numeric(10,2) not null check (price >= 0),
  active boolean not null default true
);

create table appointments (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references patients (id) on delete cascade,
  dentist_id uuid not null references users (id) on delete restrict,
  service_id bigint references clinic_services (id) on delete set null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status appointment_status not null default 'booked',
  note text,
  created_at timestamptz not null default now(),
  check (ends_at > starts_at)
);
create index appointments_patient_id on appointments (patient_id);
-- A slot can be taken once.
create unique index appointments_slot on appointments (dentist_id, starts_at)
  where status in ('booked', 'confirmed');

create table medical_records (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references patients (id) on delete cascade,
  appointment_id uuid references appointments (id) on delete set null,
  tooth smallint check (tooth between 11 and 85),
  diagnosis text not null,
  treatment text,
  recorded_at timestamptz not null default now()
);
create index medical_records_patient_id on medical_records (patient_id, recorded_at);

create table patient_history (
  id bigint generated always as identity primary key,
  patient_id uuid not null references patients (id) on delete cascade,
  entry text not null check (entry <> ''),
  happened_on date not null default current_date
);
create index patient_history_patient_id on patient_history (patient_id, happened_on);

create table patient_queue (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references patients (id) on delete cascade,
  position double precision not null,
  status queue_status not null default 'waiting',
  reason text not null default '' check (char_length(reason) <= 200),
  arrived_at timestamptz not null default now()
);
create index patient_queue_position on patient_queue (position, id);
-- A patient waits once.
create unique index patient_queue_one_open on patient_queue (patient_id) where status <> 'done';

create table active_patient_queue (
  room text primary key check (room <> ''),
  queue_id uuid not null unique references patient_queue (id) on delete cascade,
  since timestamptz not null default now()
);

create table patient_bills (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references patients (id) on delete restrict,
  number integer not null unique check (number > 0),
  status bill_status not null default 'open',
  total numeric(10,2) not null default 0 check (total >= 0),
  issued_on date not null default current_date
);
create index patient_bills_patient_id on patient_bills (patient_id);

create table bill_items (
  id uuid primary key default gen_random_uuid(),
  bill_id uuid not null references patient_bills (id) on delete cascade,
  service_id bigint references clinic_services (id) on delete set null,
  description text not null check (description <> ''),
  quantity integer not null default 1 check (quantity > 0),
  unit_price numeric(10,2) not null check (unit_price >= 0)
);
create index bill_items_bill_id on bill_items (bill_id);

create table payments (
  id uuid primary key default gen_random_uuid(),
  bill_id uuid not null references patient_bills (id) on delete restrict,
  amount numeric(10,2) not null check (amount > 0),
  method payment_method not null default 'card',
  paid_at timestamptz not null default now()
);
create index payments_bill_id on payments (bill_id);

comment on table staff is 'Edited by several people at once; one row per person';
comment on column staff.weekly_hours is 'Contracted hours per week';
comment on table patient_queue is 'The waiting room, in order of position';
comment on column patient_queue.position is 'Fractional: a moved row takes a number between its neighbours';
comment on table active_patient_queue is 'Who is in which treatment room';
comment on table user_activity_log is 'Append-only: every action of a user';

alter table users enable row level security;
alter table user_sessions enable row level security;
alter table user_activity_log enable row level security;
alter table staff enable row level security;
alter table patients enable row level security;
alter table clinic_services enable row level security;
alter table appointments enable row level security;
alter table medical_records enable row level security;
alter table patient_history enable row level security;
alter table patient_queue enable row level security;
alter table active_patient_queue enable row level security;
alter table patient_bills enable row level security;
alter table bill_items enable row level security;
alter table payments enable row level security;
