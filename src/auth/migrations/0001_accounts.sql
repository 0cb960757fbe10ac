-- Accounts, sessions and what sign-in needs. Table and column names are those that applications written for Supabase use in
-- references, triggers and seeds. Never changed once released: a later version adds 0002_….

create table auth.users (
  id uuid primary key default gen_random_uuid(),
  instance_id uuid,
  aud text default 'authenticated',
  role text default 'authenticated',
  email text,
  encrypted_password text,
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token text default '',
  confirmation_sent_at timestamptz,
  recovery_token text default '',
  recovery_sent_at timestamptz,
  email_change_token_new text default '',
  email_change text default '',
  email_change_sent_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb default '{}',
  raw_user_meta_data jsonb default '{}',
  is_super_admin boolean,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  phone text,
  phone_confirmed_at timestamptz,
  phone_change text default '',
  phone_change_token text default '',
  phone_change_sent_at timestamptz,
  email_change_token_current text default '',
  email_change_confirm_status smallint default 0,
  banned_until timestamptz,
  reauthentication_token text default '',
  reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false,
  -- Tokens issued before this carry an older role or app_metadata than the account has now.
  claims_changed_at timestamptz
);
create unique index users_email_key on auth.users (email);
create unique index users_phone_key on auth.users (phone);
create index users_created_at on auth.users (created_at, id);

create table auth.identities (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  provider_id text not null,
  provider text not null,
  identity_data jsonb not null default '{}',
  email text,
  last_sign_in_at timestamptz,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  unique (provider_id, provider)
);
create index identities_user_id on auth.identities (user_id);

-- One row for each device that is signed in; the row is gone when the session has ended.
create table auth.sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  refreshed_at timestamptz,
  last_seen_at timestamptz not null default now(),
  not_after timestamptz,
  aal text not null default 'aal1' check (aal in ('aal1', 'aal2', 'aal3')),
  amr jsonb not null default '[]',
  factor_id uuid,
  -- Tokens issued up to then may say aal2: the factor they were got by has been removed.
  aal_lowered_at timestamptz,
  user_agent text,
  ip text,
  device_id text not null default '',
  device_name text not null default '',
  device_platform text not null default '',
  -- A refresh token is the id, its generation and a proof made from refresh_key: none is stored.
  refresh_key text not null,
  refresh_generation bigint not null default 1
);
create index sessions_user_id on auth.sessions (user_id, created_at);

-- Sessions that ended while an access token of theirs may still be in somebody's hands.
create table auth.ended_sessions (
  id uuid primary key,
  user_id uuid not null,
  reason text not null,
  ended_at timestamptz not null default now()
);
create index ended_sessions_ended_at on auth.ended_sessions (ended_at);

create table auth.one_time_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  token_type text not null,
  token_hash text not null,
  relates_to text not null,
  -- Set when the token was asked for by PKCE: verifying it gives a code instead of a session.
  flow_state_id uuid,
  attempts_left integer not null default 5,
  -- Set when this one was shown and another one has to be as well (both addresses of a change).
  shown_at timestamptz,
  created_at timestamptz not null default now(),
  unique (user_id, token_type)
);
create index one_time_tokens_token_hash on auth.one_time_tokens (token_hash);
create index one_time_tokens_relates_to on auth.one_time_tokens (relates_to);

create table auth.flow_state (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references auth.users (id) on delete cascade,
  auth_code text unique,
  code_challenge_method text,
  code_challenge text,
  provider_type text not null,
  -- Of a visit to an external provider: the hash of what must come back, once.
  provider_state text unique,
  same_browser boolean not null default false,
  force boolean not null default false,
  -- Set when the account of this session gets one more identity; nothing comes of it once the session has ended.
  link_session_id uuid references auth.sessions (id) on delete cascade,
  redirect_to text not null default '',
  authentication_method text not null,
  created_at timestamptz not null default now(),
  auth_code_issued_at timestamptz
);
create index flow_state_created_at on auth.flow_state (created_at);
create index flow_state_link_session_id on auth.flow_state (link_session_id);

create table auth.mfa_factors (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  friendly_name text,
  factor_type text not null check (factor_type in ('totp', 'phone', 'webauthn', 'recovery_code')),
  status text not null check (status in ('unverified', 'verified')),
  -- Encrypted by a key made from the project's secret (docs/formats/sealed-text.md).
  secret text,
  phone text,
  last_challenged_at timestamptz,
  -- The last time step that was used: a code works once.
  last_step bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index mfa_factors_user_id on auth.mfa_factors (user_id);

create table auth.mfa_challenges (
  id uuid primary key default gen_random_uuid(),
  factor_id uuid not null references auth.mfa_factors (id) on delete cascade,
  created_at timestamptz not null default now(),
  verified_at timestamptz,
  ip_address text
);
create index mfa_challenges_factor_id on auth.mfa_challenges (factor_id);

create table auth.mfa_recovery_codes (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  code_hash text not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  unique (user_id, code_hash)
);

-- Append-only; each entry's hash covers the one before it.
create table auth.audit_log_entries (
  id bigint generated always as identity primary key,
  created_at timestamptz not null,
  action text not null,
  actor_id uuid,
  session_id uuid,
  ip_address text not null default '',
  payload jsonb not null default '{}',
  previous_hash text not null,
  hash text not null
);
create index audit_log_entries_actor_id on auth.audit_log_entries (actor_id, id);

create function auth.remember_ended_session() returns trigger language plpgsql security definer as $$
begin
  insert into auth.ended_sessions (id, user_id, reason) values (old.id, old.user_id, 'session ended')
    on conflict (id) do nothing;
  return null;
end
$$;
create trigger remember_ended_session after delete on auth.sessions
  for each row execute function auth.remember_ended_session();

create function auth.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only' using errcode = '42501';
end
$$;
create trigger refuse_change before update or delete on auth.audit_log_entries
  for each row execute function auth.refuse_change();

revoke all on auth.users, auth.identities, auth.sessions, auth.ended_sessions, auth.one_time_tokens, auth.flow_state,
  auth.mfa_factors, auth.mfa_challenges, auth.mfa_recovery_codes, auth.audit_log_entries
  from anon, authenticated, service_role;
revoke execute on function auth.remember_ended_session() from public;
revoke execute on function auth.refuse_change() from public;

-- Whoever is signed in sees the list of his own devices, live.
grant select (id, user_id, created_at, updated_at, last_seen_at, not_after, aal, user_agent, ip, device_id, device_name,
  device_platform) on auth.sessions to authenticated;
alter table auth.sessions enable row level security;
create policy own_sessions on auth.sessions for select to authenticated using (user_id = (select auth.uid()));
