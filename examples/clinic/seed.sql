-- Invented people for a fresh demonstration database. Loaded once, by `dunlin serve --dev` only.

-- Everybody's password is clinic-demo. The trigger add_user makes their rows in `users`.
insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data) values
  ('00000001-0000-4000-8000-000000000001', 'elena.marchetti@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "admin"}', '{"full_name": "Elena Marchetti"}'),
  ('00000001-0000-4000-8000-000000000002', 'tomas.novak@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "dentist"}', '{"full_name": "Tomáš Novák"}'),
  ('00000001-0000-4000-8000-000000000003', 'amina.diallo@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "dentist"}', '{"full_name": "Amina Diallo"}'),
  ('00000001-0000-4000-8000-000000000004', 'george.whitfield@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "dentist"}', '{"full_name": "George Whitfield"}'),
  ('00000001-0000-4000-8000-000000000005', 'ines.carvalho@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "staff"}', '{"full_name": "Inês Carvalho"}'),
  ('00000001-0000-4000-8000-000000000006', 'noah.lindqvist@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "staff"}', '{"full_name": "Noah Lindqvist"}'),
  ('00000001-0000-4000-8000-000000000007', 'ana.silva@clinic.example', '$argon2id$v=19$m=19456,t=2,p=1$KeH7tGk/WEZEa8K6olRSlg$jS3eSpeGE1GX91pD3OiIXlgm2LUv3Jln0uPgVGmanAQ', '2026-01-05T08:00:00Z',
    '{"provider": "email", "providers": ["email"], "role": "patient"}', '{"full_name": "Ana Silva"}');

insert into auth.identities (user_id, provider_id, provider, identity_data, email)
  select id, id, 'email', jsonb_build_object('sub', id, 'email', email, 'email_verified', true), email from auth.users;

insert into staff (id, full_name, role, phone, email, room, weekly_hours, on_duty, note, created_at) values
  ('00000002-0000-4000-8000-000000000001', 'Tomáš Novák', 'dentist', '+44 20 7946 0101', 'tomas.novak@clinic.example', '1', 38, true, 'Implants on Tuesdays', '2026-01-05T08:00:00Z'),
  ('00000002-0000-4000-8000-000000000002', 'Amina Diallo', 'dentist', '+44 20 7946 0102', 'amina.diallo@clinic.example', '2', 32, true, '', '2026-01-05T08:01:00Z'),
  ('00000002-0000-4000-8000-000000000003', 'George Whitfield', 'dentist', '+44 20 7946 0103', 'george.whitfield@clinic.example', '3', 24, false, 'Back on Monday', '2026-01-05T08:02:00Z'),
  ('00000002-0000-4000-8000-000000000004', 'Mei-Lin Zhou', 'dentist', '+44 20 7946 0104', 'meilin.zhou@clinic.example', '4', 36, true, 'Children''s dentistry', '2026-01-05T08:03:00Z'),
  ('00000002-0000-4000-8000-000000000005', 'Sofia Berg', 'hygienist', '+44 20 7946 0111', 'sofia.berg@clinic.example', '5', 30, true, '', '2026-01-05T08:04:00Z'),
  ('00000002-0000-4000-8000-000000000006', 'Daniel O''Connor', 'hygienist', '+44 20 7946 0112', 'daniel.oconnor@clinic.example', '6', 37.5, true, 'First-aid officer', '2026-01-05T08:05:00Z'),
  ('00000002-0000-4000-8000-000000000007', 'Priya Raman', 'assistant', '+44 20 7946 0121', 'priya.raman@clinic.example', '1', 38, true, '', '2026-01-05T08:06:00Z'),
  ('00000002-0000-4000-8000-000000000008', 'Lukas Weber', 'assistant', '+44 20 7946 0122', 'lukas.weber@clinic.example', '2', 38, true, 'Sterilisation lead', '2026-01-05T08:07:00Z'),
  ('00000002-0000-4000-8000-000000000009', 'Fatima El Amrani', 'assistant', '+44 20 7946 0123', 'fatima.elamrani@clinic.example', '3', 20, false, 'Parental leave until May', '2026-01-05T08:08:00Z'),
  ('00000002-0000-4000-8000-000000000010', 'Jack Thornton', 'assistant', '+44 20 7946 0124', 'jack.thornton@clinic.example', '4', 38, true, '', '2026-01-05T08:09:00Z'),
  ('00000002-0000-4000-8000-000000000011', 'Inês Carvalho', 'reception', '+44 20 7946 0131', 'ines.carvalho@clinic.example', 'Desk', 38, true, 'Speaks Portuguese, Spanish', '2026-01-05T08:10:00Z'),
  ('00000002-0000-4000-8000-000000000012', 'Noah Lindqvist', 'reception', '+44 20 7946 0132', 'noah.lindqvist@clinic.example', 'Desk', 25, true, 'Mornings', '2026-01-05T08:11:00Z'),
  ('00000002-0000-4000-8000-000000000013', 'Chiara Romano', 'reception', '+44 20 7946 0133', 'chiara.romano@clinic.example', 'Desk', 15, false, 'Afternoons', '2026-01-05T08:12:00Z'),
  ('00000002-0000-4000-8000-000000000014', 'Elena Marchetti', 'manager', '+44 20 7946 0141', 'elena.marchetti@clinic.example', 'Office', 40, true, '', '2026-01-05T08:13:00Z');

insert into patients (id, full_name, born_on, phone, email, allergies) values
  ('00000003-0000-4000-8000-000000000001', 'Ana Silva', '1982-03-13', '+44 7700 900100', null, '{}'),
  ('00000003-0000-4000-8000-000000000002', 'Ben Carter', '1947-02-27', '+44 7700 900107', 'patient2@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000003', 'Chloé Dubois', '2009-02-12', '+44 7700 900114', 'patient3@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000004', 'David Okafor', '2015-01-17', '+44 7700 900121', 'patient4@mail.example', '{penicillin}'),
  ('00000003-0000-4000-8000-000000000005', 'Emma Johansson', '1968-01-03', '+44 7700 900128', null, '{}'),
  ('00000003-0000-4000-8000-000000000006', 'Farid Haddad', '1996-07-03', '+44 7700 900135', 'patient6@mail.example', '{latex}'),
  ('00000003-0000-4000-8000-000000000007', 'Grace Kim', '1971-02-18', '+44 7700 900142', 'patient7@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000008', 'Hugo Fernández', '1995-01-27', '+44 7700 900149', 'patient8@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000009', 'Isla MacLeod', '2013-02-08', '+44 7700 900156', null, '{lidocaine,latex}'),
  ('00000003-0000-4000-8000-000000000010', 'Jonas Fischer', '2015-01-19', '+44 7700 900163', 'patient10@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000011', 'Katarzyna Nowak', '2015-07-02', '+44 7700 900170', 'patient11@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000012', 'Liam Byrne', '1969-01-18', '+44 7700 900177', 'patient12@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000013', 'Maria Papadopoulou', '1958-05-14', '+44 7700 900184', null, '{penicillin}'),
  ('00000003-0000-4000-8000-000000000014', 'Nikolai Petrov', '1959-09-04', '+44 7700 900191', 'patient14@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000015', 'Olivia Bennett', '2014-05-18', '+44 7700 900198', 'patient15@mail.example', '{latex}'),
  ('00000003-0000-4000-8000-000000000016', 'Pedro Gómez', '1964-02-19', '+44 7700 900205', 'patient16@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000017', 'Quentin Laurent', '2014-11-07', '+44 7700 900212', null, '{}'),
  ('00000003-0000-4000-8000-000000000018', 'Rosa Bianchi', '1988-02-18', '+44 7700 900219', 'patient18@mail.example', '{lidocaine,latex}'),
  ('00000003-0000-4000-8000-000000000019', 'Samuel Mensah', '1949-10-02', '+44 7700 900226', 'patient19@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000020', 'Tara Singh', '1967-08-22', '+44 7700 900233', 'patient20@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000021', 'Umar Farouk', '2009-07-25', '+44 7700 900240', null, '{}'),
  ('00000003-0000-4000-8000-000000000022', 'Vera Horváth', '1981-08-19', '+44 7700 900247', 'patient22@mail.example', '{penicillin}'),
  ('00000003-0000-4000-8000-000000000023', 'William Hughes', '1999-06-10', '+44 7700 900254', 'patient23@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000024', 'Xinyi Chen', '1972-03-23', '+44 7700 900261', 'patient24@mail.example', '{latex}'),
  ('00000003-0000-4000-8000-000000000025', 'Yusuf Demir', '1972-02-19', '+44 7700 900268', null, '{}'),
  ('00000003-0000-4000-8000-000000000026', 'Zoë van Dijk', '1979-09-16', '+44 7700 900275', 'patient26@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000027', 'Aoife Kelly', '1984-12-15', '+44 7700 900282', 'patient27@mail.example', '{lidocaine,latex}'),
  ('00000003-0000-4000-8000-000000000028', 'Bruno Costa', '1977-10-03', '+44 7700 900289', 'patient28@mail.example', '{}'),
  ('00000003-0000-4000-8000-000000000029', 'Clara Nielsen', '1956-09-14', '+44 7700 900296', null, '{}'),
  ('00000003-0000-4000-8000-000000000030', 'Dmitri Ivanov', '1962-06-05', '+44 7700 900303', 'patient30@mail.example', '{}');

update patients set user_id = '00000001-0000-4000-8000-000000000007' where full_name = 'Ana Silva';

insert into clinic_services (name, minutes, price) values
  ('Check-up', 20, 48.00),
  ('Cleaning', 40, 72.50),
  ('Filling, one surface', 30, 95.00),
  ('Filling, two surfaces', 45, 130.00),
  ('Root canal', 90, 420.00),
  ('Crown', 60, 690.00),
  ('Extraction', 30, 110.00),
  ('X-ray', 10, 25.00),
  ('Whitening', 60, 240.00),
  ('Emergency visit', 30, 85.00);

insert into appointments (id, patient_id, dentist_id, service_id, starts_at, ends_at, status) values
  ('00000004-0000-4000-8000-000000000001', '00000003-0000-4000-8000-000000000006', '00000001-0000-4000-8000-000000000003', 2, '2026-12-14T09:00:00Z', '2026-12-14T09:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000002', '00000003-0000-4000-8000-000000000011', '00000001-0000-4000-8000-000000000004', 3, '2026-12-14T10:00:00Z', '2026-12-14T10:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000003', '00000003-0000-4000-8000-000000000016', '00000001-0000-4000-8000-000000000002', 4, '2026-12-14T11:00:00Z', '2026-12-14T11:30:00Z', 'booked'),
  ('00000004-0000-4000-8000-000000000004', '00000003-0000-4000-8000-000000000021', '00000001-0000-4000-8000-000000000003', 5, '2026-12-14T14:00:00Z', '2026-12-14T14:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000005', '00000003-0000-4000-8000-000000000026', '00000001-0000-4000-8000-000000000004', 6, '2026-12-15T09:00:00Z', '2026-12-15T09:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000006', '00000003-0000-4000-8000-000000000001', '00000001-0000-4000-8000-000000000002', 7, '2026-12-15T10:00:00Z', '2026-12-15T10:30:00Z', 'booked'),
  ('00000004-0000-4000-8000-000000000007', '00000003-0000-4000-8000-000000000006', '00000001-0000-4000-8000-000000000003', 8, '2026-12-15T11:00:00Z', '2026-12-15T11:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000008', '00000003-0000-4000-8000-000000000011', '00000001-0000-4000-8000-000000000004', 9, '2026-12-15T14:00:00Z', '2026-12-15T14:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000009', '00000003-0000-4000-8000-000000000016', '00000001-0000-4000-8000-000000000002', 10, '2026-12-16T09:00:00Z', '2026-12-16T09:30:00Z', 'booked'),
  ('00000004-0000-4000-8000-000000000010', '00000003-0000-4000-8000-000000000021', '00000001-0000-4000-8000-000000000003', 1, '2026-12-16T10:00:00Z', '2026-12-16T10:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000011', '00000003-0000-4000-8000-000000000026', '00000001-0000-4000-8000-000000000004', 2, '2026-12-16T11:00:00Z', '2026-12-16T11:30:00Z', 'confirmed'),
  ('00000004-0000-4000-8000-000000000012', '00000003-0000-4000-8000-000000000001', '00000001-0000-4000-8000-000000000002', 3, '2026-12-16T14:00:00Z', '2026-12-16T14:30:00Z', 'booked');

insert into medical_records (patient_id, tooth, diagnosis, treatment) values
  ('00000003-0000-4000-8000-000000000004', 26, 'Caries', 'Filling, one surface'),
  ('00000003-0000-4000-8000-000000000009', 36, 'Pulpitis', 'Root canal'),
  ('00000003-0000-4000-8000-000000000013', null, 'Gingivitis', 'Cleaning'),
  ('00000003-0000-4000-8000-000000000020', 11, 'Chipped edge', null);

insert into patient_history (patient_id, entry, happened_on) values
  ('00000003-0000-4000-8000-000000000004', 'First visit', '2024-03-11'),
  ('00000003-0000-4000-8000-000000000004', 'Filling on 26', '2026-02-19'),
  ('00000003-0000-4000-8000-000000000009', 'Root canal on 36, first of two visits', '2026-06-30'),
  ('00000003-0000-4000-8000-000000000013', 'Yearly check-up', '2026-05-04');

insert into patient_queue (id, patient_id, position, status, reason) values
  ('00000005-0000-4000-8000-000000000001', '00000003-0000-4000-8000-000000000005', 1, 'in_room', 'Check-up'),
  ('00000005-0000-4000-8000-000000000002', '00000003-0000-4000-8000-000000000012', 2, 'called', 'Cleaning'),
  ('00000005-0000-4000-8000-000000000003', '00000003-0000-4000-8000-000000000001', 3, 'waiting', 'Toothache'),
  ('00000005-0000-4000-8000-000000000004', '00000003-0000-4000-8000-000000000017', 4, 'waiting', 'Check-up'),
  ('00000005-0000-4000-8000-000000000005', '00000003-0000-4000-8000-000000000024', 5, 'waiting', 'Crown fitting'),
  ('00000005-0000-4000-8000-000000000006', '00000003-0000-4000-8000-000000000008', 6, 'waiting', 'Filling'),
  ('00000005-0000-4000-8000-000000000007', '00000003-0000-4000-8000-000000000020', 7, 'waiting', 'Chipped tooth'),
  ('00000005-0000-4000-8000-000000000008', '00000003-0000-4000-8000-000000000029', 8, 'waiting', 'Children''s check-up');

insert into active_patient_queue (room, queue_id) values
  ('1', '00000005-0000-4000-8000-000000000001');

insert into patient_bills (id, patient_id, number, status, total, issued_on) values
  ('00000006-0000-4000-8000-000000000001', '00000003-0000-4000-8000-000000000004', 1001, 'paid', 120.00, '2026-02-19'),
  ('00000006-0000-4000-8000-000000000002', '00000003-0000-4000-8000-000000000009', 1002, 'open', 445.00, '2026-06-30'),
  ('00000006-0000-4000-8000-000000000003', '00000003-0000-4000-8000-000000000013', 1003, 'open', 72.50, '2026-05-04');

insert into bill_items (bill_id, service_id, description, quantity, unit_price) values
  ('00000006-0000-4000-8000-000000000001', 3, 'Filling, one surface', 1, 95.00),
  ('00000006-0000-4000-8000-000000000001', 8, 'X-ray', 1, 25.00),
  ('00000006-0000-4000-8000-000000000002', 5, 'Root canal', 1, 420.00),
  ('00000006-0000-4000-8000-000000000002', 8, 'X-ray', 1, 25.00),
  ('00000006-0000-4000-8000-000000000003', 2, 'Cleaning', 1, 72.50);

insert into payments (bill_id, amount, method) values
  ('00000006-0000-4000-8000-000000000001', 120.00, 'card'),
  ('00000006-0000-4000-8000-000000000002', 200.00, 'transfer');

insert into user_activity_log (user_id, action, details) values
  ('00000001-0000-4000-8000-000000000001', 'signed in', '{"device": "Front desk PC"}'),
  ('00000001-0000-4000-8000-000000000005', 'added patient to queue', '{"patient": "Ana Silva"}');
