-- Accounts and rights. The role of an account (admin, staff, dentist, patient) is in its app_metadata, which only an
-- administrator can write; a change acts at once on every request and open socket.

create function my_role() returns text language sql stable as $$
  select coalesce(auth.jwt() -> 'app_metadata' ->> 'role', 'nobody')
$$;

-- Whoever works here.
create function is_team() returns boolean language sql stable as $$
  select my_role() in ('admin', 'staff', 'dentist')
$$;

-- The desk: appointments, the waiting room, bills.
create function is_desk() returns boolean language sql stable as $$
  select my_role() in ('admin', 'staff')
$$;

-- The patient record of the account, when it is a patient's.
create function my_patients() returns setof uuid language sql stable security definer as $$
  select id from patients where user_id = auth.uid()
$$;

create function add_user() returns trigger language plpgsql security definer as $$
begin
  if new.email is null then
    return new;
  end if;
  insert into users (id, email, full_name, role) values (
    new.id, new.email, coalesce(new.raw_user_meta_data ->> 'full_name', new.email),
    coalesce(new.raw_app_meta_data ->> 'role', 'patient')::user_role);
  return new;
end
$$;
create trigger add_user after insert on auth.users for each row execute function add_user();

create function change_user_role() returns trigger language plpgsql security definer as $$
begin
  update users set role = coalesce(new.raw_app_meta_data ->> 'role', 'patient')::user_role where id = new.id;
  return new;
end
$$;
create trigger change_user_role after update of raw_app_meta_data on auth.users
  for each row when (old.raw_app_meta_data is distinct from new.raw_app_meta_data) execute function change_user_role();

-- The list of devices, and the log of who came and went.
create function note_session() returns trigger language plpgsql security definer as $$
begin
  insert into user_sessions (id, user_id, device_name, started_at, last_seen_at)
    select new.id, new.user_id, new.device_name, new.created_at, new.last_seen_at
    where exists (select 1 from users where id = new.user_id);
  insert into user_activity_log (user_id, action, details)
    select new.user_id, 'signed in', jsonb_build_object('device', new.device_name)
    where exists (select 1 from users where id = new.user_id);
  return new;
end
$$;
create trigger note_session after insert on auth.sessions for each row execute function note_session();

create function note_last_seen() returns trigger language plpgsql security definer as $$
begin
  update user_sessions set last_seen_at = new.last_seen_at where id = new.id;
  return new;
end
$$;
create trigger note_last_seen after update of last_seen_at on auth.sessions
  for each row execute function note_last_seen();

create function note_session_end() returns trigger language plpgsql security definer as $$
begin
  update user_sessions set ended_at = now() where id = old.id;
  insert into user_activity_log (user_id, action, details)
    select old.user_id, 'signed out', jsonb_build_object('device', old.device_name)
    where exists (select 1 from users where id = old.user_id);
  return old;
end
$$;
create trigger note_session_end after delete on auth.sessions for each row execute function note_session_end();

-- Accounts
create policy team_reads on users for select to authenticated using (is_team() or id = auth.uid());
create policy patients_read_dentists on users for select to authenticated using (role = 'dentist');
create policy admin_changes on users for update to authenticated using (my_role() = 'admin') with check (my_role() = 'admin');
create policy own_or_admin on user_sessions for select to authenticated using (my_role() = 'admin' or user_id = auth.uid());
create policy own_or_admin on user_activity_log for select to authenticated
  using (my_role() = 'admin' or user_id = auth.uid());
create policy own on user_activity_log for insert to authenticated with check (user_id = auth.uid());

-- The staff table
create policy team on staff for all to authenticated using (is_team()) with check (is_team());

-- Patients and what belongs to them: the team, and each patient his own.
create policy team on patients for all to authenticated using (is_team()) with check (is_team());
create policy own on patients for select to authenticated using (user_id = auth.uid());
create policy dentists on medical_records for all to authenticated
  using (my_role() in ('admin', 'dentist')) with check (my_role() in ('admin', 'dentist'));
create policy own on medical_records for select to authenticated using (patient_id in (select my_patients()));
create policy dentists on patient_history for all to authenticated
  using (my_role() in ('admin', 'dentist')) with check (my_role() in ('admin', 'dentist'));
create policy own on patient_history for select to authenticated using (patient_id in (select my_patients()));

-- Services are public; appointments are the desk's, the dentist's and the patient's own.
create policy public_reads on clinic_services for select using (true);
create policy admin_writes on clinic_services for all to authenticated
  using (my_role() = 'admin') with check (my_role() = 'admin');
create policy desk on appointments for all to authenticated using (is_desk()) with check (is_desk());
create policy own_dentist on appointments for all to authenticated
  using (my_role() = 'dentist' and dentist_id = auth.uid()) with check (my_role() = 'dentist' and dentist_id = auth.uid());
create policy own_patient on appointments for all to authenticated
  using (patient_id in (select my_patients())) with check (patient_id in (select my_patients()));

-- The waiting room
create policy team on patient_queue for all to authenticated using (is_team()) with check (is_team());
create policy team on active_patient_queue for all to authenticated using (is_team()) with check (is_team());

-- Bills: the desk; each patient reads his own.
create policy desk on patient_bills for all to authenticated using (is_desk()) with check (is_desk());
create policy own on patient_bills for select to authenticated using (patient_id in (select my_patients()));
create policy desk on bill_items for all to authenticated using (is_desk()) with check (is_desk());
create policy own on bill_items for select to authenticated
  using (bill_id in (select id from patient_bills where patient_id in (select my_patients())));
create policy desk on payments for all to authenticated using (is_desk()) with check (is_desk());
create policy own on payments for select to authenticated
  using (bill_id in (select id from patient_bills where patient_id in (select my_patients())));
