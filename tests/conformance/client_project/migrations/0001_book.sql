-- An appointment book, as the client's subscription service expects one, and some bills.

create table appointments (
  id bigint primary key,
  patient_id text,
  dentist_id text,
  status text not null default 'new'
);

create table dentists (
  id text primary key,
  availability jsonb
);

create table visits (
  number bigint primary key,
  visitor text not null
);

create table patient_bills (
  id bigint primary key,
  total numeric(10,2) not null default 0
);

create table payments (
  id bigint primary key,
  bill_id bigint not null references patient_bills on delete cascade
);
