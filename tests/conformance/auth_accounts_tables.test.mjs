import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataOf, makeProject, newEmail, password, refusalOf, signUp } from './auth_people.mjs'
import { asAnybody, asService } from './clients.mjs'
import { useServer } from './suite.mjs'

/// The schema `auth` as projects written for Supabase use it: references, triggers and seeds.

const seeded = 'seeded@example.org'
const project = makeProject({
  settings: '[api]\nschemas = ["public", "auth"]\n',
  migration: `
    create extension if not exists pgcrypto with schema extensions;
    create table public.profiles (
      id uuid primary key references auth.users (id) on delete cascade,
      full_name text, email text
    );
    alter table public.profiles enable row level security;
    create policy "Profiles are their owner's" on public.profiles for all using (auth.uid() = id);
    create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
    begin
      if new.raw_user_meta_data ->> 'full_name' = 'Mallory' then
        raise exception 'no Mallory here';
      end if;
      insert into public.profiles (id, full_name, email)
        values (new.id, new.raw_user_meta_data ->> 'full_name', new.email);
      return new;
    end;
    $$;
    create trigger on_auth_user_created after insert on auth.users
      for each row execute procedure public.handle_new_user();
    create function public.forget_me() returns void language sql security definer as $$
      delete from auth.users where id = auth.uid()
    $$;
    create function public.address_of_me() returns text language sql security definer as $$
      select email from auth.users where id = auth.uid()
    $$;`,
  seed: `
    insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, recovery_sent_at,
        last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, confirmation_token, email_change,
        email_change_token_new, recovery_token)
      values ('00000000-0000-0000-0000-000000000000', '10000000-0000-4000-8000-000000000001', 'authenticated', 'authenticated',
        '${seeded}', crypt('${password}', gen_salt('bf')), now(), now(), now(), '{"provider":"email","providers":["email"]}',
        '{"full_name":"Sam Seed"}', now(), now(), '', '', '', '');
    insert into auth.identities (id, user_id, provider_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
      values (gen_random_uuid(), '10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001',
        format('{"sub":"%s","email":"%s"}', '10000000-0000-4000-8000-000000000001', '${seeded}')::jsonb, 'email', now(), now(), now());`,
})
const held = useServer(async () => {}, { project })

test('accounts of seed.sql sign in', async (t) => {
  const client = asAnybody(t, held.server)
  const { user } = dataOf(await client.auth.signInWithPassword({ email: seeded, password }))
  assert.equal(user.user_metadata.full_name, 'Sam Seed')
  assert.equal(user.identities[0].provider, 'email')
  const [profile] = dataOf(await client.from('profiles').select())
  assert.deepEqual([profile.id, profile.full_name], [user.id, 'Sam Seed'])
  dataOf(await asAnybody(t, held.server).auth.signInWithPassword({ email: seeded, password }))
})

test('a trigger makes a profile for every account, or prevents it', async (t) => {
  const client = asAnybody(t, held.server)
  const email = newEmail()
  const options = { data: { full_name: 'Ann' } }
  dataOf(await client.auth.signUp({ email, password, options }))
  const profiles = dataOf(await client.from('profiles').select('full_name,email'))
  assert.deepEqual(profiles, [{ full_name: 'Ann', email }])
  const mallory = { email: newEmail(), password, options: { data: { full_name: 'Mallory' } } }
  const refused = await asAnybody(t, held.server).auth.signUp(mallory)
  assert.equal(refused.error.status, 500)
  const again = await asAnybody(t, held.server).auth.signInWithPassword(mallory)
  assert.equal(refusalOf(again), '400 invalid_credentials', 'nothing of the account is left')
})

test('what refers to an account goes with it, and so do its sessions', async (t) => {
  const { client, email, user } = await signUp(t, held.server)
  assert.equal(dataOf(await client.rpc('address_of_me')), email)
  dataOf(await client.rpc('forget_me'))
  const service = asService(t, held.server)
  assert.deepEqual(dataOf(await service.from('profiles').select().eq('id', user.id)), [])
  const { error } = await client.from('profiles').select()
  assert.equal(error.code, 'PGRST303', 'its token is worth nothing')
  assert.equal(refusalOf(await client.auth.refreshSession()), '400 refresh_token_not_found')
  dataOf(await asAnybody(t, held.server).auth.signUp({ email, password }))
})

test('nobody reads or writes the schema through the data API', async (t) => {
  const { client } = await signUp(t, held.server)
  const callers = {
    anon: asAnybody(t, held.server),
    authenticated: client,
    service_role: asService(t, held.server),
  }
  const secret = [
    'users',
    'identities',
    'ended_sessions',
    'one_time_tokens',
    'flow_state',
    'mfa_factors',
    'mfa_challenges',
    'mfa_recovery_codes',
    'audit_log_entries',
  ]
  for (const [role, caller] of Object.entries(callers)) {
    const auth = caller.schema('auth')
    for (const table of secret) {
      const answers = await Promise.all([
        auth.from(table).select(),
        auth.from(table).insert({ id: '10000000-0000-4000-8000-000000000009' }),
        auth.from(table).update({ id: null }).not('id', 'is', null),
        auth.from(table).delete().not('id', 'is', null),
      ])
      for (const { error } of answers) {
        assert.ok(
          ['42501', 'PGRST205', '42P01'].includes(error?.code),
          `${role} ${table}: ${JSON.stringify(error)}`,
        )
      }
    }
  }
})

test('of the sessions everybody sees his own, without keys', async (t) => {
  const [{ client, user }] = [await signUp(t, held.server), await signUp(t, held.server)]
  const rows = dataOf(await client.schema('auth').from('sessions').select('id,user_id,device_name'))
  assert.deepEqual(
    rows.map((row) => row.user_id),
    [user.id],
  )
  for (const column of ['refresh_key', 'refresh_generation', 'amr']) {
    const { error } = await client.schema('auth').from('sessions').select(column)
    assert.ok(['42501', '42703'].includes(error?.code), `${column}: ${error?.code}`)
  }
  const { error } = await client.schema('auth').from('sessions').delete().eq('user_id', user.id)
  assert.equal(error.code, '42501')
  const { data } = await asAnybody(t, held.server).schema('auth').from('sessions').select('id')
  assert.ok(data === null || data.length === 0)
})
